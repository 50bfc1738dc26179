# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way in which the collection changes a file: whole, or not at all.

A file is written aside under the name and the lock that postconf(1) uses, ``<file>.tmp``, so that
neither it nor a second run of ours loses an edit. Source: Postfix's src/util/edit_file.c.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.reading import read_file
from ansible_collections.labs.mail.plugins.module_utils._files.strange_links import (
    refuse_strange_links,
)

NEW_FILE_MODE = 0o644
"""Mode of a file that did not exist, unless the caller sets another before it appears."""

Decide = Callable[["bytes | None"], "bytes | None"]
"""Takes what the file holds (None: there is none) and returns what it is to hold."""


@contextlib.contextmanager
def locked(path: str, timeout: float = 30) -> Iterator[int]:
    """Hold the lock of a file, and yield the open ``<file>.tmp`` that carries it.

    :arg timeout: seconds to wait for whoever holds the lock.
    :raises ConfigError: the lock was not to be had in that time.
    """
    aside = path + ".tmp"
    deadline = time.monotonic() + timeout
    while (handle := _try_to_lock(path, aside)) is None:
        if time.monotonic() > deadline:
            raise ConfigError(
                f"another program has been changing this file for {timeout:.0f} s and holds "
                f"the lock of {aside}",
                path,
                instead=f"find it with `fuser {aside}`",
            )
        time.sleep(0.02)
    try:
        yield handle
    finally:
        if _is_open_as(handle, aside):
            os.unlink(aside)
        os.close(handle)


def _try_to_lock(path: str, aside: str) -> int | None:
    """Open the file aside and take its lock; return None where that has to be tried again."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(aside, flags | os.O_CREAT, 0o600)
    except FileNotFoundError:
        directory = os.path.dirname(path)
        raise ConfigError(
            f"the directory {directory} does not exist", path, instead="create it first"
        ) from None
    locked = False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever held the lock may have renamed or removed the file meanwhile.
        if _is_open_as(handle, aside):
            locked = _is_ours(handle)
            if not locked:
                # Somebody else's would stay open in his hands, and take what is written.
                os.unlink(aside)
    except BlockingIOError:
        pass
    finally:
        if not locked:
            os.close(handle)
    return handle if locked else None


def _is_ours(handle: int) -> bool:
    """Tell whether nobody else made an open file, or has it by another name."""
    found = os.fstat(handle)
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1


def _is_open_as(handle: int, path: str) -> bool:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), found)


def edit(
    path: str,
    decide: Decide,
    before_replace: Callable[[str], None] = lambda aside: None,
    mode: int | None = None,
) -> tuple[bytes | None, bytes | None]:
    """Change a file, keeping its mode, owner, extended attributes and the symlink that leads to it.

    :arg decide: is called with the lock held, and may raise to leave all as it is.
    :arg before_replace: is called with the path of the new file just before it takes the old
        one's place: the moment for a backup, and for another owner.
    :arg mode: another mode, which the new file has before anything stands in it for all to read.
    :returns: what the file held and what it holds now. Where both are equal, nothing was touched.
    """
    refuse_strange_links(path)
    real = os.path.realpath(path)
    # Where a symlink leads to the directory only, both names are one file, and have one lock.
    given = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    with contextlib.ExitStack() as stack:
        # postconf locks the name that it is given, even where that is a symlink.
        handles = [stack.enter_context(locked(name)) for name in dict.fromkeys([given, real])]
        before = read_file(real)
        after = decide(before)
        if after == before:
            return before, after
        if after is None:
            before_replace(real)
            os.unlink(real)
            return before, after
        write(handles[-1], real, after, mode)
        before_replace(real + ".tmp")
        _replace(real, after)
    return before, after


def write(handle: int, real: str, data: bytes, mode: int | None) -> None:
    """Fill the open new file, with the mode, owner and attributes of the one it will replace."""
    os.fchmod(handle, 0o600)  # A killed run may have left one that all can read.
    os.ftruncate(handle, 0)
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
    try:
        old = os.stat(real)
    except FileNotFoundError:
        os.fchmod(handle, NEW_FILE_MODE if mode is None else mode)
    else:
        if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(handle, old.st_uid, old.st_gid)
        os.fchmod(handle, stat.S_IMODE(old.st_mode) if mode is None else mode)
        copy_extended_attributes(real, handle)
    os.fsync(handle)


def copy_extended_attributes(source: str, target: int) -> None:
    """Copy the SELinux context and the ACLs, where the file system has any."""
    with contextlib.suppress(OSError):
        for name in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))


def _replace(real: str, data: bytes) -> None:
    try:
        os.rename(real + ".tmp", real)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        # A mount point, as container engines make of /etc/hosts, can only be written in place.
        with open(real, "r+b") as file:
            file.write(data)
            file.truncate()
            os.fsync(file.fileno())
    else:
        sync_directory(os.path.dirname(real))


def sync_directory(path: str) -> None:
    """Have the names in a directory written to the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)
