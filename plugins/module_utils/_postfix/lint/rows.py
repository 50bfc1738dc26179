# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the rows of lookup tables: rules that are none, actions, transports, addresses.

Source: access(5), header_checks(5), transport(5), regexp_table(5); dict_regexp_parseline() in
src/util/dict_regexp.c, check_table_result() in src/smtpd/smtpd_check.c, and cleanup_act() in
src/cleanup/cleanup_message.c.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.choices import LEVELS
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    TableFile,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.restrictions import (
    ARGUMENTS,
    RESTRICTIONS,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.syntax import server_problem
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.transports import (
    check_transport,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import read
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

ACCESS, CONTENT, TRANSPORT, ADDRESSES = "access", "content", "transport", "addresses"
TLS_POLICY, SENDER_TRANSPORT, RELAYHOST = "policy", "sender", "relayhost"
"""What the rows of a table are for."""

USES = (
    (r"(?:milter|mime|nested|smtp|smtp_mime|smtp_nested)?_?header_checks|(?:smtp_)?body_checks",
     CONTENT),
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

SYNONYMS = {"ACCEPT": "OK", "ALLOW": "OK", "DENY": "REJECT", "BLOCK": "REJECT", "DROP": "DISCARD"}

ENDING = re.compile(r"\\\.\(([^()\\]*\|[^()\\]*)\)")
"""Names of extensions behind a dot."""


class Rows:
    """The rows of one table, and how a finding says where one is."""

    def __init__(self, file: TableFile, data: bytes, utf8: bool) -> None:
        self.path = file.path
        self.table = read(data, syntax(file.type, file.format, utf8), file.path)
        self.starts = self.table.lines()

    def __iter__(self) -> Iterator[tuple[int, str, str]]:
        """Yield the line, the key and the value of each row."""
        for chunk, key, value in zip(self.table.where, self.table.keys, self.table.values):
            yield self.starts[chunk], decode(key), decode(value)

    def find(self, line: int, severity: str, message: str, instead: str) -> Finding:
        """Return a finding at the start of a line."""
        return Finding(self.path, line, 1, severity, message, instead)


def check_rows(file: TableFile, data: bytes, uses: set[str], context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the rows of a table.

    :arg uses: what the rows are for.
    :raises ConfigError: the file holds a NUL byte.
    """
    rules = file.type in ("regexp", "pcre")
    if not rules and not uses:
        return
    rows = Rows(file, data, context.effective("smtputf8_enable") != "no")
    for line, key, value in rows:
        wrong = no_rule(key) if rules else None
        if wrong:
            yield rows.find(line, "error", *wrong)
            continue
        if rules:
            yield from _pattern(rows, line, key, uses)
        elif ".." in key and uses & {ACCESS, ADDRESSES, TRANSPORT} and not key.startswith("/"):
            yield rows.find(line, "warning", f"no domain is like {key}", key.replace("..", "."))
        for use in uses:
            yield from check_value(value, use, context, functools.partial(rows.find, line))


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
        yield from _action(value, ACTIONS[use], context, find)
    elif use == TRANSPORT or (use == SENDER_TRANSPORT and value.upper() != "DUNNO"):
        yield from check_transport(value, context, find)
    elif use == RELAYHOST and "$" not in value and value.upper() != "DUNNO":
        for word in re.split(r"[\s,]+", value):
            problem = server_problem(word, context.system.machine.port)
            if problem:
                yield find("error", problem, "[host]:port or domain")
    elif use == TLS_POLICY:
        level = re.split(r"[\s,]", value, maxsplit=1)[0]
        if "$" not in level and level.lower() not in LEVELS.split():
            message = f"there is no level {level} of TLS, and mail for it waits"
            yield find("error", message, nearest(level, LEVELS.split(), 0.6) or "such as encrypt")


def no_rule(pattern: str) -> tuple[str, str] | None:
    """Say why a row of a regexp or pcre table is no rule, and what to write instead."""
    pattern = re.sub(r"^if\s+", "", pattern, flags=re.IGNORECASE).lstrip("! \t")
    if pattern.lower() == "endif":
        return None
    instead = "the whole rule on one line"
    if re.match(r"\w", pattern):
        return f"{pattern[:40]!r} starts no rule, and Postfix passes over it", instead
    mark = re.escape(pattern[:1])
    if not re.match(rf"{mark}(?:\\.|(?!{mark})[^\\])*{mark}", pattern, re.DOTALL):
        return f"the pattern has no {pattern[:1]} at its end, and Postfix passes over it", instead
    return None


def _pattern(rows: Rows, line: int, pattern: str, uses: set[str]) -> Iterator[Finding]:
    """Yield what a pattern for the names of attachments matches and what it does not."""
    if CONTENT not in uses:
        return
    for match in ENDING.finditer(pattern):
        blank = re.search(r"(?:^|\|)\s+(\w+)", match[1])
        if blank:
            message = f"only with a blank before it, {blank[1]} is matched"
            yield rows.find(line, "warning", message, f"|{blank[1]}|")
    if re.search(ENDING.pattern + r"/\w*$", pattern):
        message = "the extensions may go on, so that .com matches .compte as well"
        yield rows.find(line, "warning", message, r"""("|;|[[:space:]]|$) behind them""")


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


ACTIONS = {ACCESS: ACCESS_ACTIONS, CONTENT: CONTENT_ACTIONS}


def _action(value: str, actions: frozenset[str], context: Context, find: Find) -> Iterator[Finding]:
    word, _blank, rest = value.partition(" ")
    wrong = _no_action(value, actions, context)
    if wrong:
        yield find("error", *wrong)
    elif word.upper() == "REJECT" and not rest.isascii():
        message = "a reply of SMTP is in ASCII, and this text is not"
        yield find("warning", message, "the text without accents")
    elif word.upper() == "FILTER":
        yield from check_transport(rest.strip(), context, find)
