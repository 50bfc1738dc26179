# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mail folders are called on the disk: in a tree of mbox files, and in a Maildir.

A folder is a tuple of names, from the outermost on; the inbox is the empty one. uw-imap and Dovecot
write the names of mbox files in IMAP's modified UTF-7, one file or directory a name (RFC 3501,
5.1.3). In a Maildir, Courier since 5.0 and Dovecot in its UTF-8 mode write ``.Outer.Inner``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator

Folder = tuple  # of str

SERVERS_FILES = ("courier", "dovecot", "maildirfolder", "maildirsize", "subscriptions")
"""What names of files in a Maildir begin with that hold no mail but what a server notes."""


def from_imap(name: str) -> str:
    """Decode modified UTF-7; a name that is none is returned as it is."""

    def decoded(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        digits = found[1].replace(",", "/")
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode(
            "utf-16-be"
        )

    try:
        return re.sub(r"&([A-Za-z0-9+,]*)-", decoded, name)
    except (binascii.Error, UnicodeDecodeError):
        return name


def to_imap(name: str) -> str:
    """Encode a name in modified UTF-7."""

    def encoded(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        digits = base64.b64encode(found[0].encode("utf-16-be", "surrogatepass"))
        return f"&{digits.decode().rstrip('=').replace('/', ',')}-"

    return re.sub(r"&|[^ -~]+", encoded, name)


def in_maildir(folder: Folder) -> str:
    """Return the name of a folder's directory in a Maildir; the inbox is the Maildir itself.

    What the names of a Maildir cannot say (a point, the name INBOX) is said with a ``_``.
    """
    names = [name.replace(".", "_").replace("/", "_") or "_" for name in folder]
    if names and names[0].upper() == "INBOX":
        names[0] += "_"
    return "".join(f".{name}" for name in names)


def of_maildir(directory: str) -> Folder:
    """Return the folder that a directory in a Maildir is."""
    return tuple(name for name in directory.split(".") if name)


def in_mbox_tree(folder: Folder) -> tuple[str, ...]:
    """Return the names of the directories, and of the file in them, that are a folder's."""
    names = [to_imap(name).replace("/", "_") for name in folder]
    return tuple(f"_{name}" if name.startswith(".") else name for name in names)


def of_mbox_tree(names: tuple[str, ...]) -> Folder:
    """Return the folder of a file in a tree of mbox files."""
    return tuple(map(from_imap, names))


def file_candidates(folder: Folder, folders: Collection[Folder]) -> Iterator[tuple[str, ...]]:
    """Yield the places where a folder may stand in a tree of mbox files, the best first.

    What holds folders is a directory there and cannot hold messages: those of ``a``, beside an
    ``a.b``, go to the file ``a/a``.
    """
    has_folders = any(other[: len(folder)] == folder != other for other in folders)
    names = in_mbox_tree(folder)
    best = (*names, names[-1]) if has_folders else names
    yield best
    for number in range(100):
        yield (".".join(best) + "_" * number,)
