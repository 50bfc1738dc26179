"""Run a playbook of the collection with the toolchain of this checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from launcher.settings import ROOT

BIN = Path(sys.executable).parent


class PlaybookError(Exception):
    """A playbook failed; what it printed says why."""


def environment() -> dict[str, str]:
    """Return the environment of a run: Mitogen for speed, unless ``MITOGEN=0`` says otherwise."""
    variables = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback"),
        "ANSIBLE_STDOUT_CALLBACK": "progress",
    }
    return {**variables, **strategy(variables)}


def strategy(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which Ansible uses Mitogen; none where ``MITOGEN=0`` is given."""
    if variables.get("MITOGEN") == "0":
        return {}
    plugins = next((BIN.parent / "lib").glob("python3*/site-packages/ansible_mitogen/plugins"))
    return {
        "ANSIBLE_STRATEGY_PLUGINS": str(plugins / "strategy"),
        "ANSIBLE_STRATEGY": "mitogen_linear",
        # Plugins for strategies will go from ansible-core some day; Mitogen is a switch only.
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }


def run(name: str, **extra: Any) -> bool:
    """Run ``playbooks/<name>.yml``; return whether it changed anything. Raises PlaybookError."""
    command = [str(BIN / "ansible-playbook"), f"playbooks/{name}.yml"]
    if extra:
        command += ["--extra-vars", json.dumps(extra)]
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        variables = {**environment(), "LAB_SUMMARY": str(summary)}
        if subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode != 0:
            raise PlaybookError(f"playbooks/{name}.yml failed; the reason stands above.")
        return json.loads(summary.read_text())["changed"] > 0
