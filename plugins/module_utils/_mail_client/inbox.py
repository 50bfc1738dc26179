# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that have arrived: in a mailbox, in a file or a folder, or by POP3 or IMAP."""

from __future__ import annotations

import email
import email.policy
import imaplib
import mailbox
import poplib
import pwd
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Lab,
    Seen,
    last_words,
)

CONNECT_SECONDS = 10
PORTS = {"pop3": 110, "imap": 143}


def arrived(lab: Lab, given: dict[str, Any]) -> Seen:
    """Look once for the check's message; the step's attributes say where, and how it must be."""
    try:
        texts = list(_texts(lab, given))
    except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto) as error:
        return Seen(False, last_words(f"{type(error).__name__}: {error}"))
    return judge(lab.word, texts, given)


def judge(word: str, texts: list[bytes], given: dict[str, Any]) -> Seen:
    """Compare the messages that bear the word with how many there must be, and how they must be."""
    found = [text for text in texts if word.encode() in text]
    wanted = given.get("copies", 1)
    if len(found) != wanted:
        return Seen(False, f"{len(found)} ({len(texts)})")
    for text in found:
        wrong = _wrong(text, given)
        if wrong:
            return Seen(False, wrong)
    return Seen(True, f"{len(found)} ({len(texts)})")


def _wrong(text: bytes, given: dict[str, Any]) -> str:
    """Return what is not as wanted in a message, empty where all is."""
    parsed = email.message_from_bytes(text, policy=email.policy.default)
    for name, pattern in (given.get("header") or {}).items():
        values = [" ".join(str(value).split()) for value in parsed.get_all(name, [])]
        if not (any(re.search(pattern, value) for value in values) if pattern else not values):
            return f"{name}: {' | '.join(values) or '-'}"
    if not re.search(given.get("body", ""), text.decode("utf-8", "replace"), re.S):
        return last_words(_body(parsed))
    return ""


def _body(parsed: EmailMessage) -> str:
    part = parsed.get_body(("plain", "html"))
    return str(part.get_content()) if part else ""


def _texts(lab: Lab, given: dict[str, Any]) -> Iterator[bytes]:
    if "path" in given:
        yield from messages_at(Path(given["path"]))
    elif "protocol" in given:
        fetch = {"pop3": _by_pop3, "imap": _by_imap}[given["protocol"]]
        port = given.get("port", PORTS[given["protocol"]])
        yield from fetch(port, given["account"], lab.password)
    else:
        yield from _of_account(given["account"])


def _of_account(name: str) -> Iterator[bytes]:
    """Yield an account's messages: in its mbox, and in the Maildir at its home."""
    try:
        home = Path(pwd.getpwnam(name).pw_dir)
    except KeyError:
        raise CouldNotCheckError(f"no account {name}") from None
    for path in (Path("/var/mail") / name, home / "Maildir"):
        yield from messages_at(path)


def messages_at(path: Path) -> Iterator[bytes]:
    """Yield the messages of an mbox file or a Maildir; none where nothing is."""
    if path.is_dir():
        for folder in ("new", "cur"):
            for file in sorted((path / folder).glob("*")):
                yield file.read_bytes()
    elif path.exists():
        box = mailbox.mbox(path, create=False)
        try:
            for key in box.iterkeys():
                yield box.get_bytes(key)
        finally:
            box.close()


def _by_pop3(port: int, user: str, password: str) -> Iterator[bytes]:
    """Yield a mailbox's messages (RFC 1939)."""
    server = poplib.POP3("127.0.0.1", port, timeout=CONNECT_SECONDS)
    try:
        server.user(user)
        server.pass_(password)
        for number in range(server.stat()[0], 0, -1):
            yield b"\n".join(server.retr(number)[1])
    finally:
        server.close()


def _by_imap(port: int, user: str, password: str) -> Iterator[bytes]:
    """Yield a mailbox's messages (RFC 9051), which stay unseen."""
    with imaplib.IMAP4("127.0.0.1", port, timeout=CONNECT_SECONDS) as server:
        server.login(user, password)
        server.select(readonly=True)
        numbers = server.search(None, "ALL")[1][0].split()
        for number in reversed(numbers):
            data = server.fetch(number, "(BODY.PEEK[])")[1]
            if data and isinstance(data[0], tuple):
                yield data[0][1]
