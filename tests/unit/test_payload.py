"""A module carries only engines that it uses: what edits files, or restarts units, is apart."""

from __future__ import annotations

import ast

import pytest

from ansible_collections.labs.mail.plugins.lookup.engine_files import ENGINES, PACKAGE, needed

EDITING = {"_ansible_io.file_edit", "_files.atomic"}
TABLES = {"_postfix.tables.diff", "_postfix.tables.editor", "_postfix.tables.installer"}

LEFT_AT_HOME = {
    "exercise_check": {"_ansible_io.file_edit"},
    "machine_baseline": EDITING,
    "machine_info": EDITING,
    "mail_probe": EDITING,
    "mail_trace_info": {"_ansible_io.file_edit"},
    "mailboxes": {"_ansible_io.file_edit"},
    "postfix_lint_info": EDITING | TABLES | {"_postfix.main_cf.editor", "_postfix.master_cf.words"},
    "postfix_main": {"_system.restarts", "_postfix.commands"},
    "postfix_map": {"_postfix.parameters"},
    "postfix_master": {"_postfix.main_cf.editor"},
    "source_package": EDITING,
    "systemd_unit": EDITING,
}


def carried(module):
    tree = ast.parse((ENGINES.parent / "modules" / f"{module}.py").read_bytes())
    engines = ()
    for statement in ast.walk(tree):
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(PACKAGE):
            inner = statement.module.removeprefix(PACKAGE).lstrip(".")
            packages = [f"{inner}.{name.name}".lstrip(".") for name in statement.names]
            is_file = (ENGINES / (inner.replace(".", "/") + ".py")).is_file()
            for engine in [inner] if is_file else packages:
                engines = needed(engine, engines)
    return set(engines)


@pytest.mark.parametrize("module", LEFT_AT_HOME)
def test_a_module_carries_no_engine_that_it_does_not_use(module):
    found = carried(module)
    assert "_errors" in found or module in ("mail_probe", "systemd_unit")
    assert not LEFT_AT_HOME[module] & found


def test_what_edits_files_carries_what_it_takes():
    for module in ("file_set", "postfix_main", "postfix_map", "postfix_master"):
        assert carried(module) >= EDITING
