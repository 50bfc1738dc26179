# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs of who serves: which program listens at which port, and which of mail's daemons run."""

from __future__ import annotations

import re
from collections.abc import Iterable

DAEMONS = frozenset(
    {"clamd", "clamsmtpd", "couriertcpd", "dovecot", "freshclam", "inetd", "spamd", "xinetd"}
)
"""Of these it is told that they run, since they may run and serve nothing."""

LISTENER = re.compile(r'^LISTEN +\d+ +\d+ +(\S+):(\d+) .*?users:\(\("([^"]{1,15})"', re.M)
"""A line of ``ss -Hltnp``, see ss(8); the kernel gives a program's name at most 15 bytes."""

FIRST_OF_ANYBODY = 32768
"""Ports from here on are given to whoever asks for any."""


def signs(listening: str, running: Iterable[str]) -> set[str]:
    """Return who listens where, and which daemons run.

    :arg listening: what ``ss -Hltnp`` prints.
    :arg running: the names of the programs that run.
    """
    found = {f"{program} runs" for program in DAEMONS.intersection(running)}
    for address, port, program in LISTENER.findall(listening):
        if int(port) < FIRST_OF_ANYBODY:
            found.add(f"{program} listens at {port} {_reach(address)}")
    return found


def _reach(address: str) -> str:
    """Return for whom an address is: it differs from machine to machine."""
    bare = address.strip("[]").partition("%")[0]
    if bare in ("*", "0.0.0.0", "::"):
        return "for all"
    return "for the machine" if bare == "::1" or bare.startswith("127.") else "for the network"
