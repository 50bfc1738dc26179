# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send a short message and wait for it in an inbox, to prove that mail flows."""

from __future__ import annotations

import smtplib
import time
from dataclasses import replace
from email.message import EmailMessage

from ansible_collections.labs.mail.plugins.module_utils._mail_client.inbox import ERRORS, Inbox
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CONNECT_SECONDS,
    Observation,
    decoded,
    reason,
    until,
)


def send(host: str, port: int, sender: str, recipient: str, subject: str) -> Observation:
    """Send a short message by SMTP (RFC 5321); what is seen is the server's last reply."""
    started = time.monotonic()
    seen = _send(host, port, sender, recipient, subject)
    return replace(seen, seconds=time.monotonic() - started)


def _send(host: str, port: int, sender: str, recipient: str, subject: str) -> Observation:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message.set_content(f"{subject}\n")
    try:
        with smtplib.SMTP(host, port, "localhost", CONNECT_SECONDS) as server:
            server.helo("localhost")
            for code, reply in (server.mail(sender), server.rcpt(recipient)):
                if code != 250:
                    return Observation(False, f"{code} {decoded(reply)}")
            code, reply = server.data(message.as_bytes())
    except (OSError, smtplib.SMTPException) as error:
        return Observation(False, reason(error, host, port))
    return Observation(code == 250, f"{code} {decoded(reply)}")


def wait_for_message(
    inbox: Inbox, subject: str, timeout: float, delete: bool = False
) -> Observation:
    """Look into the inbox until a message bears the subject or ``timeout`` seconds passed.

    With ``delete`` the message that was found is removed from it.
    """
    return until(lambda: _look(inbox, subject, delete), timeout)


def _look(inbox: Inbox, subject: str, delete: bool) -> Observation:
    try:
        found, total = inbox.find(subject, delete)
    except ERRORS as error:
        return Observation(False, reason(error, inbox.host, inbox.port))
    if found:
        return Observation(True, f"message {found} of {total}")
    return Observation(False, f"not among {total} messages")
