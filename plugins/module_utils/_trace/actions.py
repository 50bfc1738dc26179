# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line of Postfix says was done to a message or its client: rejected, held, only warned.

These are the actions of access(5), header_checks(5), milters and postsuper(1). Who writes which
format, in Postfix 3.5 to 3.11: ``log_whatsup()``, ``check_milter_reply()`` and
``receive_data_message()`` of smtpd(8),
``cleanup_act_log()``, ``cleanup_milter_apply()`` and ``cleanup_milter_hbc_log()`` of cleanup(8),
``psc_rcpt_cmd()`` of postscreen(8), ``hbc_action()`` of smtp(8), and postsuper.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import Line

REFUSALS = ("reject", "discard", "hangup", "abort")
"""Actions by which what they are about does not come in."""

_WORDS = (
    r"reject_warning|reject|discard|hold|delay|filter|redirect|bcc|prepend|replace|strip|pass"
    r"|warning|warn|info|hangup|abort|dunno|permit|ignore"
)
_ACTION = re.compile(rf"(milter-(?:header-|body-)?)?({_WORDS}): (.*)", re.S)
_STRICT_ENVELOPE = re.compile(
    r"(.*); ?(?:from=<([^<>]*)>)?,?(?: ?to=<([^<>]*)>)?,?(?: ?proto=(\w+))?,?(?: ?helo=<([^<>]*)>)?"
    # smtpd.c names who logged in (smtpd_whatsup()), smtpd_check.c does not.
    r"(?: sasl_username=<[^<>]*>)?(?:: (.*))?$",
    re.S,
)
_ENVELOPE = re.compile(
    r"(.*?); ?(?:from=<(.*?)>)?,?(?: ?to=<(.*?)>)?,?(?: ?proto=(\w+))?,?(?: ?helo=<(.*?)>)?"
    r"(?:: (.*))?$",
    re.S,
)
_STAGE = re.compile(r"([A-Z][A-Z-]+(?: content)?|header|body|mime-error|nested|attached)\b")
_CLIENT = re.compile(r" from (\S*\[[^\]]*\](?::\d+)?)")
"""The last one of a line about a header or body, and else the one behind the SMTP command."""
_NOT_ACCEPTED = re.compile(
    r"(?:message rejected: .*|.*message not accepted.*|queue file size limit exceeded"
    r"|record type \d+ not allowed - discarding this message"
    r"|(?:null )?BDAT request from .*|too much BDAT content .*"
    r"|write queue file: .*|read timeout on .*)",
    re.S,
)
_PROXY = re.compile(r"proxy-reject: (.*)", re.S)
"""What smtpd(8) says when a filter before the queue refuses a message; it has no queue id then."""

_BY_HAND = {
    "placed on hold": "hold",
    "released from hold": "release",
    "removed": "delete",
    "requeued": "requeue",
    "expired": "expire",
}
_NO_TRANSACTION = (
    "CONNECT", "HELO", "EHLO", "STARTTLS", "AUTH", "VRFY", "ETRN", "NOOP", "RSET", "QUIT", "HELP",
    "XCLIENT", "XFORWARD", "UNKNOWN", "TLS",
)  # fmt: skip


@dataclass(eq=False)
class Action:
    """What was done, as one line tells it."""

    line: Line
    action: str
    """``reject``, ``reject_warning``, ``discard``, ``hold``, ``filter``, …; by postsuper(1)
    ``hold``, ``release``, ``delete``, ``requeue``, ``expire``; empty where the line has none."""
    by_milter: bool
    stage: str
    """The SMTP command or the part of the message at which it was done; empty: none is said."""
    client: str
    reason: str
    sender: str | None
    recipient: str | None

    @property
    def refuses(self) -> bool:
        """Whether a client, a recipient or a message was not taken."""
        return self.action in REFUSALS

    @property
    def of_message(self) -> bool:
        """Whether it is about the whole message, not one recipient or a command beside it."""
        if not self.action or self.line.program == "cleanup":
            # It has a milter judge mail that came otherwise than by SMTP, all stages at once.
            return bool(self.action)
        one_recipient = self.stage == "RCPT" and self.action in ("reject", "reject_warning")
        return not one_recipient and self.stage not in _NO_TRANSACTION


def action_of(line: Line) -> Action | None:
    """Return what a line with a queue id or NOQUEUE says was done; None: it says nothing such."""
    if line.queue_id:
        if line.program == "postsuper":
            done = _BY_HAND.get(line.text)
            return Action(line, done, False, "", "", line.text, None, None) if done else None
        text = line.text
        said = text.removeprefix("warning: ")
        if line.program in ("cleanup", "smtpd", "qmqpd", "qmgr") and _NOT_ACCEPTED.fullmatch(said):
            return _not_accepted(line, said)
    elif line.text.startswith(("NOQUEUE: ", "warning: NOQUEUE: ")):
        warned, _noqueue, text = line.text.partition("NOQUEUE: ")
        if text.startswith("client="):
            return None
        if _NOT_ACCEPTED.fullmatch(text):
            return _not_accepted(line, text)
        text = warned + text
    else:
        proxy = line.program == "smtpd" and _PROXY.match(line.text)
        return _read(line, "reject", False, proxy[1]) if proxy else None
    match = _ACTION.match(text)
    if not match:
        return None if line.queue_id else Action(line, "", False, "", "", text, None, None)
    return _read(line, match[2], bool(match[1]), match[3])


def _not_accepted(line: Line, said: str) -> Action:
    [client] = _CLIENT.findall(said)[:1] or [""]
    return Action(line, "reject", False, "", client, said, None, None)


def _read(line: Line, action: str, by_milter: bool, text: str) -> Action:
    envelope = _STRICT_ENVELOPE.match(text) or _ENVELOPE.match(text)
    said, sender, recipient = text, None, None
    if envelope and (any(envelope.group(2, 3, 4, 5)) or envelope[2] == "" or text.endswith(";")):
        said, sender, recipient = envelope[1], envelope[2], envelope[3]
        if envelope[6]:
            said = f"{said}: {envelope[6]}"
    stage = _STAGE.match(said)
    clients = _CLIENT.findall(envelope[1] if envelope else said) or [""]
    client = clients[0 if stage and stage[1].isupper() else -1]
    return Action(
        line, action, by_milter, stage[1] if stage else "", client, said, sender, recipient
    )
