"""Playbooks know every variable that the launcher gives them."""

from __future__ import annotations

import ast

import yaml

from launcher.settings import ROOT

OPTIONS = ROOT / "playbooks" / "vars" / "options.yml"


def given():
    """The names that are given to playbooks anywhere in the launcher."""
    for path in (ROOT / "launcher").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "playbook.run",
                "playbook.attempt",
            ):
                names = {each.arg for each in node.keywords if each.arg}
                yield from names - {"limit", "inventory"}


def test_playbooks_know_what_the_launcher_gives_them():
    known = yaml.safe_load(OPTIONS.read_text())["playbook_options"]
    names = set(given())
    assert names >= {"exercise", "stage", "proof_students", "report_folder"}
    assert names <= known.keys()
