# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's master.cf: read its entries without loss, as master(8) reads them.

Source: master(5); get_master_ent() in src/master/master_ent.c, mystrtok(), mystrtokq() and extpar()
in src/util, and the getopt() string of the servers, such as src/master/multi_server.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    LogicalLine,
    decode,
    refuse_nul,
    split,
)

COLUMNS = ("private", "unpriv", "chroot", "wakeup", "maxproc", "command")
"""The columns after a service's name and type."""

BLANKS = b" \t\r\n"

LETTERS_WITH_ARGUMENT = b"imnorst"
"""Options of the daemons that take the rest of the word, or the next word."""

ASSIGNMENT = re.compile(rb"\s*(?P<name>[^\s=]+)\s*=\s*(?P<value>.*?)\s*", re.DOTALL)


@dataclass
class Token:
    """A word of an entry; ``start`` and ``end`` are offsets in the logical line's text."""

    text: bytes
    start: int
    end: int

    @property
    def meaning(self) -> bytes:
        """The word without the braces around it."""
        if self.text.startswith(b"{") and brace_problem(self.text) is None:
            return self.text[1:-1].strip()
        return self.text


@dataclass
class Option:
    """An ``-o name=value``, and the one or two words that spell it.

    ``joined`` says that the first of them is the end of a word such as ``-vo``.
    """

    name: str
    value: str
    tokens: list[Token]
    joined: bool = False


@dataclass
class Problem:
    """What is wrong in an entry, what to write instead, and where in the text."""

    message: str
    instead: str
    offset: int = 0


@dataclass
class Entry:
    """A service of master.cf.

    ``flags`` are options other than ``-o``, with their arguments; ``operands`` are the words from
    the first one on that is no option. ``problems`` are those of the words after the command.
    """

    name: str
    type: str
    columns: dict[str, Token]
    source: LogicalLine
    options: list[Option] = field(default_factory=list)
    flags: list[Token] = field(default_factory=list)
    operands: list[Token] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The service as ``postconf -M`` names it."""
        return f"{self.name}/{self.type}"

    @property
    def others(self) -> list[Token]:
        """The words after the command that spell no ``-o`` option."""
        return self.flags + self.operands

    def values(self) -> dict[str, str]:
        """Return the columns as text."""
        return {name: decode(token.text) for name, token in self.columns.items()}

    def option_values(self) -> dict[str, str]:
        """Return the options; the last one of a name counts."""
        return {option.name: option.value for option in self.options}

    def arguments(self) -> list[str]:
        """Return the words after the command that spell no ``-o`` option, without their braces."""
        return [decode(token.meaning) for token in self.others]


def parse(data: bytes, path: str | None = None) -> tuple[list[LogicalLine], list[Entry]]:
    """Return the logical lines of the file and the entries among them.

    :raises ConfigError: a line is no entry, or holds a NUL byte.
    """
    refuse_nul(data, path)
    sources = split(data)
    return sources, [parse_entry(source, path) for source in sources if source.text]


def parse_entry(source: LogicalLine, path: str | None = None) -> Entry:
    """Return the entry of a logical line.

    :raises ConfigError: it has fewer than eight columns.
    """
    columns = tokens(source.text)[:8]
    if len(columns) < 8:
        # Postfix names the line on which it starts, however many follow.
        line, column = source.number, len(source.lines[0].rstrip()) + 1
        name = ("name", "type", *COLUMNS)[len(columns)]
        found = decode(b" ".join(source.text.split()))[:60]
        raise ConfigError(
            f"{found!r} is no entry of master.cf: the column {name} is missing",
            path,
            line,
            column,
            instead="write `name type private unpriv chroot wakeup maxproc command`, "
            "with - for a default",
        )
    name, kind = (decode(token.text) for token in columns[:2])
    entry = Entry(name, kind, dict(zip(COLUMNS, columns[2:])), source)
    _sort_words(entry, tokens(source.text, columns[7].end, braces=True))
    return entry


def tokens(text: bytes, start: int = 0, braces: bool = False) -> list[Token]:
    """Return the words of a text; with ``braces`` these hold white space together."""
    found: list[Token] = []
    begin: int | None = None
    depth = 0
    for offset in range(start, len(text) + 1):
        char = text[offset : offset + 1]
        if begin is None:
            if not char or char in BLANKS:
                continue
            begin = offset
        if not char or (depth == 0 and char in BLANKS):
            found.append(Token(text[begin:offset], begin, offset))
            begin, depth = None, 0
        elif braces and char == b"{":
            depth += 1
        elif braces and char == b"}" and depth:
            depth -= 1
    return found


def brace_problem(text: bytes) -> Problem | None:
    """Say what is wrong with the braces of a word that starts with one; None if nothing is."""
    if not text.startswith(b"{"):
        return None
    depth = 0
    for offset in range(len(text)):
        depth += {b"{": 1, b"}": -1}.get(text[offset : offset + 1], 0)
        if depth == 0 and offset + 1 < len(text):
            rest = decode(text[offset + 1 :])
            return Problem(
                f"text after the closing brace: {rest!r}", "a space before it", offset + 1
            )
    return Problem("a brace that is not closed", "} where the value ends") if depth else None


def _sort_words(entry: Entry, words: list[Token]) -> None:
    """Sort the words after the command as getopt() does: options up to the first other word."""
    for word in words:
        problem = brace_problem(word.text)
        if problem:
            problem.offset += word.start
            entry.problems.append(problem)
    following = iter(range(len(words)))
    for place in following:
        word = words[place]
        text = word.meaning
        if not text.startswith(b"-") or text in (b"-", b"--"):
            entry.operands = words[place:]
            break
        at = next((at for at, char in enumerate(text) if char in LETTERS_WITH_ARGUMENT), None)
        attached = at is None or len(text) > at + 1
        spelled = [word]
        if not attached and place + 1 < len(words):
            spelled.append(words[next(following)])
        if at is None or text[at : at + 1] != b"o":
            entry.flags += spelled
            continue
        joined = at > 1
        if joined:
            # Such as -vo: the flags before the o are a word of their own.
            entry.flags.append(Token(word.text[:at], word.start, word.start + at))
            spelled[0] = Token(word.text[at:], word.start + at, word.end)
            if word.text != text:
                entry.problems.append(Problem(f"{decode(word.text)!r}", "-o apart", word.start))
        _add_option(entry, text[at + 1 :] if attached else None, spelled, joined)


def _add_option(entry: Entry, attached: bytes | None, spelled: list[Token], joined: bool) -> None:
    value = attached if attached is not None else spelled[-1].meaning if spelled[1:] else b""
    match = ASSIGNMENT.fullmatch(value)
    if not match:
        found = "-o " + decode(value) if value else "-o without anything after it"
        entry.problems.append(
            Problem(
                f"{found} sets nothing",
                "-o name=value without spaces around the =, or -o { name = value }",
                spelled[-1].start,
            )
        )
    elif match["name"].startswith(b"{"):
        entry.problems.append(
            Problem("-o{ without a space, which hides the brace", "-o {", spelled[-1].start)
        )
    name, value = (match["name"], match["value"]) if match else (value, b"")
    entry.options.append(Option(decode(name), decode(value), spelled, joined))
