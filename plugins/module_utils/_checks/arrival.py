# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that have arrived: which bear a check's word, and whether they are as they must be."""

from __future__ import annotations

import email
import email.policy
import mailbox
import pwd
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.words import Words, as_words, both
from ansible_collections.labs.mail.plugins.module_utils._mail_client.inbox import (
    ERRORS,
    PORTS,
    Inbox,
    is_refused_login,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
    decoded,
    last_words,
)


def arrived(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Look once for the check's message; the step's attributes say where, and how it must be."""
    try:
        texts = list(_texts(context, given))
    except ConnectionRefusedError:
        return Observation(False, both("no server answers", "aucun serveur ne répond"))
    except ERRORS as error:
        words = [decoded(each) if isinstance(each, bytes) else str(each) for each in error.args]
        said = last_words(" ".join(words) or type(error).__name__)
        return Observation(False, said, lasting=is_refused_login(error))
    for text in texts:
        if context.word.encode() in text:
            context.added = added(text)
    return judge(context.word, texts, given)


def added(text: bytes) -> str:
    """Return the lines that servers and filters put into a message's header, as they stand."""
    fields = re.split(
        r"\n(?=[^ \t])", text.replace(b"\r", b"").partition(b"\n\n")[0].decode("latin-1")
    )
    return "".join(f"{each}\n" for each in fields if re.match("(?i)(?:Received|X-[^:]+):", each))


def judge(word: str, texts: list[bytes], given: dict[str, Any]) -> Observation:
    """Compare the messages that bear the word with how many there must be, and how they must be."""
    found = [text for text in texts if word.encode() in text]
    number = len(found)
    if number != given["copies"]:
        if number:
            many = both(f"it is there {number} times", f"il y est {number} fois")
            once = both("it is there", "il y est")
            return Observation(False, once if number == 1 else many)
        return Observation(False, both("it is not there", "il n'y est pas"), missing=True)
    for text in found:
        wrong = _wrong(text, given)
        if wrong:
            return Observation(False, wrong)
    return Observation(True, both("it is there", "il y est") if number else both("none", "aucun"))


def _wrong(text: bytes, given: dict[str, Any]) -> Words | None:
    """Say what is not as wanted in a message, None where all is."""
    parsed = email.message_from_bytes(text, policy=email.policy.default)
    for name, pattern in (given.get("header") or {}).items():
        values = [" ".join(str(value).split()) for value in parsed.get_all(name, [])]
        if any(re.search(pattern, value) for value in values) if pattern else not values:
            continue
        if values:
            return as_words(last_words(f"{name}: {' | '.join(values)}"))
        if any(name in part for part in parsed.walk() if part is not parsed):
            return both(
                f"{name} is in the attached message alone: a filter has wrapped it",
                f"{name} n'est que dans le message joint : un filtre l'a emballé",
            )
        return both(f"it has no {name}", f"il n'a pas de {name}")
    if not re.search(given.get("body", ""), text.decode("utf-8", "replace"), re.S):
        body = last_words(_body(parsed))
        return both(f"it says: {body}", f"on y lit : {body}")
    return None


def _body(parsed: EmailMessage) -> str:
    part = parsed.get_body(("plain", "html"))
    return str(part.get_content()) if part else ""


def _texts(context: CheckContext, given: dict[str, Any]) -> Iterator[bytes]:
    if "path" in given:
        yield from messages_at(Path(given["path"]))
    elif "protocol" in given:
        protocol = given["protocol"]
        port = given.get("port", PORTS[protocol])
        inbox = Inbox(
            protocol, "127.0.0.1", port, given["account"], context.password_of(given["account"])
        )
        yield from inbox.messages()
    else:
        yield from _of_account(given["account"])


def _of_account(name: str) -> Iterator[bytes]:
    """Yield an account's messages: in its mbox, and in the Maildir at its home."""
    try:
        home = Path(pwd.getpwnam(name).pw_dir)
    except KeyError:
        raise CouldNotCheckError(
            both(f"there is no account {name}", f"le compte {name} n'existe pas")
        ) from None
    for path in (Path("/var/mail") / name, home / "Maildir"):
        yield from messages_at(path)


def messages_at(path: Path) -> Iterator[bytes]:
    """Yield the messages of an mbox file or a Maildir; none where nothing is."""
    if path.is_dir():
        for folder in ("new", "cur"):
            for file in sorted((path / folder).glob("*")):
                if file.is_file():
                    yield file.read_bytes()
    elif path.is_file():
        box = mailbox.mbox(path, create=False)
        try:
            for key in box.iterkeys():
                yield box.get_bytes(key)
        finally:
            box.close()
