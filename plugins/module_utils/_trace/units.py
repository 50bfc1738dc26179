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
    (r"client=|(?:dis)?connect from|(?:lost connection|timeout) after|NOQUEUE: ", "smtpd"),
    (r"uid=\d+ from=<", "pickup"),
    (r"(?:resent-)?message-id=", "cleanup"),
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
    (r"(?:placed on|released from) hold$|requeued$|expired$", "postsuper"),
)  # fmt: skip


def of_unit(unit: str, text: str) -> str:
    """Return the program, as ``postfix/qmgr`` for one of Postfix's: master where no text tells."""
    name = unit.removesuffix(".service").partition("@")[0]
    if name != "postfix":
        return _UNITS.get(name, name)
    found = (program for begin, program in _PROGRAMS if re.match(begin, text))
    return f"postfix/{next(found, 'master')}"
