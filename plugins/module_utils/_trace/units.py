# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which program wrote a line of ``journalctl --output=with-unit``, which names the unit alone."""

from __future__ import annotations

import re

_UNITS = {
    "clamsmtp": "clamsmtpd",
    "clamav-daemon": "clamd",
    "spamd": "spamd",
    "spamassassin": "spamd",
    "dovecot": "dovecot",
}
_PROGRAMS = (
    (r"(?:NOQUEUE: reject: \S+|(?:DIS)?CONNECT|PASS \w+|PREGREET .*|DNSBL rank .*|HANGUP .*) "
     r"(?:from )?\[", "postscreen"),
    (r"client=|(?:dis)?connect from|(?:lost connection|timeout) after|NOQUEUE: "
     r"|proxy-(?:accept|reject): ", "smtpd"),
    (r"uid=\d+ from=<", "pickup"),
    (r"(?:resent-)?message-id=|message rejected: |.*\bmessage not accepted|removed \(\w+\)$"
     r"|queue file size limit exceeded$|write queue file: ", "cleanup"),
    (r"(?:reject|hold|discard|warning|replace|prepend|filter|redirect|bcc|info): "
     r"(?:header|body|mime-error) ", "cleanup"),
    (r"(?:milter-)?(?:reject|reject_warning|hold|discard|filter|redirect|bcc|warn): ", "smtpd"),
    (r"from=<.*?>, (?:size|status)=|removed$", "qmgr"),
    (r"to=<.*\brelay=local, ", "local"),
    (r"to=<.*\brelay=virtual, ", "virtual"),
    (r"to=<.*\brelay=none, ", "error"),
    (r"to=<.*\brelay=[^,]*\[", "smtp"),
    (r"to=<", "pipe"),
    (r"\w+ (?:non-delivery|delivery status|delay) notification: ", "bounce"),
)  # fmt: skip
_BY_HAND = re.compile(r"(?:placed on|released from) hold|requeued|removed|expired")


def of_unit(unit: str, queue_id: str, text: str) -> str:
    """Return the program, as ``postfix/qmgr`` for one of Postfix's: master where no text tells."""
    name = unit.rpartition(".")[0].partition("@")[0]
    if queue_id and _BY_HAND.fullmatch(text) and (name != "postfix" or text != "removed"):
        return "postfix/postsuper"  # mostly in the session of who called it
    if name != "postfix":
        return _UNITS.get(name, name)
    found = (program for begin, program in _PROGRAMS if re.match(begin, text))
    return f"postfix/{next(found, 'master')}"
