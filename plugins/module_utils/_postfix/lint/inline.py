# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the tables whose entries stand in a value: inline, static, and rules in braces.

Source: DATABASE_README; dict_inline.c, dict_static.c and dict_stream.c in Postfix's src/util.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode, encode
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.answers import (
    Find,
    check_value,
    use_of,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    WORD,
    Context,
    Examined,
    Finding,
    Setting,
    TableFile,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.rows import no_rule
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax

BEGIN = re.compile(r"(?<![\w:$])(inline|regexp|pcre|cidr|static):\{|(?<![\w:${])static:(?=[^{])")

ENTRY = re.compile(r"\{\s*(\S[^={}]*?)\s*=\s*(.*?)\s*\}|([^\s,={}]+)=(\S*)", re.S)
"""An entry of an inline table: key = value in braces, or without white space."""


EMPTY = re.compile(r"(?<![\w:$])(inline|pipemap|randmap|unionmap):\{\s*\}")

RULES = ("regexp", "pcre", "cidr")
"""Types of which a rule may be one that Postfix passes over."""


def check_inline(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield the first thing that is wrong with each table in a value."""
    before = ""
    for word, offset in setting.words():
        use = use_of(setting.name, before, context)
        for match in EMPTY.finditer(word):
            message = f"{match[0]} has nothing in its braces, and Postfix cannot open the table"
            instead = f"{match[1]}:{{…}}" if match[1] == "inline" else f"{match[1]}:{{type:/path}}"
            yield setting.find("error", message, instead, offset + match.start())
        for match in BEGIN.finditer(word):
            text = _inside(word[match.end() :]) if match[1] else word[match.end() :]
            entries = list(_entries(match[1] or "static", text))
            found = (
                finding
                for entry, at in entries
                for finding in _check(
                    match[1] or "static", entry, use, context,
                    functools.partial(_find, setting, offset + match.end() + at),
                )
            )  # fmt: skip
            wrong = list(found)[:1]
            if match[1] in RULES and not wrong:
                at = offset + match.end()
                wrong = list(_read(match[1], [(e, at + n) for e, n in entries], setting, context))
            yield from wrong[:1]
        before = word.lower()


def _read(
    kind: str, entries: list[tuple[str, int]], setting: Setting, context: Context
) -> Iterator[Finding]:
    """Yield what Postfix says of rules, which it reads as if they stood in a file."""
    rules = [context.expand(entry[1:-1].strip()).replace("$$", "$") for entry, _at in entries]
    try:
        data = encode("".join(f"{' '.join(rule.split(chr(10)))}\n" for rule in rules))
        examined = context.system.examine(TableFile(kind, setting.path), data)
    except ConfigError as error:
        examined = Examined([error])
    for problem in [*examined.problems, *filter(None, [examined.refusal])]:
        entry, at = entries[min((problem.line or 1), len(entries)) - 1]
        yield setting.find("error", f"{entry}: {problem.found}", problem.instead or "a rule", at)


def _find(setting: Setting, offset: int, severity: str, message: str, instead: str) -> Finding:
    return setting.find(severity, message, instead, offset)


def _inside(text: str) -> str:
    """Return what stands before the brace that closes one which was opened before the text."""
    depth = 1
    for at, char in enumerate(text):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if not depth:
            return text[:at]
    return text


def _entries(kind: str, text: str) -> Iterator[tuple[str, int]]:
    """Yield the entries of a table, each with its offset in the text."""
    if kind == "static":
        yield text.strip(), 0
        return
    for match in WORD.finditer(text):
        yield match[0], match.start()


def _check(
    kind: str, entry: str, use: str | None, context: Context, find: Find
) -> Iterator[Finding]:
    """Yield what is wrong with an entry."""
    value = entry
    if kind == "inline":
        match = ENTRY.fullmatch(entry)
        if not match and "$" not in entry:
            message = f"{entry} has no key and value, and Postfix cannot open the table"
            yield find("error", message, "{key = value}")
        value = (match[2] or match[4] or "") if match else ""
    elif kind != "static":
        if not entry.startswith("{"):
            message = f"{entry} stands without braces of its own, and Postfix cannot open the table"
            yield find("error", message, f"{{{{{entry} …}}}}")
            return
        # A dollar sign stands twice in main.cf.
        rule = encode(context.expand(entry[1:-1].strip()).replace("$$", "$"))
        try:
            parts = syntax(kind, "postmap").part(rule)
        except ConfigError:
            return
        wrong = no_rule(decode(parts.key)) if kind != "cidr" else None
        if wrong:
            yield find("error", *wrong)
            return
        value = decode(parts.value)
    else:
        value = context.expand(value)
    if use and value:
        yield from check_value(value, use, context, find)
