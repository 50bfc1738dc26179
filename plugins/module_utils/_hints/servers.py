# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs of what is served: which ports are open and for whom, and which of mail's daemons run.

Which program holds a port is left out: the kernel tells it of some programs alone, and not of the
same on machines of each engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

DAEMONS = frozenset(
    {"clamd", "clamsmtpd", "couriertcpd", "dovecot", "freshclam", "inetd", "spamd", "xinetd"}
)
"""Of these it is told that they run: one may run and serve nothing."""

LISTENER = re.compile(r"^LISTEN +\d+ +\d+ +(\S+):(\d+) ", re.M)
"""A line of ``ss -Hltn``, see ss(8)."""

FIRST_OF_ANYBODY = 32768
"""Ports from here on are given to whoever asks for any."""


def signs(listening: str, running: Iterable[str]) -> set[str]:
    """Return which ports are open, and which daemons run.

    :arg listening: what ``ss -Hltn`` prints.
    :arg running: the names of the programs that run.
    """
    found = {f"{program} runs" for program in DAEMONS.intersection(running)}
    for address, port in LISTENER.findall(listening):
        if int(port) < FIRST_OF_ANYBODY:
            found.add(f"port {port} is open {_reach(address)}")
    return found


def _reach(address: str) -> str:
    """Return for whom an address is: it differs from machine to machine."""
    bare = address.strip("[]").partition("%")[0]
    if bare in ("*", "0.0.0.0", "::"):
        return "for all"
    return "for the machine" if bare == "::1" or bare.startswith("127.") else "for the network"
