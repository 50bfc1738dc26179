# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's master.cf: read its entries without loss, as master(8) reads them.

Source: master(5); get_master_ent() in src/master/master_ent.c, and mystrtok(), mystrtokq() and
extpar() in src/util.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._logical_lines import Piece

COLUMNS = ("private", "unpriv", "chroot", "wakeup", "maxproc", "command")
"""The columns after a service's name and type."""

BLANKS = b" \t\r\n"


@dataclass
class Token:
    """A word of an entry; ``start`` and ``end`` are offsets in the logical line's text."""

    text: bytes
    start: int
    end: int


@dataclass
class Option:
    """An ``-o name=value``, and the one or two words that spell it."""

    name: str
    value: str
    tokens: list[Token]


@dataclass
class Entry:
    """A service of master.cf."""

    name: str
    type: str
    columns: dict[str, Token]
    options: list[Option]
    others: list[Token]
    piece: Piece
    problems: list[tuple[str, int]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The service as ``postconf -M`` names it."""
        return f"{self.name}/{self.type}"

    @property
    def last(self) -> Token:
        """The last word of the entry."""
        words = [token for option in self.options for token in option.tokens] + self.others
        return max([self.columns["command"], *words], key=lambda token: token.end)

    def values(self) -> dict[str, str]:
        """Return the columns as text."""
        return {name: decode(token.text) for name, token in self.columns.items()}

    def option_values(self) -> dict[str, str]:
        """Return the options; the last one of a name counts."""
        return {option.name: option.value for option in self.options}

    def arguments(self) -> list[str]:
        """Return the words that are neither columns nor ``-o`` options, without their braces."""
        return [decode(unbraced(token.text)) for token in self.others]


def decode(text: bytes) -> str:
    """Return bytes as text that can be turned back into the same bytes."""
    return text.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes of a text."""
    return text.encode("utf-8", "surrogateescape")


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


def brace_problem(text: bytes) -> str | None:
    """Say what is wrong with a word that starts with a brace; None if nothing is."""
    if not text.startswith(b"{"):
        return None
    depth = 0
    for offset in range(len(text)):
        depth += {b"{": 1, b"}": -1}.get(text[offset : offset + 1], 0)
        if depth == 0:
            rest = decode(text[offset + 1 :])
            return f"text after the closing brace: {rest!r}; put a space before it" if rest else None
    return "a brace that is not closed; write `}` where the value ends"


def unbraced(text: bytes) -> bytes:
    """Return a word without the braces around it."""
    if text.startswith(b"{") and brace_problem(text) is None:
        return text[1:-1].strip()
    return text


def parse_entry(piece: Piece, path: str | None = None) -> Entry:
    """Return the entry of a logical line.

    :raises ConfigError: it has fewer than eight columns. What else is wrong with it stands in
        the entry's ``problems``, with the offset in the text.
    """
    columns = tokens(piece.text)[:8]
    if len(columns) < 8:
        line, column = piece.place(len(piece.text))
        name = ("name", "type", *COLUMNS)[len(columns)]
        found = decode(b" ".join(piece.text.split()))[:60]
        raise ConfigError(
            f"{found!r} is no entry of master.cf: the column {name} is missing; write "
            "`name type private unpriv chroot wakeup maxproc command`, with - for a default",
            path,
            line,
            column,
        )
    entry = Entry(
        decode(columns[0].text),
        decode(columns[1].text),
        dict(zip(COLUMNS, columns[2:])),
        [],
        [],
        piece,
    )
    _parse_arguments(entry, tokens(piece.text, columns[7].end, braces=True))
    return entry


def _parse_arguments(entry: Entry, words: list[Token]) -> None:
    """Sort the words after the command into ``-o`` options and the others."""
    options_over = False
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        problem = brace_problem(word.text)
        if problem:
            entry.problems.append((problem, word.start))
        if not word.text.startswith(b"-") or word.text == b"--":
            options_over = True
        if options_over or not word.text.startswith(b"-o"):
            entry.others.append(word)
            continue
        spelled = [word]
        if word.text == b"-o":
            if position == len(words):
                entry.problems.append(("-o without name=value after it", word.start))
                entry.others.append(word)
                continue
            spelled.append(words[position])
            position += 1
        _add_option(entry, spelled)


def _add_option(entry: Entry, spelled: list[Token]) -> None:
    text = spelled[-1].text[2:] if len(spelled) == 1 else spelled[-1].text
    problem = brace_problem(text)
    name, equals, value = unbraced(text).partition(b"=")
    if problem or not equals or not name.strip():
        problem = problem or (
            f"-o {decode(text)} sets nothing; write `-o name=value` without spaces around "
            "the =, or `-o { name = value }`"
        )
        entry.problems.append((problem, spelled[-1].start))
    entry.options.append(Option(decode(name.strip()), decode(value.strip()), spelled))


def render_option(name: str, value: str) -> str:
    """Return ``-o name=value``, with braces where the value needs them.

    :raises ConfigError: the value holds white space and a brace without its other.
    """
    if not value.startswith("{") and not any(char.isspace() for char in value):
        return f"-o {name}={value}"
    braced = f"{{ {name} = {value} }}"
    if brace_problem(encode(braced)):
        raise ConfigError(f"-o {name}: {value!r} has a brace without its other; close it")
    return f"-o {braced}"


def render_argument(text: str) -> str:
    """Return an argument as one word, with braces where it needs them."""
    if text and not text.startswith("{") and not any(char.isspace() for char in text):
        return text
    return f"{{ {text} }}" if text else "{}"


def render(
    key: str, columns: dict[str, str], options: dict[str, str], arguments: list[str]
) -> list[bytes]:
    """Return the lines, without endings, of a new entry in the stock file's columns."""
    name, _slash, kind = key.rpartition("/")
    widths = (8, 8, 8, 8, 8, 0)
    cells = [f"{columns[column]:<{width}}" for column, width in zip(COLUMNS, widths)]
    lines = [f"{name:<9} {kind:<5} {''.join(cells)}"]
    lines += [f"  {render_option(option, value)}" for option, value in options.items()]
    if arguments:
        lines.append("  " + " ".join(map(render_argument, arguments)))
    return [encode(line) for line in lines]
