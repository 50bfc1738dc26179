# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked: a message and its client; and what is answered: its way, step by step."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Place
from ansible_collections.labs.mail.plugins.module_utils._explain.reasons import in_french
from ansible_collections.labs.mail.plugins.module_utils._explain.sentences import sentence
from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import Client
from ansible_collections.labs.mail.plugins.module_utils._text import one_line

ADDRESS = re.compile(r"[^\x00-\x20<>\x7f]{1,320}")
WORD = re.compile(r"[^\x00-\x20<>\x7f]{1,255}")

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Question:
    """A message that nobody sends: envelope, client, port and content."""

    sender: str
    recipients: tuple[str, ...]
    client: Client
    port: int = 25
    content: bytes = b""


@dataclass(frozen=True)
class Step:
    """One step of the way: who did what, by which line, and the words of its sentence.

    ``turn`` counts how often the message came to a queue before.
    """

    kind: str
    service: str
    turn: int
    place: Place | None = None
    value: str = ""
    words: Mapping[str, object] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return the step as data that JSON can hold."""
        said = sentence(self.kind, self.words)
        return {
            "kind": self.kind,
            "service": self.service,
            "turn": self.turn,
            "path": self.place.path if self.place else None,
            "line": self.place.line if self.place else None,
            "value": one_line(self.value),
            "sentence": {name: one_line(text, 1000) for name, text in said.items()},
        }


@dataclass(frozen=True)
class End:
    """What becomes of a recipient, and the step that decided it."""

    recipient: str
    verdict: str
    where: str = ""
    turn: int = 0
    service: str = ""
    decided_by: Step | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the end as data that JSON can hold."""
        kind = f"end_{self.verdict}" if self.verdict in ("refused", "broken") else self.verdict
        where = f" {self.where}" if self.verdict == "mailbox" and self.where else self.where
        said = sentence(kind, {"recipient": self.recipient, "where": where})
        words = {"recipient": self.recipient, "where": in_french(where)}
        said["fr"] = sentence(kind, words)["fr"]
        return {
            "recipient": self.recipient,
            "verdict": self.verdict,
            "where": one_line(self.where),
            "service": self.service,
            "turn": self.turn,
            "decided_by": self.decided_by.as_data() if self.decided_by else None,
            "sentence": {name: one_line(text, 1000) for name, text in said.items()},
        }


@dataclass
class Explanation:
    """The way of a message: its steps in order, and its ends, one for each last recipient."""

    steps: list[Step] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return it as data that JSON can hold."""
        return {
            "steps": [step.as_data() for step in self.steps],
            "ends": [end.as_data() for end in self.ends],
        }


def question(
    sender: str,
    recipients: Sequence[str],
    client: str = "",
    name: str = "",
    helo: str = "",
    login: str = "",
    port: int = 25,
    headers: Sequence[str] = (),
    attachments: Sequence[str] = (),
    content: bytes | None = None,
) -> Question:
    """Return a question made of words that somebody typed.

    :raises ConfigError: a word cannot stand where it would in SMTP.
    """
    client = client or "127.0.0.1"
    if sender == "<>":
        sender = ""
    if not recipients:
        raise ConfigError("no recipient is named; write --to and an address")
    for found, what in [(sender, "--from"), *((each, "--to") for each in recipients)]:
        if found and not ADDRESS.fullmatch(found):
            raise ConfigError(f"{what} {found!r} is no address; write one such as prof@example.org")
    for found, what in (
        (client, "--client"),
        (name, "--name"),
        (helo, "--helo"),
        (login, "--login"),
    ):
        if found and not WORD.fullmatch(found):
            raise ConfigError(f"{what} {found!r} is no single word; write one without spaces")
    if not re.fullmatch(r"[0-9.]+|[0-9a-fA-F:.]+", client):
        raise ConfigError(f"--client {client!r} is no address; write one such as 203.0.113.9")
    name = name or ("localhost" if client in ("127.0.0.1", "::1") else "")
    who = Client(client, name, helo or name or "pc.example.org", login)
    if content is None:
        content = message(sender, recipients, headers, attachments)
    return Question(sender, tuple(recipients), who, port, content)


def message(
    sender: str, recipients: Sequence[str], headers: Sequence[str], attachments: Sequence[str]
) -> bytes:
    """Return a message of nothing much, with what is asked for.

    :raises ConfigError: a header has no name or no value.
    """
    lines = {
        "From": sender or "MAILER-DAEMON",
        "To": ", ".join(recipients),
        "Subject": "explain",
        "Date": "Thu, 01 Jan 2026 00:00:00 +0000",
        "Message-ID": "<explain@localhost>",
    }
    for each in headers:
        head, colon, value = each.partition(":")
        if not colon or not re.fullmatch(r"[!-9;-~]+", head) or not value.isprintable():
            raise ConfigError(f"--header {each!r} is no header; write one such as 'Subject: hello'")
        lines = {name: old for name, old in lines.items() if name.lower() != head.lower()}
        lines[head] = value.strip()
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    if not attachments:
        return (text + "\nexplain\n").encode("utf-8", "surrogateescape")
    boundary = "=explain="
    text += f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{boundary}"\n\n'
    text += f"--{boundary}\nContent-Type: text/plain; charset=us-ascii\n\nexplain\n"
    for attached in attachments:
        if not attached.isprintable() or '"' in attached:
            raise ConfigError(
                f"--attach {attached!r} is no name of a file; write one such as x.exe"
            )
        kind = mimetypes.guess_type(attached)[0] or "application/octet-stream"
        text += f'--{boundary}\nContent-Type: {kind}; name="{attached}"\n'
        text += f'Content-Disposition: attachment; filename="{attached}"\n'
        text += "Content-Transfer-Encoding: base64\n\nZXhwbGFpbgo=\n"
    return (text + f"--{boundary}--\n").encode("utf-8", "surrogateescape")
