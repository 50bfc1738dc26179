# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry the homes of a machine over to the one that takes its place, as a tar archive."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from typing import IO

from ansible_collections.labs.mail.plugins.module_utils._machine.homes import ASIDE, MAIL, RULES


def owners_in(passwd: str) -> dict[str, tuple[int, int]]:
    """Return user and group by the home of each account in the text of a passwd(5)."""
    rows = (line.split(":") for line in passwd.splitlines())
    return {row[5]: (int(row[2]), int(row[3])) for row in rows if len(row) == 7}


def carried_over(
    before: IO[bytes], after: IO[bytes], owners: Mapping[str, tuple[int, int]]
) -> None:
    """Copy an archive whose names begin with ``home/``, without the mail in it.

    Rules of delivery get another name. What belonged to whoever had a home belongs to the account
    that has it now.

    :arg owners: user and group by the home of each account that there is now.
    """
    had: dict[str, int] = {}
    with (
        tarfile.open(fileobj=before, mode="r|") as source,
        tarfile.open(fileobj=after, mode="w") as target,
    ):
        for member in source:
            parts = member.name.split("/")
            home = "/".join(["", *parts[:2]])
            if len(parts) == 2:
                had[home] = member.uid
            if len(parts) > 2 and parts[2] in MAIL:
                continue
            if len(parts) == 3 and parts[2] in RULES:
                member.name += ASIDE
            if home in owners and member.uid == had.get(home):
                member.uid, member.gid = owners[home]
            target.addfile(member, source.extractfile(member) if member.isreg() else None)
