# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine's file system holds, as far as that makes the machine what it is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

FOLDER = "/var/lib/labs.mail"
"""Where the lab keeps what it knows of a machine."""

LEFT_ALONE = frozenset(
    {
        "/boot",
        "/dev",
        "/home",
        "/lost+found",
        "/media",
        "/mnt",
        "/proc",
        "/run",
        "/snap",
        "/sys",
        "/tmp",
        "/root/.ansible",
        # Modules and firmware belong to the kernels in /boot.
        "/usr/lib/firmware",
        "/usr/lib/modules",
        "/var/backups",
        "/var/cache",
        "/var/lib/apt/lists",
        "/var/lib/apt/periodic",
        "/var/lib/chrony",
        "/var/lib/cloud",
        "/var/lib/dhcp",
        "/var/lib/docker",
        "/var/lib/dpkg/lock",
        "/var/lib/dpkg/lock-frontend",
        "/var/lib/dpkg/triggers/Lock",
        "/var/lib/fwupd",
        "/var/lib/logrotate",
        "/var/lib/man-db",
        "/var/lib/NetworkManager",
        "/var/lib/ntpsec",
        "/var/lib/private",
        "/var/lib/snapd",
        "/var/lib/systemd/coredump",
        "/var/lib/systemd/linger",
        "/var/lib/systemd/random-seed",
        "/var/lib/systemd/timers",
        "/var/lib/systemd/timesync",
        "/var/lib/ubuntu-advantage",
        "/var/lib/update-notifier",
        "/var/log/journal",
        "/var/snap",
        "/var/tmp",
        FOLDER,
    }
)
"""What changes by itself or belongs to the computer: of these, what they hold is not looked at."""

NEVER_SAME = frozenset({"/etc/.pwd.lock", "/etc/ld.so.cache", "/etc/mtab"})
"""Files that programs write from what else is there: only whether they are there counts."""

MORE_ROOTS = ("/run/systemd/system",)
"""What is looked at although it is inside of what is left alone: units until the next boot."""

KEPT = ("/root",)
"""Where files that are new stay: the administrator's home."""


@dataclass(frozen=True)
class Entry:
    """A file, directory, link or other object.

    ``kind`` is f, d, l or o, ``mode`` the permission bits, ``stamp`` what changes whenever its
    content may have (size, mtime, ctime and inode), ``target`` that of a symbolic link.
    """

    kind: str
    mode: int
    uid: int
    gid: int
    stamp: tuple[int, ...] = ()
    target: str = ""


def entry(path: str, found: os.stat_result) -> Entry:
    """Return the entry of a path, of which stat(2) says what it is."""
    kind, target = "o", ""
    stamp: tuple[int, ...] = ()
    if stat.S_ISLNK(found.st_mode):
        kind, target = "l", os.readlink(path)
    elif stat.S_ISDIR(found.st_mode):
        kind = "d"
    elif stat.S_ISREG(found.st_mode):
        kind = "f"
        stamp = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    return Entry(kind, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, stamp, target)


def tree(root: str = "/") -> dict[str, Entry]:
    """Return all entries of a machine by their paths; those of directories before what is in them.

    :arg root: where the machine's file system is.
    """
    found: dict[str, Entry] = {}
    for top in ("/", *MORE_ROOTS):
        _walk(root.rstrip("/"), top, found)
    return found


def _walk(root: str, top: str, found: dict[str, Entry]) -> None:
    if not os.path.isdir(root + top):
        return
    found[top] = entry(root + top, os.lstat(root + top))
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        for path, at in _inside(root, folder):
            try:
                found[path] = entry(at.path, at.stat(follow_symlinks=False))
            except FileNotFoundError:  # It has gone meanwhile.
                continue
            if found[path].kind == "d" and path not in LEFT_ALONE:
                waiting.append(path)


def _inside(root: str, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(root + folder) as listing:
        for at in sorted(listing, key=lambda each: each.name):
            if at.name != "__pycache__":
                yield os.path.join(folder, at.name), at
