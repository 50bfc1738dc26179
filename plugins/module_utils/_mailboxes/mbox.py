# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of an mbox file, as c-client (uw-imap), Dovecot and procmail write and read it.

Python's own ``mailbox.mbox`` takes every line that begins with ``From `` for the beginning of a
message. The servers want a date in it as well, and so write other such lines as they are; it also
knows nothing of the message in which uw-imap keeps a folder's state.
Sources: mbox(5), c-client's VALID macro, Dovecot's mbox-from.c.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MONTHS = {name.encode(): number for number, name in enumerate(calendar.month_abbr) if name}

FROM_LINE = re.compile(
    rb"From (?P<sender>.*?) *(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +"
    rb"(?P<month>" + b"|".join(MONTHS) + rb") +(?P<day>\d{1,2}) +"
    rb"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
    rb"(?: +[A-Za-z0-9+-]+){0,2} +(?P<year>\d{4})(?: +[+-]\d{4})?(?: remote from \S+)? *\r?\n?$"
)
"""The line before a message: the sender, and when it came in."""

KEPT_BY_SERVERS = (b"status", b"x-status", b"x-keywords", b"x-uid", b"x-imap", b"x-imapbase")
"""Headers in which the servers keep the state of messages and of the folder."""

INTERNAL = b"DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA"
"""Subject of the message, which is none, in which uw-imap keeps a folder's state."""

MBOX_TO_MAILDIR = {"R": "S", "A": "R", "F": "F", "D": "T", "T": "D"}
"""The letters of the headers Status and X-Status, and those of a Maildir's file names."""


@dataclass(frozen=True)
class Message:
    """A message by itself: nothing in ``text`` belongs to the format of a mailbox.

    ``flags`` are a Maildir's letters in their order; ``recent`` is whether no client has seen the
    message listed yet; ``date`` is when it came in, in seconds since the epoch.
    """

    text: bytes
    flags: str = ""
    recent: bool = False
    date: float = 0.0
    sender: bytes = b"MAILER-DAEMON"


def messages(lines: Iterable[bytes]) -> Iterator[Message]:
    """Yield the messages of an mbox, given by its lines.

    :raises ValueError: the first line begins no message, so that this is no mbox.
    """
    beginning, body = None, []
    for line in lines:
        found = FROM_LINE.match(line) if line.startswith(b"From ") else None
        if not found:
            if beginning is None:
                raise ValueError("is no mbox: its first line begins no message")
            body.append(line)
            continue
        if beginning:
            yield from _message(beginning, body)
        beginning, body = found, []
    if beginning:
        yield from _message(beginning, body)


def _message(beginning: re.Match[bytes], lines: list[bytes]) -> Iterator[Message]:
    if lines and not lines[-1].strip(b"\r\n"):
        lines.pop()  # It stands between two messages and belongs to none.
    header, body = split_header(b"".join(lines))
    if INTERNAL in header and re.search(rb"(?mi)^x-imap:", header):
        return
    status = b"".join(re.findall(rb"(?mi)^(?:x-)?status:[ \t]*([A-Za-z]*)", header)).decode()
    yield Message(
        text=without(header, KEPT_BY_SERVERS) + body,
        flags="".join(
            sorted({MBOX_TO_MAILDIR[mark] for mark in status if mark in MBOX_TO_MAILDIR})
        ),
        recent=not status,
        date=_seconds(beginning),
        sender=beginning["sender"] or b"MAILER-DAEMON",
    )


def _seconds(found: re.Match[bytes]) -> float:
    """Return the date of a From_ line, which is in the machine's own time."""
    day, hour, minute = (int(found[name]) for name in ("day", "hour", "minute"))
    second, year = int(found["second"] or 0), int(found["year"])
    try:
        return time.mktime((year, MONTHS[found["month"]], day, hour, minute, second, 0, 0, -1))
    except (OverflowError, ValueError):
        return 0.0


def split_header(text: bytes) -> tuple[bytes, bytes]:
    """Split a message behind the last line of its header; the empty line is the body's first."""
    found = re.search(rb"(?m)^\r?\n", text)
    end = found.start() if found else len(text)
    return text[:end], text[end:]


def without(header: bytes, names: Iterable[bytes]) -> bytes:
    """Return a header without the fields of these names (in lower case)."""
    pattern = rb"(?mi)^(?:" + b"|".join(map(re.escape, names)) + rb")[ \t]*:.*\n?(?:[ \t]+.*\n?)*"
    return re.sub(pattern, b"", header)


def entry(message: Message) -> bytes:
    """Return a message as it stands in an mbox, with its From_ line and the empty line behind it.

    A body's line that begins with ``From `` gets a ``>``, as from procmail and Postfix: of the
    programs that read an mbox, not all look for the date.
    """
    text = message.text.replace(b"\r\n", b"\n")
    header, body = split_header(text if text.endswith(b"\n") else text + b"\n")
    header = without(header, (*KEPT_BY_SERVERS, b"content-length"))
    to_mbox = {letter: mark for mark, letter in MBOX_TO_MAILDIR.items()}
    marks = {to_mbox[letter] for letter in message.flags if letter in to_mbox}
    if not message.recent:
        header += b"Status: %sO\n" % (b"R" if "R" in marks else b"")
    others = "".join(sorted(marks - {"R"}))
    if others:
        header += b"X-Status: %s\n" % others.encode()
    date = time.asctime(time.localtime(message.date)).encode()
    sender = re.sub(rb"\s+", b"", message.sender) or b"MAILER-DAEMON"
    quoted = re.sub(rb"(?m)^From ", b">From ", body)
    return b"From %s %s\n%s%s\n" % (sender, date, header, quoted or b"\n")
