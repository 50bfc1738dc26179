# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a machine as a tar archive, and an archive as files of a machine."""

from __future__ import annotations

import io
import posixpath
import stat
import tarfile
from typing import IO

from ansible_collections.labs.mail.plugins.module_utils._incus.sftp import (
    Attributes,
    NoFileError,
    Sftp,
)

SPECIAL = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX
LARGEST = 256 << 20
"""Bytes of the largest file that is read: it passes through memory."""


def pack(sftp: Sftp, top: str, target: IO[bytes]) -> None:
    """Write the archive of a directory, whose names begin with the directory's own.

    Sockets, pipes and devices are left out. Raises NoFileError where there is no such directory.
    """
    with tarfile.open(fileobj=target, mode="w") as archive:
        _pack(sftp, top, posixpath.basename(top), sftp.lstat(top), archive)


def _pack(sftp: Sftp, path: str, name: str, known: Attributes, archive: tarfile.TarFile) -> None:
    entry = tarfile.TarInfo(name)
    entry.uid, entry.gid, entry.mtime = known.uid, known.gid, known.mtime
    entry.mode = stat.S_IMODE(known.mode)
    if stat.S_ISDIR(known.mode):
        entry.type = tarfile.DIRTYPE
        archive.addfile(entry)
        for child, about in sftp.list(path):
            _pack(sftp, posixpath.join(path, child), f"{name}/{child}", about, archive)
    elif stat.S_ISLNK(known.mode):
        entry.type, entry.linkname = tarfile.SYMTYPE, sftp.readlink(path)
        archive.addfile(entry)
    elif stat.S_ISREG(known.mode):
        try:
            content = sftp.read(path, LARGEST)
        except NoFileError:  # A machine that runs removes files too.
            return
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))


def unpack(sftp: Sftp, source: IO[bytes], top: str = "/") -> None:
    """Make the files that an archive has, over those that are there."""
    with tarfile.open(fileobj=source, mode="r:") as archive:
        for member in archive:
            path = posixpath.join(top, member.name.lstrip("/"))
            if member.isdir():
                _make_directory(sftp, path)
            elif member.issym():
                _clear(sftp, path)
                sftp.symlink(member.linkname, path)
                continue
            elif member.isreg() or member.islnk():
                _clear(sftp, path)
                file = archive.extractfile(member)
                sftp.write(path, file.read() if file else b"")
            else:
                continue
            sftp.set(path, member.uid, member.gid, member.mode, int(member.mtime))


def _make_directory(sftp: Sftp, path: str) -> None:
    try:
        if sftp.lstat(path).is_directory:
            return
        sftp.remove(path)
    except NoFileError:
        pass
    sftp.mkdir(path)


def _clear(sftp: Sftp, path: str) -> None:
    """Remove what is in a file's place, and a directory with all below it."""
    try:
        known = sftp.lstat(path)
    except NoFileError:
        return
    if known.is_directory:
        for name, _about in sftp.list(path):
            _clear(sftp, posixpath.join(path, name))
        sftp.rmdir(path)
    else:
        sftp.remove(path)


def special_modes(source: IO[bytes], top: str = "/") -> dict[int, list[str]]:
    """Return the paths of an archive that have bits which SFTP leaves out, by their modes."""
    source.seek(0)
    found: dict[int, list[str]] = {}
    with tarfile.open(fileobj=source, mode="r:") as archive:
        for member in archive:
            if member.mode & SPECIAL and (member.isdir() or member.isreg()):
                path = posixpath.join(top, member.name.lstrip("/"))
                found.setdefault(stat.S_IMODE(member.mode), []).append(path)
    return found
