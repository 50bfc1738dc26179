# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The homes of accounts: what is mail in them, and whose they are."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

HOMES = "/home"
MAIL = ("Maildir", "mail", "mbox", "dead.letter")
"""Mail that was delivered or that clients keep in a home."""

RULES = (".forward", ".procmailrc", ".vacation.msg")
"""Files by which an account has its mail delivered elsewhere."""

ASIDE = ".before-reset"


def homes(top: str = HOMES) -> Iterator[str]:
    """Yield the directories of accounts, also of those that are gone."""
    if os.path.isdir(top):
        for name in sorted(os.listdir(top)):
            place = os.path.join(top, name)
            if os.path.isdir(place) and not os.path.islink(place):
                yield place


def clear_mail(top: str = HOMES) -> list[str]:
    """Remove the mail in homes, and put rules of delivery aside; return the paths."""
    done = []
    for home in homes(top):
        for name in MAIL:
            place = os.path.join(home, name)
            if os.path.isdir(place) and not os.path.islink(place):
                shutil.rmtree(place)
                done.append(place)
            elif os.path.lexists(place):
                os.unlink(place)
                done.append(place)
        for name in RULES:
            place = os.path.join(home, name)
            if os.path.lexists(place):
                os.replace(place, place + ASIDE)
                done.append(place)
    return done


def read_uids(given: Mapping[str, Any]) -> dict[str, int]:
    """Return the numbers of accounts as a module was given them. Raises ConfigError."""
    found = {}
    for name, uid in given.items():
        if not str(uid).isdigit() or int(uid) == 0:
            raise ConfigError(
                f"uids: {name} has the number {uid}", instead="write a whole number above 0"
            )
        found[name] = int(uid)
    return found


def give_all(uids: Mapping[str, int], top: str = HOMES) -> list[str]:
    """Give homes that belong to somebody else to the accounts of their names; return them.

    :arg uids: the number of each account, which is its group's too.
    """
    wrong = [
        (home, uids[name])
        for home in homes(top)
        if (name := os.path.basename(home)) in uids and os.lstat(home).st_uid != uids[name]
    ]
    for home, uid in wrong:
        give(home, uid, uid)
    return [home for home, _uid in wrong]


def give(home: str, uid: int, gid: int) -> None:
    """Give a home to an account: what belonged to its owner, and to no account of others.

    The directory itself comes last, so that what was interrupted goes on the next time.
    """
    before = os.lstat(home).st_uid
    for folder, folders, files in os.walk(home, topdown=False):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for place in (*(os.path.join(folder, name) for name in (*files, *links)), folder):
            with contextlib.suppress(FileNotFoundError):
                if os.lstat(place).st_uid == before:
                    os.chown(place, uid, gid, follow_symlinks=False)
