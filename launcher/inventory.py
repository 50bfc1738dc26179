"""Write the inventory of a lab in containers, and the keys its machines are born with."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

from launcher.settings import HOSTS, ROOT, Settings

KEYS = ROOT / ".keys"

HEAD = """\
# Made by `make lab`; `make down` removes it. Change the lab with that command's variables.
"""


def hosts(settings: Settings) -> dict[str, Any]:
    """Return the inventory as data."""
    students = {
        f"student{number}": {"machine_address": settings.address(10 + number)}
        for number in range(1, settings.students + 1)
    }
    lab = {
        "name": settings.lab,
        "students": settings.students,
        "debian": settings.debian,
        "subnet": settings.subnet,
    }
    machines = {
        "hosts": {"world": {"machine_address": settings.address(2)}},
        "children": {"students": {"hosts": students}},
    }
    return {"all": {"vars": {"lab": lab}, "children": {"machines": machines}}}


def write(settings: Settings) -> bool:
    """Write the inventory and the keys; return whether the inventory changed."""
    KEYS.mkdir(mode=0o700, exist_ok=True)
    for key in ("user_key", "host_key"):
        _make_key(KEYS / key)
    public = (KEYS / "host_key.pub").read_text().split()[:2]
    # One host key serves every machine of the lab: a machine made anew is no stranger to ssh.
    (KEYS / "known_hosts").write_text(f"* {' '.join(public)}\n")
    text = HEAD + yaml.safe_dump(hosts(settings), sort_keys=False)
    if HOSTS.exists() and HOSTS.read_text() == text:
        return False
    unfinished = HOSTS.with_suffix(".new")
    unfinished.write_text(text)
    unfinished.replace(HOSTS)
    return True


def remove() -> None:
    """Remove what `write` wrote."""
    HOSTS.unlink(missing_ok=True)
    if KEYS.exists():
        for path in KEYS.iterdir():
            path.unlink()
        KEYS.rmdir()


def _make_key(path: Path) -> None:
    if not path.exists():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "labs.mail", "-f"]
        subprocess.run([*command, str(path)], check=True)
