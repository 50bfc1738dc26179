# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speak SMTP, POP3 and IMAP with a mail server as a user's program does, and say what was seen."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import time
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Callable

CONNECT_SECONDS = 10
PAUSE_SECONDS = 0.2
"""Between two looks at a mailbox that the message has not reached yet."""


@dataclass(frozen=True)
class Seen:
    """The outcome of a dialogue: whether it went as wanted, what was seen last, and seconds."""

    ok: bool
    text: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Mailbox:
    """An account's mailbox behind a server: ``protocol`` is ``pop3`` or ``imap``."""

    protocol: str
    host: str
    port: int
    user: str
    password: str


def send(host: str, port: int, sender: str, recipient: str, subject: str) -> Seen:
    """Send a short message by SMTP (RFC 5321); what is seen is the server's last reply."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message.set_content(f"{subject}\n")
    started = time.monotonic()
    try:
        with smtplib.SMTP(host, port, "localhost", CONNECT_SECONDS) as server:
            server.helo("localhost")
            for code, reply in (server.mail(sender), server.rcpt(recipient)):
                if code != 250:
                    return Seen(False, f"{code} {_text(reply)}", time.monotonic() - started)
            code, reply = server.data(message.as_bytes())
    except (OSError, smtplib.SMTPException) as error:
        return Seen(False, _reason(error, host, port), time.monotonic() - started)
    return Seen(code == 250, f"{code} {_text(reply)}", time.monotonic() - started)


def smtp_greeting(host: str, port: int) -> Seen:
    """Connect to an SMTP server; what is seen is its greeting."""
    server = smtplib.SMTP(local_hostname="localhost", timeout=CONNECT_SECONDS)
    try:
        code, reply = server.connect(host, port)
        server.quit()
    except (OSError, smtplib.SMTPException) as error:
        return Seen(False, _reason(error, host, port))
    return Seen(code == 220, f"{code} {_text(reply)}")


def wait_for_message(mailbox: Mailbox, subject: str, timeout: float, delete: bool = False) -> Seen:
    """Look into the mailbox until a message bears the subject or ``timeout`` seconds passed.

    With ``delete`` the message that was found is removed from the mailbox.
    """
    find = {"pop3": _find_by_pop3, "imap": _find_by_imap}[mailbox.protocol]
    return _until(lambda: _look(find, mailbox, subject, delete), timeout)


def _until(look: Callable[[], Seen], timeout: float) -> Seen:
    started = time.monotonic()
    while True:
        seen = look()
        passed = time.monotonic() - started
        if seen.ok or passed > timeout:
            return Seen(seen.ok, seen.text, passed)
        time.sleep(PAUSE_SECONDS)


def _look(
    find: Callable[[Mailbox, str, bool], tuple[int, int]],
    mailbox: Mailbox,
    subject: str,
    delete: bool,
) -> Seen:
    try:
        found, total = find(mailbox, subject, delete)
    except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto) as error:
        return Seen(False, _reason(error, mailbox.host, mailbox.port))
    if found:
        return Seen(True, f"message {found} of {total}")
    return Seen(False, f"not among {total} messages")


def _find_by_pop3(mailbox: Mailbox, subject: str, delete: bool) -> tuple[int, int]:
    """Return the number of the message that bears the subject (0: none) and of all (RFC 1939)."""
    server = poplib.POP3(mailbox.host, mailbox.port, timeout=CONNECT_SECONDS)
    try:
        server.user(mailbox.user)
        server.pass_(mailbox.password)
        total = server.stat()[0]
        for number in range(total, 0, -1):
            if _bears(subject, server.top(number, 0)[1]):
                if delete:
                    server.dele(number)
                return number, total
        return 0, total
    finally:
        server.quit()


def _find_by_imap(mailbox: Mailbox, subject: str, delete: bool) -> tuple[int, int]:
    """Return the number of the message that bears the subject (0: none) and of all (RFC 9051)."""
    with imaplib.IMAP4(mailbox.host, mailbox.port, timeout=CONNECT_SECONDS) as server:
        server.login(mailbox.user, mailbox.password)
        total = int(_answer(server.select(readonly=not delete)))
        # Those in whose subject it stands, which are not all that bear it.
        numbers = _answer(server.search(None, "SUBJECT", f'"{subject}"')).decode().split()
        for number in reversed(numbers):
            _status, data = server.fetch(number, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            if data[0] and _bears(subject, data[0][1].splitlines()):
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
        raise imaplib.IMAP4.error(f"{status} {_text(data[0] or b'')}")
    return data[0] or b""


def _text(reply: bytes) -> str:
    return reply.decode("utf-8", "replace").replace("\n", " ")


def _reason(error: Exception, host: str, port: int) -> str:
    """Say in one line why a dialogue broke off."""
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens on {host} port {port}"
    words = [_text(word) if isinstance(word, bytes) else str(word) for word in error.args]
    return f"{type(error).__name__}: {' '.join(words)}".removesuffix(": ")
