# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the rows of lookup tables: rules that are none, keys, and what they answer.

Source: regexp_table(5); dict_regexp_parseline() in src/util/dict_regexp.c.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.answers import (
    ACCESS,
    ADDRESSES,
    BODY,
    HEADERS,
    TRANSPORT,
    check_value,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    TableFile,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import read
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax

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
    if not uses & {HEADERS, BODY}:
        return
    for match in ENDING.finditer(pattern):
        blank = re.search(r"(?:^|\|)\s+(\w+)", match[1])
        if blank:
            message = f"only with a blank before it, {blank[1]} is matched"
            yield rows.find(line, "warning", message, f"|{blank[1]}|")
    if re.search(ENDING.pattern + r"/\w*$", pattern):
        message = "the extensions may go on, so that .com matches .compte as well"
        yield rows.find(line, "warning", message, r"""("|;|[[:space:]]|$) behind them""")
