# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of numbers that stand in a relation to each other, which a program of Postfix asks for.

Source: local.c, virtual.c, smtpd.c and qmgr.c in Postfix's src.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import TIME_UNITS

MAILBOXES = {
    "local": ("mailbox_size_limit", "mydestination", "local_transport"),
    "virtual": ("virtual_mailbox_limit", "virtual_mailbox_domains", "virtual_transport"),
}
"""Programs that deliver to mailboxes: their largest, the domains that they are for, and the
parameter that says who delivers to these."""


def check_relations(context: Context) -> Iterator[Finding]:
    """Yield a finding for each number that is too small or too large beside another one."""
    for entry in context.services:
        program = decode(entry.columns["command"].text)
        if program in MAILBOXES:
            limit, domains, transport = MAILBOXES[program]
            name = context.expand(context.effective(transport)).partition(":")[0] or program
            if context.effective(domains) and entry.name in {name, *context.used}:
                yield from _mailboxes(context, entry, program, limit)
        elif program == "smtpd":
            free, largest = _both(context, entry, "queue_minfree", "message_size_limit")
            if free and largest and free > 0 and largest > 0 and free < 1.5 * largest:
                message = "it is less than 1.5 times message_size_limit, and smtpd warns of it"
                instead = f"{largest + (largest + 1) // 2} or more, or 0"
                yield from _find(context, entry, ("queue_minfree",), "warning", message, instead)
        elif program == "qmgr":
            yield from _queue(context, entry)


def _mailboxes(context: Context, entry: Entry, program: str, name: str) -> Iterator[Finding]:
    mailbox, message = _both(context, entry, name, "message_size_limit")
    if not mailbox or mailbox < 0 or message is None:
        return
    names = (name, "message_size_limit")
    dies = f"{program} dies of it at every delivery"
    if message <= 0:
        said = f"messages of any size come in, and mailboxes have one ({name}); {dies}"
        yield from _find(context, entry, names[::-1], "error", said, f"0 for {name} too")
    elif mailbox < message:
        said = f"a mailbox may have {mailbox} bytes, and a message {message}; {dies}"
        instead = f"{name} of at least {message}, or 0 for any size"
        yield from _find(context, entry, names, "error", said, instead)


def _queue(context: Context, entry: Entry) -> Iterator[Finding]:
    active, recipients = "qmgr_message_active_limit", "qmgr_message_recipient_limit"
    fewer, more = _both(context, entry, recipients, active)
    if fewer is not None and more is not None and fewer < more:
        message = f"it is smaller than {active}, and qmgr takes that one for it"
        yield from _find(context, entry, (recipients, active), "warning", message, f"{more}")
    bounces, longest = "bounce_queue_lifetime", "maximal_queue_lifetime"
    one, other = _both(context, entry, bounces, longest)
    if one is not None and other is not None and one > other:
        message = f"it is larger than {longest}, and qmgr takes that one for it"
        yield from _find(context, entry, (bounces, longest), "warning", message, f"{other}s")


def _both(context: Context, entry: Entry, *names: str) -> list[int | None]:
    """Return the numbers, or seconds, of parameters for a service; None where one is none."""
    return [_number(context, entry, name) for name in names]


def _number(context: Context, entry: Entry, name: str) -> int | None:
    text = context.expand(context.effective(name, entry))
    default = context.system.defaults.get(name, "")[-1:]
    unit = 1
    if default in TIME_UNITS:
        unit = TIME_UNITS[text[-1] if text[-1:] in TIME_UNITS else default]
        text = text[:-1] if text[-1:] in TIME_UNITS else text
    return int(text) * unit if text.lstrip("+-").isdecimal() and len(text) < 20 else None


def _find(
    context: Context,
    entry: Entry,
    names: tuple[str, ...],
    severity: str,
    *said: str,
) -> Iterator[Finding]:
    """Yield a finding at the setting that the service reads, the first name's if it has one."""
    for name in names:
        own = [s for s in context.settings if s.name == name and s.service in (None, entry)]
        if own:
            # A service's own option counts, and of several the last.
            last = max(enumerate(own), key=lambda item: (item[1].service is entry, item[0]))[1]
            yield last.find(severity, said[0], said[1])
            return
