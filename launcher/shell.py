"""A shell on a machine, by ssh: a login as on any machine, whatever engine it runs on."""

from __future__ import annotations

import shlex
import subprocess
from argparse import Namespace

from rich.console import Console

from launcher import settings
from launcher.inventory import KEYS, way_in
from launcher.keys import KNOWN_HOSTS, USER_KEY
from launcher.machines import chosen_one


def shell(given: Namespace, _console: Console) -> int:
    """Open a shell as root on a machine, or run a command there; return its exit code."""
    lab = settings.needed()
    if given.machine == "world":
        address = lab.address(2)
    else:
        address = lab.address_of(chosen_one(given.machine, lab.names))
    return subprocess.run(command(address, given.command), check=False).returncode


def command(address: str, words: list[str]) -> list[str]:
    """Return the call of ssh(1): the key of this lab, and the host key that the machine has."""
    options = {
        "IdentitiesOnly": "yes",
        "IdentityFile": str(KEYS / USER_KEY),
        "LogLevel": "ERROR",
        "PreferredAuthentications": "publickey",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": str(KEYS / KNOWN_HOSTS),
    }
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    given += way_in()
    return ["ssh", *given, "-l", "root", "--", address, *([shlex.join(words)] if words else [])]
