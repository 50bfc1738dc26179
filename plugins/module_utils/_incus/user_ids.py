# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which user IDs of the host a machine's own are, where the engine has to be told.

LXD 5.0 gives isolated machines those from 65536 on, whatever root may use by subuid(5), and
newuidmap(1) then refuses to start them. Incus chooses among root's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SUBUID = Path("/etc/subuid")
PER_MACHINE = 1 << 16


def of_root(text: str) -> range:
    """Return the first range of user IDs that subuid(5) gives root, an empty one for none."""
    for line in text.splitlines():
        user, _colon, numbers = line.strip().partition(":")
        first, _colon, count = numbers.partition(":")
        if user in ("root", "0") and first.isdigit() and count.isdigit():
            return range(int(first), int(first) + int(count))
    return range(0)


def free(known: range, taken: Iterable[int]) -> int | None:
    """Return the first user ID of a machine that shares none with others; None where all are taken.

    The first 65,536 are those of machines that are not isolated.

    :arg known: root's user IDs.
    :arg taken: the first user IDs of the isolated machines that there are.
    """
    used = set(taken)
    for first in known[PER_MACHINE::PER_MACHINE]:
        if first + PER_MACHINE <= known.stop and first not in used:
            return first
    return None
