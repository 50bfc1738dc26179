"""What travels to a machine with each module: its AnsiballZ file, engines and all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench.row import Row

ROOT = Path(__file__).resolve().parents[1]

ASK = """
import sys
from pathlib import Path
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
_AnsibleCollectionFinder([sys.argv[1]], scan_sys_paths=False)._install()
from ansible.executor.module_common import modify_module
from ansible.modules import ping
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

paths = {"ping": ping.__file__}
for path in Path(sys.argv[1], "ansible_collections/labs/mail/plugins/modules").glob("*.py"):
    paths[f"labs.mail.{path.stem}"] = str(path)
for name, path in sorted(paths.items()):
    made = modify_module(
        module_name=name,
        module_path=path,
        module_args={},
        templar=Templar(loader=DataLoader()),
        task_vars={"ansible_python_interpreter": "/usr/bin/python3"},
        module_compression="ZIP_DEFLATED",
        remote_is_local=False,
    )
    print(name.rpartition(".")[2], len(made.b_module_data))
"""
"""Prints the name of each module, and how many bytes Ansible sends for it."""

AT_FIRST = {
    "docker_machines": 1.123,
    "file_set": 1.073,
    "machine_baseline": 1.188,
    "machine_info": 1.171,
    "mail_probe": 1.038,
    "mail_trace_info": 1.3,
    "mailboxes": 1.217,
    "postfix_lint_info": 1.602,
    "postfix_main": 1.213,
    "postfix_map": 1.354,
    "postfix_master": 1.347,
    "source_package": 1.177,
    "systemd_unit": 1.057,
}
"""How many times Ansible's ping each was on 2026-11-26, when all engines stood in one directory.

exercise_check is left out: it has come to follow messages since, for which it carries the trace.
"""

GROWTH = 1.1
"""What each may have grown since."""


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    output = subprocess.run(
        [sys.executable, "-c", ASK, str(ROOT / ".cache")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    sizes = {name: int(size) / 1024 for name, size in map(str.split, output.splitlines())}
    floor = sizes.pop("ping")
    for name, size in sizes.items():
        goal = round(GROWTH * AT_FIRST[name], 2) if name in AT_FIRST else None
        yield Row(name, size, floor, "ansible.builtin.ping", goal, "KiB")
