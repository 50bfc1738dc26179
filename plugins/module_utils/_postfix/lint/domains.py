# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of domains that stand in two lists, of which trivial-rewrite(8) warns at every address.

Source: resolve_addr() in src/trivial-rewrite/resolve.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
)

NOT_BOTH = (
    ("mydestination", "virtual_alias_domains"),
    ("mydestination", "virtual_mailbox_domains"),
    ("relay_domains", "virtual_alias_domains"),
    ("relay_domains", "virtual_mailbox_domains"),
    ("virtual_mailbox_domains", "virtual_alias_domains"),
)


def check_domains(context: Context) -> Iterator[Finding]:
    """Yield a finding for each list with a domain that stands in another one, too."""
    lists = {s.name: s for s in context.settings if s.service is None}
    for one, other in NOT_BOTH:
        own = lists.get(other)
        if own is None or (one != "mydestination" and one not in lists):
            continue
        elsewhere = _domains(context.effective(one), context)
        for word, offset in own.words():
            twice = [name for name in _domains(word, context) if name in elsewhere]
            if twice:
                message = f"{twice[0]} stands in {one} as well, and Postfix warns of it"
                yield own.find("warning", message, f"it in {one} or here, not in both", offset)
                break


def _domains(text: str, context: Context) -> list[str]:
    """Return the domains of a list, without its tables, files and exceptions."""
    words = re.split(r"[\s,]+", context.expand(text).lower())
    return [word for word in words if re.fullmatch(r"[\w-]+(?:\.[\w-]+)*", word)]
