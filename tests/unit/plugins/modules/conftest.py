"""Run a module in this process, as Ansible would, and get what it returns."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args

from ansible_collections.labs.mail.plugins.module_utils._system import restart_notes


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a module's main() with arguments; returns its result.

    ``check`` is check mode. The result of a module that failed has ``failed``.
    """
    monkeypatch.setenv("ANSIBLE_REMOTE_TMP", str(tmp_path))
    monkeypatch.setattr(restart_notes, "STATE", tmp_path / "state")

    def run(main, check=False, /, **arguments):
        special = {"_ansible_check_mode": check, "_ansible_diff": True}
        # A module has a process of its own, no controller's, and its warnings are that process's.
        monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
        monkeypatch.setattr(warnings, "_global_warnings", {})
        with patch_module_args({**arguments, **special}), pytest.raises(SystemExit):
            main()
        result = json.loads(capsys.readouterr().out)
        result["warnings"] = [_text(warning) for warning in result.get("warnings", [])]
        return result

    return run


def _text(warning):
    return warning if isinstance(warning, str) else warning["event"]["msg"]
