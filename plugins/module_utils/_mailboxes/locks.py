# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock an mbox file as Postfix, procmail and the mailbox servers do: by dotlock and by fcntl.

Sources: lockfile_create(3), postconf(5) on mailbox_delivery_lock, Debian Policy 11.6.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from typing import BinaryIO

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

STALE_SECONDS = 300
"""Age from which a dotlock counts for nothing (lockfile_create(3))."""


class ForeignFileError(Exception):
    """What is at a path is no plain file of the account whose mailbox it should be."""


def open_mbox(path: str, uid: int, flags: int = os.O_RDONLY) -> BinaryIO | None:
    """Open an account's mbox, None where there is none; no symbolic link is followed.

    :raises ForeignFileError: it is another account's, or no plain file.
    """
    try:
        handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ForeignFileError(path) from error
    found = os.fstat(handle)
    if found.st_uid != uid or not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise ForeignFileError(path)
    return os.fdopen(handle, "r+b" if flags & os.O_RDWR else "rb")


@contextlib.contextmanager
def locked(path: str, uid: int, timeout: float = 30) -> Iterator[BinaryIO | None]:
    """Hold the locks of an account's mbox, and yield the open file, None where there is none.

    :arg timeout: seconds to wait for whoever holds a lock.
    :raises ConfigError: a lock was not to be had in that time.
    :raises ForeignFileError: as of open_mbox().
    """
    deadline = time.monotonic() + timeout
    dotlock = path + ".lock"
    while not _create(dotlock):
        _wait(deadline, path, timeout, dotlock)
    try:
        file = open_mbox(path, uid, os.O_RDWR)
        with file or contextlib.nullcontext():
            while file and not _lock(file):
                _wait(deadline, path, timeout, path)
            yield file
    finally:
        os.unlink(dotlock)


def _create(dotlock: str) -> bool:
    """Make the dotlock with the number of this process in it; tell whether it is ours."""
    with contextlib.suppress(FileNotFoundError):
        if _is_stale(dotlock):
            os.unlink(dotlock)
    try:
        handle = os.open(dotlock, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return False
    os.write(handle, str(os.getpid()).encode())
    os.close(handle)
    return True


def _is_stale(dotlock: str) -> bool:
    """Tell whether whoever made a dotlock is dead, or has held it for too long."""
    handle = os.open(dotlock, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        holder = file.read(16).strip()
        age = time.time() - os.fstat(handle).st_mtime
    # Programs that do not say who they are write nothing or a 0.
    if holder.isdigit() and int(holder):
        return not os.path.exists(f"/proc/{int(holder)}")
    return age > STALE_SECONDS


def _lock(file: BinaryIO) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _wait(deadline: float, path: str, timeout: float, lock: str) -> None:
    if time.monotonic() > deadline:
        raise ConfigError(
            f"another program has held this mailbox for {timeout:.0f} s",
            path,
            instead=f"find it with `fuser {lock}`, and remove {path}.lock where there is none",
        )
    time.sleep(0.05)
