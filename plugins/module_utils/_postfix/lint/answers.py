# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what lookup tables answer: actions and what they take, transports, servers, TLS.

Source: access(5), header_checks(5), transport(5); check_table_result() in
src/smtpd/smtpd_check.c, and cleanup_act() in src/cleanup/cleanup_message.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.restrictions import (
    ARGUMENTS,
    RESTRICTIONS,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.syntax import server_problem
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.tls_policy import (
    check_tls_policy,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.transports import (
    check_transport,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

ACCESS, TRANSPORT, ADDRESSES = "access", "transport", "addresses"
HEADERS, BODY = "headers", "body"
TLS_POLICY, SENDER_TRANSPORT, RELAYHOST = "policy", "sender", "relayhost"
"""What the rows of a table are for."""

USES = (
    (r"(?:milter|mime|nested|smtp|smtp_mime|smtp_nested)?_?header_checks", HEADERS),
    (r"(?:smtp_)?body_checks", BODY),
    (r"sender_dependent_default_transport_maps", SENDER_TRANSPORT),
    (r"sender_dependent_relayhost_maps", RELAYHOST),
    (r"transport_maps|.*_transport_maps", TRANSPORT),
    (r"virtual_(?:alias|mailbox)_maps|.*canonical_maps|smtp_generic_maps|relay_recipient_maps",
     ADDRESSES),
    (r"(?:smtp|lmtp)_tls_policy_maps", TLS_POLICY),
)  # fmt: skip

Find = Callable[[str, str, str], Finding]
"""Makes a finding of a severity, a message and what to write instead."""

ACCESS_ACTIONS = frozenset(
    {
        "BCC",
        "DEFER",
        "DEFER_IF_PERMIT",
        "DEFER_IF_REJECT",
        "DISCARD",
        "DUNNO",
        "FILTER",
        "HOLD",
        "INFO",
        "OK",
        "PREPEND",
        "REDIRECT",
        "REJECT",
        "RELAY",
        "WARN",
    }
)
"""What a value in an access(5) table can start with, beside 4XX, 5XX and restrictions."""

CONTENT_ACTIONS = frozenset(
    {
        "BCC",
        "DISCARD",
        "DUNNO",
        "FILTER",
        "HOLD",
        "IGNORE",
        "INFO",
        "OK",
        "PASS",
        "PREPEND",
        "REDIRECT",
        "REJECT",
        "REPLACE",
        "STRIP",
        "WARN",
    }
)
"""What a value in a header_checks(5) or body_checks(5) table can start with."""

NEEDS = {
    "BCC": ("@", "BCC user@domain"),
    "FILTER": (":", "FILTER transport:nexthop, such as FILTER smtp:[127.0.0.1]:10025"),
    "REDIRECT": ("@", "REDIRECT user@domain"),
}
"""Actions that are passed over without what their text must hold, and how to write them."""

HEADER = re.compile(r"[^\s:\x00-\x20\x7f]+[ \t]*:")
"""How a header begins (is_header() in src/global/is_header.c)."""

SYNONYMS = {"ACCEPT": "OK", "ALLOW": "OK", "DENY": "REJECT", "BLOCK": "REJECT", "DROP": "DISCARD"}


def use_of(name: str, before: str, context: Context) -> str | None:
    """Return what the rows of a table in a parameter are for, as far as they are looked at.

    :arg before: the word before the table.
    """
    if name in context.restriction_lists:
        return ACCESS if before.startswith("check_") or before not in ARGUMENTS else None
    return next((use for names, use in USES if re.fullmatch(names, name)), None)


def check_value(value: str, use: str, context: Context, find: Find) -> Iterator[Finding]:
    """Yield what is wrong with what a table answers."""
    if use in ACTIONS:
        yield from _action(value, use, context, find)
    elif use == TRANSPORT or (use == SENDER_TRANSPORT and value.upper() != "DUNNO"):
        yield from check_transport(value, context, find)
    elif use == RELAYHOST and "$" not in value and value.upper() != "DUNNO":
        for word in re.split(r"[\s,]+", value):
            problem = server_problem(word, context.system.machine.port)
            if problem:
                yield find("error", problem, "[host]:port or domain")
    elif use == TLS_POLICY:
        trusted = bool(context.effective("smtp_tls_fingerprint_cert_match"))
        yield from check_tls_policy(value, trusted, find)


def _no_action(value: str, actions: frozenset[str], context: Context) -> tuple[str, str] | None:
    """Say why a value is no action, and what to write instead; None where it is one, or empty."""
    word = value.partition(" ")[0]
    known = not word or word.upper() in actions or word.isdecimal()
    if actions is ACCESS_ACTIONS and not known:
        words = re.split(r"[\s,]+", value)
        known = any(w.lower() in RESTRICTIONS or w in context.classes for w in words[:1])
        known = known or any(char in word for char in ":${")
    if known:
        return None
    others = context.classes if actions is ACCESS_ACTIONS else ()
    near = SYNONYMS.get(word.upper()) or nearest(word, {*actions, *others})
    if not near and actions is ACCESS_ACTIONS:
        near = nearest(word, RESTRICTIONS)
    does = "smtpd answers 451" if actions is ACCESS_ACTIONS else "cleanup passes over it"
    instead = near or "one of " + ", ".join(sorted(actions))
    return f"there is no action {word}; {does}", instead


def _action(value: str, use: str, context: Context, find: Find) -> Iterator[Finding]:
    word, _blank, rest = value.partition(" ")
    wrong = _no_action(value, ACTIONS[use], context)
    if wrong:
        yield find("error", *wrong)
        return
    lacking = _lacking(word.upper(), rest.strip(), use)
    if lacking:
        yield find("error", *lacking)
    elif word.upper() == "REJECT" and not rest.isascii():
        message = "a reply of SMTP is in ASCII, and this text is not"
        yield find("warning", message, "the text without accents")
    elif word.upper() == "FILTER":
        yield from check_transport(rest.strip(), context, find)


def _lacking(word: str, text: str, use: str) -> tuple[str, str] | None:
    """Say what an action lacks behind it, and what to write instead; None for nothing."""
    if "$" in text:
        return None
    if word in NEEDS and NEEDS[word][0] not in text:
        what = f"{word} {text}".strip()
        return f"{what} lacks where to, and is passed over", NEEDS[word][1]
    if word in ("PREPEND", "REPLACE"):
        if use != BODY and not HEADER.match(text):
            return f"{word} takes a header, and is passed over", f"{word} Name: value"
        if not text:
            return f"{word} has no text behind it, and is passed over", f"{word} and a text"
    if word == "REJECT" and use != ACCESS and re.match(r"[^45\D]\.\d{1,3}\.\d{1,3}\b", text):
        return f"{text.split()[0]} is no code of a refusal", "5.7.1, or another one of 4 or 5"
    return None


ACTIONS = {ACCESS: ACCESS_ACTIONS, HEADERS: CONTENT_ACTIONS, BODY: CONTENT_ACTIONS}
