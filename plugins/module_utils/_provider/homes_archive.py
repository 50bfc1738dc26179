# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry the homes of a machine over to the one that takes its place, as a tar archive."""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Mapping
from typing import IO

from ansible_collections.labs.mail.plugins.module_utils._machine.homes import ASIDE, MAIL, RULES

SET_ID = stat.S_ISUID | stat.S_ISGID

SECURITY = "SCHILY.xattr.security."
"""How the header of a file's capabilities begins (star(5))."""


def carried_over(before: IO[bytes], after: IO[bytes], uids: Mapping[str, int]) -> None:
    """Copy an archive whose names begin with ``home/``, without the mail in it.

    Rules of delivery get another name. What belonged to whoever had a home belongs to the account
    of its name. Nothing comes back by which its owner becomes root: no device, and no program with
    the set-user-ID bit or with capabilities (capabilities(7)). Nothing comes back either in place
    of the directory of all homes, or of one of an account: a link would lead them elsewhere.

    :arg uids: the number of each account, which is its group's too.
    """
    had: dict[str, int] = {}
    with (
        tarfile.open(fileobj=before, mode="r|") as source,
        tarfile.open(fileobj=after, mode="w") as target,
    ):
        for member in source:
            parts = member.name.split("/")
            name = parts[1] if len(parts) > 1 else ""
            if not member.isdir() and (len(parts) == 1 or (len(parts) == 2 and name in uids)):
                continue
            if len(parts) == 2:
                had[name] = member.uid
            if (len(parts) > 2 and parts[2] in MAIL) or member.isdev():
                continue
            member.mode &= ~SET_ID
            member.pax_headers = {
                name: value
                for name, value in member.pax_headers.items()
                if not name.startswith(SECURITY)
            }
            if len(parts) == 3 and parts[2] in RULES:
                member.name += ASIDE
            if name in uids and member.uid == had.get(name):
                member.uid = member.gid = uids[name]
            target.addfile(member, source.extractfile(member) if member.isreg() else None)
