"""Run a playbook of the collection with the toolchain of this checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.language import tr
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
        # Groups that a run makes, such as reset_begun, are there only where a machine is in them.
        "ANSIBLE_HOST_PATTERN_MISMATCH": "ignore",
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


@dataclass(frozen=True)
class Ran:
    """What came of a run: how it ended, and what the callback wrote of it."""

    code: int
    summary: Mapping[str, Any]

    @property
    def changed(self) -> bool:
        """Whether it changed anything."""
        return self.summary.get("changed", 0) > 0

    @property
    def failed(self) -> list[str]:
        """The machines on which a task failed."""
        return self.summary.get("failed", [])


def run(name: str, limit: Iterable[str] = (), inventory: Path | None = None, **extra: Any) -> Ran:
    """Run ``playbooks/<name>.yml``; return what came of it. Raises PlaybookError where it failed.

    :arg limit: the hosts that take part; all where there are none.
    :arg inventory: another one than the lab's.
    """
    ran = attempt(name, limit, inventory, **extra)
    if ran.code != 0:
        raise PlaybookError(tr("playbooks/{name}.yml failed; the reason stands above.", name=name))
    return ran


def attempt(
    name: str, limit: Iterable[str] = (), inventory: Path | None = None, **extra: Any
) -> Ran:
    """Run a playbook, and return what came of it, whatever it was."""
    command = [str(BIN / "ansible-playbook"), f"playbooks/{name}.yml"]
    if inventory:
        command += ["--inventory", str(inventory)]
    if limit:
        command += ["--limit", ",".join(limit)]
    if extra:
        command += ["--extra-vars", json.dumps(extra)]
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        variables = {**environment(), "LAB_SUMMARY": str(summary)}
        code = subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode
        return Ran(code, json.loads(summary.read_text()) if summary.exists() else {})
