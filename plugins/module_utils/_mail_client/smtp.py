# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SMTP dialogues (RFC 5321), as a stranger or a user has them with a server."""

from __future__ import annotations

import re
import smtplib
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._mail_client.message import message
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CONNECT_SECONDS,
    Observation,
    decoded,
    last_words,
    reason,
)

REPLY_SECONDS = 60
"""A server may look at a message for a while before it says what it does with it."""

CLASSES = {
    "accepted": "2",
    "refused": "5",
    "deferred": "4",
    "rejected": "45",
    "kept_out": "45",
    "any": "245",
}
"""The first digits that the reply may have which ends the dialogue.

Who is to be kept out may find nobody listening as well.
"""

_QUEUED_AS = re.compile(r"queued as (\w+)")


def talk(word: str, host: str, given: dict[str, Any]) -> Observation:
    """Send a message and return whether the last reply was the expected one, and that reply.

    The dialogue ends at the first reply that is not a success. Of several recipients each must
    be accepted. Raises OSError and smtplib.SMTPException where there is no dialogue.
    """
    sender = given["sender"].replace("{word}", word)
    recipients = given["recipients"]
    source = (given["source"], 0) if given.get("source") else None
    with smtplib.SMTP(
        local_hostname=given["helo"], timeout=CONNECT_SECONDS, source_address=source
    ) as server:
        try:
            code, reply = server.connect(host, given["port"])
        except OSError as error:
            if given["expect"] != "kept_out":
                raise
            return Observation(True, reason(error, host, given["port"]))
        if code == 220 and server.sock:
            server.sock.settimeout(REPLY_SECONDS)
            for command in (
                lambda: server.ehlo() if given.get("ehlo") else server.helo(),
                lambda: server.mail(sender),
                *[lambda each=each: server.rcpt(each) for each in recipients],
                lambda: server.data(message(word, sender, recipients, given)),
            ):
                try:
                    code, reply = command()
                except smtplib.SMTPDataError as error:
                    code, said = error.smtp_code, error.smtp_error
                    reply = said if isinstance(said, bytes) else said.encode()
                if code // 100 != 2:
                    break
    text = f"{code} {reply.decode('utf-8', 'replace')}"
    as_expected = str(code)[0] in CLASSES[given["expect"]]
    return Observation(
        as_expected and bool(re.search(given.get("reply", ""), text, re.I)), last_words(text)
    )


def queue_id(reply: str) -> str:
    """Return the queue id in the reply to a message that was taken; empty where there is none."""
    found = _QUEUED_AS.search(reply)
    return found[1] if found else ""


def greeting(host: str, port: int) -> Observation:
    """Connect to an SMTP server; what is seen is its greeting."""
    server = smtplib.SMTP(local_hostname="localhost", timeout=CONNECT_SECONDS)
    try:
        code, reply = server.connect(host, port)
        server.quit()
    except (OSError, smtplib.SMTPException) as error:
        return Observation(False, reason(error, host, port))
    return Observation(code == 220, f"{code} {decoded(reply)}")
