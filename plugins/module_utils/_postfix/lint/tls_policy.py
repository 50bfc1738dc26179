# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what a table of smtp_tls_policy_maps says of a server: a level, and attributes.

Source: postconf(5); tls_policy_lookup_one() in src/smtp/smtp_tls_policy.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.choices import LEVELS
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import WORD, Finding
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

ATTRIBUTES = (
    *("ciphers", "connection_reuse", "enable_rpk", "exclude", "match", "protocols", "servername"),
    "tafile",
)
"""What may stand behind a level."""

OF_STS = (
    *("mx_host_pattern", "policy_domain", "policy_failure", "policy_string", "policy_ttl"),
    "policy_type",
)
"""What plugins for MTA-STS add since Postfix 3.10, for the reports of TLSRPT."""

NEVER_EMPTY = ("ciphers", "match", "tafile")
WITH_MATCH = ("fingerprint", "secure", "verify")
WITH_TRUST = ("secure", "verify")


def check_tls_policy(
    value: str, trusted: bool, find: Callable[[str, str, str], Finding]
) -> Iterator[Finding]:
    """Yield the first thing for which smtp(8) would leave mail in the queue.

    :arg trusted: whether main.cf names fingerprints of servers.
    """
    words = [match[0] for match in WORD.finditer(value)]
    level = words.pop(0).lower() if words else ""
    if "$" in level:
        return
    if level not in LEVELS.split():
        message = f"there is no level {level} of TLS, and mail for it waits"
        yield find("error", message, nearest(level, LEVELS.split(), 0.6) or "such as encrypt")
        return
    if level == "none":
        if words:
            yield find("warning", f"at the level none smtp passes over {words[0]}", "none alone")
        return
    matches = any(re.match(r"(?i)\{?\s*match\s*=", word) for word in words)
    if level == "fingerprint" and not (trusted or matches):
        message = "no fingerprint is named, and mail for it waits"
        yield find("error", message, "fingerprint match=…")
    for word in words:
        problem = _problem(word, level)
        if problem:
            yield find("error", f"{problem[0]}, and mail for it waits", problem[1])
            return


def _problem(word: str, level: str) -> tuple[str, str] | None:
    """Say what is wrong with an attribute, and what to write instead; None if nothing is."""
    name, equals, value = (part.strip() for part in word.strip("{}").partition("="))
    name = name.lower()
    if "$" in name:
        return None
    if not equals:
        return f"{word} is no attribute", f"name=value with one of {', '.join(ATTRIBUTES)}"
    if name not in ATTRIBUTES + OF_STS:
        near = nearest(name, ATTRIBUTES, 0.6)
        return f"there is no attribute {name}", near or f"one of {', '.join(ATTRIBUTES)}"
    if not value and name in NEVER_EMPTY:
        return f"{name} has no value", f"{name}=… with a value, or not at all"
    if (name == "match" and level not in WITH_MATCH) or (
        name == "tafile" and level not in WITH_TRUST
    ):
        levels = WITH_MATCH if name == "match" else WITH_TRUST
        return f"{name} means nothing at the level {level}", f"the level {' or '.join(levels)}"
    if name == "connection_reuse" and not re.fullmatch("(?i:yes|no)", value) and "$" not in value:
        return f"{value} is neither yes nor no", "yes or no"
    return None
