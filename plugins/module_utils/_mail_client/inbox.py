# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes behind a server: read, and searched by subject, by POP3 and IMAP (RFC 1939, 9051)."""

from __future__ import annotations

import contextlib
import imaplib
import poplib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CONNECT_SECONDS,
    decoded,
)

PORTS = {"pop3": 110, "imap": 143}
ERRORS = (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto)
"""What a server that does not answer as it should raises."""

REFUSED = re.compile(r"auth|login|passw|credential", re.I)
FOR_NOW = re.compile(r"temp|unavail|later|in-use|busy|lock|internal", re.I)
"""Words of servers that refuse a login; the codes are of RFC 3206 and RFC 5530."""


@dataclass(frozen=True)
class Inbox:
    """An account's inbox behind a server: ``protocol`` is ``pop3`` or ``imap``."""

    protocol: str
    host: str
    port: int
    user: str
    password: str

    def messages(self) -> Iterator[bytes]:
        """Yield its messages, the newest first; they stay as they are."""
        return {"pop3": _pop3_messages, "imap": _imap_messages}[self.protocol](self)

    def find(self, subject: str, delete: bool = False) -> tuple[int, int]:
        """Return the number of the newest message that bears the subject (0: none) and of all.

        With ``delete`` it is removed.
        """
        return {"pop3": _pop3_find, "imap": _imap_find}[self.protocol](self, subject, delete)


def is_refused_login(error: Exception) -> bool:
    """Tell whether an error is a server's word that name and password are wrong.

    It will say so again. What it cannot do for now is none, such as to lock a mailbox, nor is a
    connection that breaks off, of which imaplib says at which command.
    """
    if isinstance(error, imaplib.IMAP4.abort) or not isinstance(
        error, (imaplib.IMAP4.error, poplib.error_proto)
    ):
        return False
    words = " ".join(decoded(e) if isinstance(e, bytes) else str(e) for e in error.args)
    return bool(REFUSED.search(words)) and not FOR_NOW.search(words)


@contextlib.contextmanager
def _pop3(inbox: Inbox) -> Iterator[poplib.POP3]:
    server = poplib.POP3(inbox.host, inbox.port, timeout=CONNECT_SECONDS)
    try:
        server.user(inbox.user)
        server.pass_(inbox.password)
        yield server
    finally:
        server.close()


def _pop3_messages(inbox: Inbox) -> Iterator[bytes]:
    with _pop3(inbox) as server:
        for number in range(server.stat()[0], 0, -1):
            yield b"\n".join(server.retr(number)[1])


def _pop3_find(inbox: Inbox, subject: str, delete: bool) -> tuple[int, int]:
    with _pop3(inbox) as server:
        total = server.stat()[0]
        for number in range(total, 0, -1):
            if _bears(subject, server.top(number, 0)[1]):
                if delete:
                    server.dele(number)
                server.quit()
                return number, total
        server.quit()
        return 0, total


def _imap_messages(inbox: Inbox) -> Iterator[bytes]:
    with imaplib.IMAP4(inbox.host, inbox.port, timeout=CONNECT_SECONDS) as server:
        server.login(inbox.user, inbox.password)
        server.select(readonly=True)
        for number in reversed(_answer(server.search(None, "ALL")).decode().split()):
            data = server.fetch(number, "(BODY.PEEK[])")[1]
            if data and isinstance(data[0], tuple):
                yield data[0][1]


def _imap_find(inbox: Inbox, subject: str, delete: bool) -> tuple[int, int]:
    with imaplib.IMAP4(inbox.host, inbox.port, timeout=CONNECT_SECONDS) as server:
        server.login(inbox.user, inbox.password)
        total = int(_answer(server.select(readonly=not delete)))
        # Those in whose subject it stands, which are not all that bear it.
        numbers = _answer(server.search(None, "SUBJECT", f'"{subject}"')).decode().split()
        for number in reversed(numbers):
            _status, data = server.fetch(number, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            if isinstance(data[0], tuple) and _bears(subject, data[0][1].splitlines()):
                if delete:
                    server.store(number, "+FLAGS", r"(\Deleted)")
                    server.expunge()
                return int(number), total
        return 0, total


def _bears(subject: str, header: list[bytes]) -> bool:
    """Tell whether a message whose header has these lines bears the subject."""
    return f"subject: {subject}".lower().encode() in (line.lower() for line in header)


def _answer(reply: tuple[str, list[bytes | None]]) -> bytes:
    """Return what an IMAP server answered; raises imaplib.IMAP4.error where it refused."""
    status, data = reply
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {decoded(data[0] or b'')}")
    return data[0] or b""
