# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move messages between an mbox file and a directory of a Maildir, so that a kill loses none.

A message leaves its old place only once the new one is on the disk. Run again after a kill, either
way goes on where it stopped, without a message twice:

- into a Maildir, a message's file is named after its content, which also tells a move back;
- into an mbox, which is built aside, the Maildir notes first which of its files are in it, and its
  inode, by which it is seen later whether it took the old one's place.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.atomic import sync_directory
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.folders import mail_in
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.locks import locked
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.mbox import (
    Message,
    entry,
    messages,
)

NOTE = "labs-mail-moved"
"""File of a Maildir's directory that names the messages that a new mbox holds as well."""

ASIDE = ".labs-mail"
"""End of the name of a new mbox as long as it is built."""

MBOX_MODE = 0o660
"""Mode of a new mbox (Debian Policy 11.6)."""


def read_mbox(file: BinaryIO, path: str) -> Iterator[Message]:
    """Yield the messages of an open mbox."""
    try:
        yield from messages(file)
    except ValueError as error:
        raise ConfigError(str(error), path) from error


def into_maildir(path: str, uid: int, directory: str, keep: bool) -> int:
    """Move all messages of an mbox into a directory of a Maildir; return how many there were.

    :arg keep: whether the mbox stays, empty, as one does that mail may be delivered to.
    """
    with locked(path, uid) as file:
        if file is None:
            return 0
        there = {_key(name) for _kind, name in mail_in(directory)}
        seen: Counter[str] = Counter()
        for number, message in enumerate(read_mbox(file, path)):
            key = _key_of(message, seen)
            if key not in there:
                _deliver(directory, _name(message, number, key), message)
        for kind in ("new", "cur"):
            sync_directory(os.path.join(directory, kind))
        if keep:
            file.truncate(0)
            os.fsync(file.fileno())
        else:
            os.unlink(path)
    return sum(seen.values())


def _key_of(message: Message, seen: Counter[str]) -> str:
    """Return what tells a message, the same at every run; equal ones are counted."""
    digest = hashlib.sha256(b"%d %s %s" % (message.date, message.sender, message.text)).hexdigest()
    seen[digest] += 1
    return f"{digest[:32]}_{seen[digest]}"


def _name(message: Message, number: int, key: str) -> str:
    """Return the name of a message's file; the servers sort by its beginning."""
    return f"{message.date:.0f}.M{number:06}_{key}.labs-mail,S={len(message.text)}"


def _key(name: str) -> str:
    """Return the key in a name that _name() made, empty where it did not."""
    found = re.match(r"\d+\.M\d+_([0-9a-f]+_\d+)\.labs-mail,", name)
    return found[1] if found else ""


def _deliver(directory: str, name: str, message: Message) -> None:
    aside = os.path.join(directory, "tmp", name)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(aside)  # a killed run's
    with open(aside, "xb") as file:
        file.write(message.text)
        file.flush()
        os.fsync(file.fileno())
    # The servers take a file's time for the message's.
    os.utime(aside, (message.date, message.date))
    kind, info = ("new", "") if message.recent else ("cur", f":2,{message.flags}")
    os.rename(aside, os.path.join(directory, kind, name + info))


def into_mbox(directory: str, path: str, uid: int) -> int:
    """Move all messages of a Maildir's directory behind those of an mbox; return how many."""
    with locked(path, uid) as file:
        finish(directory)
        if file:
            _drop_copies(directory, file, path)
        moved = sorted(mail_in(directory), key=lambda item: _when(directory, *item))
        if moved or file is None:
            aside = aside_of(path)
            _build(aside, file, directory, moved)
            _write_note(directory, path, os.stat(aside), moved)
            os.rename(aside, path)
            sync_directory(os.path.dirname(path))
            finish(directory)
    return len(moved)


def aside_of(path: str) -> str:
    """Return where the mbox that is to take the place of one is built."""
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}{ASIDE}")


def _drop_copies(directory: str, file: BinaryIO, path: str) -> None:
    """Remove the messages that a killed move into the Maildir has left in the mbox as well."""
    ours = {key: (kind, name) for kind, name in mail_in(directory) if (key := _key(name))}
    if ours:
        seen: Counter[str] = Counter()
        keys = [_key_of(message, seen) for message in read_mbox(file, path)]
        for kind, name in filter(None, map(ours.get, keys)):
            os.unlink(os.path.join(directory, kind, name))
        file.seek(0)


def finish(directory: str) -> None:
    """Remove the messages that an mbox holds as well, if it did take the old one's place."""
    note = os.path.join(directory, NOTE)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{note}.new")
    try:
        with open(note, "rb") as file:
            moved = json.load(file)
    except FileNotFoundError:
        return
    if _is_in_place(moved):
        for kind, name in moved["messages"]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(directory, kind, name))
        for kind in ("new", "cur"):
            sync_directory(os.path.join(directory, kind))
    os.unlink(note)
    sync_directory(directory)


def _is_in_place(moved: dict[str, Any]) -> bool:
    """Tell whether the new mbox took the old one's place; mail may have come to it since."""
    try:
        found = os.lstat(moved["mbox"])
    except FileNotFoundError:
        return False
    return found.st_ino == moved["inode"] and found.st_size >= moved["size"]


def _when(directory: str, kind: str, name: str) -> tuple[float, str]:
    return os.stat(os.path.join(directory, kind, name)).st_mtime, name


def _build(aside: str, old: BinaryIO | None, directory: str, moved: list[tuple[str, str]]) -> None:
    """Write the new mbox: what the old one holds, and the messages."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(aside)  # a killed run's
    with open(aside, "xb") as file:
        os.fchmod(file.fileno(), MBOX_MODE)
        if old:
            found = os.fstat(old.fileno())
            os.fchown(file.fileno(), -1, found.st_gid)
            os.fchmod(file.fileno(), found.st_mode & 0o777)
            shutil.copyfileobj(old, file)
            file.write(_gap(old))
        for kind, name in moved:
            file.write(entry(_read(directory, kind, name)))
        file.flush()
        os.fsync(file.fileno())


def _gap(old: BinaryIO) -> bytes:
    """Return what is missing between the last message of an mbox and one that follows."""
    size = old.seek(0, os.SEEK_END)
    old.seek(max(0, size - 2))
    end = old.read()
    return b"" if not size or end == b"\n\n" else b"\n" if end.endswith(b"\n") else b"\n\n"


def _read(directory: str, kind: str, name: str) -> Message:
    path = os.path.join(directory, kind, name)
    with open(path, "rb") as file:
        text = file.read()
        date = os.fstat(file.fileno()).st_mtime
    sender = re.match(rb"(?i)return-path:[ \t]*<([^>\r\n]*)>", text)
    return Message(
        text=text,
        flags=name.partition(":2,")[2],
        recent=kind == "new",
        date=date,
        sender=sender[1] if sender else b"",
    )


def _write_note(
    directory: str, path: str, made: os.stat_result, moved: list[tuple[str, str]]
) -> None:
    note = {"mbox": path, "inode": made.st_ino, "size": made.st_size, "messages": moved}
    aside = os.path.join(directory, f"{NOTE}.new")
    with open(aside, "w", encoding="utf-8", errors="surrogateescape") as file:
        json.dump(note, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(aside, os.path.join(directory, NOTE))
    sync_directory(directory)
