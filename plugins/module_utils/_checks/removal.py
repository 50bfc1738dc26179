# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove the messages of a check from an mbox or a Maildir, by the word that they bear."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._mailboxes.locks import locked
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.mbox import FROM_LINE

WORD = re.compile("[0-9a-f]{16}(?:-[a-z0-9_]*-)?")
"""By what messages may be removed: nobody's but a check's bear it, see new_word()."""

MOST_BYTES = 100_000_000
"""Of a larger mailbox nothing is removed."""

LOCK_SECONDS = 5.0
"""How long to wait for a program that holds a mailbox."""


def remove_from(mailbox: Path, word: str) -> int:
    """Remove the messages that bear a word from an mbox or a Maildir; return how many.

    An mbox is rewritten under its locks, from the first such message on, and stays the same file.

    :raises ConfigError: somebody else holds its lock.
    :raises ForeignFileError: it is no plain file.
    """
    if mailbox.is_dir():
        return remove_from_maildir(mailbox, word)
    if not WORD.fullmatch(word) or not _bears(mailbox, word):
        return 0
    with locked(str(mailbox), os.lstat(mailbox).st_uid, LOCK_SECONDS) as file:
        if file is None:
            return 0
        entries = split_mbox(file.read())
        kept = [entry for entry in entries if word.encode() not in entry]
        start = 0
        for entry, left in zip(entries, kept):
            if entry is not left:
                break
            start += len(entry)
        rest = b"".join(kept)[start:]
        file.seek(start)
        file.write(rest)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
        return len(entries) - len(kept)


def remove_from_maildir(maildir: Path, word: str) -> int:
    """Remove the messages that bear a word from a Maildir; return how many."""
    removed = 0
    if not WORD.fullmatch(word):
        return removed
    for folder in ("new", "cur"):
        for file in (maildir / folder).glob("*"):
            if not file.is_symlink() and _bears(file, word):
                file.unlink()
                removed += 1
    return removed


def _bears(file: Path, word: str) -> bool:
    """Tell whether a plain file has a word; one that is too large has none."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    with os.fdopen(handle, "rb") as opened:
        return os.fstat(handle).st_size <= MOST_BYTES and word.encode() in opened.read(MOST_BYTES)


def split_mbox(data: bytes) -> list[bytes]:
    """Return the messages of an mbox as they stand there; put together they are the file."""
    entries: list[list[bytes]] = []
    for line in data.splitlines(keepends=True):
        if not entries or (line.startswith(b"From ") and FROM_LINE.match(line)):
            entries.append([])
        entries[-1].append(line)
    return [b"".join(lines) for lines in entries]
