# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a delivery agent from a file or a program that it would deliver to.

An agent that verifies an address says where it would deliver, and does not try whether it can.
Source: mailbox.c, file.c and maildir.c of local and virtual, exec_command.c, set_eugid.c.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass

WRITE, SEARCH = 2, 1

WITHOUT_SHELL = re.compile(r"[\w!@%\-=+:,./ \t]*", re.ASCII)
"""A command of these characters alone is run without a shell, which would say what it misses."""


@dataclass(frozen=True)
class Rights:
    """With which rights an agent writes: it gives up all groups but one."""

    uid: int
    gid: int


def missing_program(command: str) -> str:
    """Return the path of a command's program that is not there or no program; "" where it is."""
    words = command.split()
    if not words or not WITHOUT_SHELL.fullmatch(command) or not words[0].startswith("/"):
        return ""
    try:
        found = os.stat(words[0])
    except OSError:
        return words[0]
    runs = stat.S_ISREG(found.st_mode) and found.st_mode & 0o111
    return "" if runs else words[0]


def not_written(path: str, rights: Rights, dot_lock: bool = False, most_bytes: int = 0) -> str:
    """Return why an agent cannot write to an mbox or a file; "" where nothing says so.

    :arg dot_lock: whether it makes a file beside it, as a lock.
    :arg most_bytes: the size up to which it may grow; 0 is none.
    """
    folder = os.path.dirname(path)
    try:
        found = os.stat(path)
    except OSError:
        return "" if _allows(folder, rights) else f"{path} cannot be created"
    if stat.S_ISDIR(found.st_mode):
        return f"{path} is a directory"
    if not _may(found, rights, WRITE) or not _reaches(path, rights):
        return f"{path} cannot be written"
    if dot_lock and stat.S_ISREG(found.st_mode) and not _allows(folder, rights):
        return f"{path}.lock cannot be created"
    if most_bytes and stat.S_ISREG(found.st_mode) and found.st_size > most_bytes:
        return f"{path} is full"
    return ""


def not_in_maildir(path: str, rights: Rights) -> str:
    """Return why an agent cannot deliver to a Maildir; "" where nothing says so."""
    for name in ("tmp", "new"):
        folder = os.path.join(path.rstrip("/"), name)
        while not os.path.exists(folder) and folder != os.path.dirname(folder):
            folder = os.path.dirname(folder)
        if not _allows(folder, rights):
            return f"{folder} does not let it in"
    return ""


def _allows(folder: str, rights: Rights) -> bool:
    """Tell whether something may be created in a directory."""
    try:
        found = os.stat(folder)
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and _may(found, rights, WRITE)
        and _may(found, rights, SEARCH)
        and _reaches(folder, rights)
    )


def _reaches(path: str, rights: Rights) -> bool:
    """Tell whether all directories above may be searched."""
    return all(_may(os.stat(each), rights, SEARCH) for each in _above(os.path.realpath(path)))


def _above(path: str) -> Iterator[str]:
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        yield path


def _may(found: os.stat_result, rights: Rights, right: int) -> bool:
    if not rights.uid:
        return True
    if found.st_uid == rights.uid:
        return bool(found.st_mode & right << 6)
    if found.st_gid == rights.gid:
        return bool(found.st_mode & right << 3)
    return bool(found.st_mode & right)
