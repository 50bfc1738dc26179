# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the services of master.cf, and no more of the file than what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._logical_lines import (
    SPACE,
    Piece,
    end_last_line,
    is_ignored,
    join,
    line_ending,
    refuse_nul,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix_master import (
    COLUMNS,
    Entry,
    Token,
    encode,
    parse_entry,
    render,
    render_argument,
    render_option,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix_service import Service

DEFAULTS = {"private": "y", "unpriv": "y", "wakeup": "0"}
"""What - stands for, where that never depends on anything else (master(5))."""

CONTINUATION = re.compile(rb"#[ \t]+(-o[ \t]*\S|\w+=)")
"""A line of a commented entry, and not a sentence."""


@dataclass
class Change:
    """What an edit came to."""

    data: bytes
    changed: list[str] = field(default_factory=list)


def parse(data: bytes, path: str | None = None) -> tuple[list[Piece], list[Entry]]:
    """Return the pieces of a master.cf and the entries among them. Raises ConfigError."""
    refuse_nul(data, path)
    pieces = split(data)
    return pieces, [parse_entry(piece, path) for piece in pieces if piece.text]


def _parse_exclusive(data: bytes) -> tuple[list[Piece], list[Entry]]:
    """Parse a file of which only comments and entries stay."""
    pieces, entries = [], []
    for piece in split(data):
        lines = b"".join(piece.lines)
        if b"\0" in lines or (not piece.text and not is_ignored(lines)):
            continue
        if piece.text:
            try:
                entries.append(parse_entry(piece))
            except ConfigError:
                continue
        pieces.append(piece)
    return pieces, entries


def set_services(
    data: bytes,
    services: Iterable[Service],
    exclusive: bool = False,
    baseline: bytes = b"",
    path: str | None = None,
) -> Change:
    """Bring services to what is asked.

    :arg exclusive: make the file mean the baseline with the services laid over it, whatever it
        held; lines that master(8) would die of go.
    :raises ConfigError: a line of the file is no entry, or a service asked for has no command.
    """
    pieces, entries = _parse_exclusive(data) if exclusive else parse(data, path)
    ending = line_ending(data)
    stock = {entry.key: entry for entry in parse(baseline)[1]} if exclusive else {}
    wanted = {service.key: service for service in services}
    if exclusive:
        wanted = {
            key: _over(stock.get(key), wanted.get(key, Service(key)))
            for key in dict.fromkeys([*stock, *wanted, *(entry.key for entry in entries)])
            if key in stock or key in wanted
        }
    by_key: dict[str, list[Entry]] = {}
    for entry in entries:
        by_key.setdefault(entry.key, []).append(entry)
    change = Change(data)
    new: list[bytes] = []
    for key, service in wanted.items():
        found = by_key.pop(key, [])
        before = _text(found)
        if exclusive and service.state == "present":
            _remove(found[:-1])
        if service.state == "absent":
            _remove(found)
        elif service.state == "commented":
            _comment_out(found)
        else:
            entry = found[-1] if found else _uncomment(pieces, key)
            if entry:
                _bring(entry, service, ending)
            else:
                new += [line + ending for line in _new(service, stock.get(key), path)]
            if not found:
                change.changed.append(key)
        if _text(found) != before:
            change.changed.append(key)
    if exclusive:
        for key, found in by_key.items():
            _remove(found)
            change.changed.append(key)
    pieces = [piece for piece in pieces if piece.lines]
    if new:
        end_last_line(pieces, ending)
        pieces.append(Piece(0, new))
    change.data = join(pieces)
    return change


def _over(stock: Entry | None, service: Service) -> Service:
    """Return all that a service is to be: the baseline's entry with what is asked laid over it."""
    if stock is None or service.state != "present":
        base = {"private": "n"} if service.key.endswith("/inet") else {}
        columns = {**dict.fromkeys(COLUMNS[:-1], "-"), **base, **service.columns}
        options, arguments = {}, []
    else:
        columns = {**stock.values(), **service.columns}
        options, arguments = stock.option_values(), stock.arguments()
    if service.options_mode == "exact":
        options = {}
    options = {**options, **service.options}
    return Service(
        service.key,
        service.state,
        columns,
        {name: value for name, value in options.items() if value is not None},
        "exact",
        arguments if service.arguments is None else service.arguments,
    )


def _text(found: list[Entry]) -> list[list[bytes]]:
    return [list(entry.piece.lines) for entry in found]


def _remove(found: list[Entry]) -> None:
    for entry in found:
        entry.piece.lines = [line for line in entry.piece.lines if line.lstrip(SPACE)[:1] == b"#"]


def _comment_out(found: list[Entry]) -> None:
    for entry in found:
        lines = entry.piece.lines
        entry.piece.lines = [line if is_ignored(line) else b"#" + line for line in lines]


def _uncomment(pieces: list[Piece], key: str) -> Entry | None:
    """Make the last commented entry of a service an entry again, where it parses whole."""
    if any(not piece.text and not is_ignored(piece.lines[0]) for piece in pieces):
        return None  # a stray continuation line might attach itself to the entry
    for first in range(len(pieces) - 1, -1, -1):
        line = pieces[first].lines[0]
        if pieces[first].text or line[:1] != b"#" or line[1:2] in (b" ", b"\t"):
            continue
        last = first + 1
        while last < len(pieces) and CONTINUATION.match(pieces[last].lines[0]):
            last += 1
        candidate = split(b"".join(piece.lines[0][1:] for piece in pieces[first:last]))
        try:
            entry = parse_entry(candidate[0])
        except ConfigError:
            continue
        if entry.key == key and not entry.problems:
            pieces[first:last] = candidate
            return entry
    return None


def _new(service: Service, stock: Entry | None, path: str | None) -> list[bytes]:
    """Return the lines of an entry that the file does not have."""
    inet = service.key.endswith("/inet")
    columns = {**dict.fromkeys(COLUMNS, "-"), "private": "n" if inet else "-", **service.columns}
    if columns["command"] == "-":
        raise ConfigError(f"{service.key}: a new service needs a command, such as smtpd", path)
    options = {name: value for name, value in service.options.items() if value is not None}
    return render(service.key, columns, options, service.arguments or [])


def _bring(entry: Entry, service: Service, ending: bytes) -> None:
    """Change the words of an entry that differ from what is asked."""
    edits: list[tuple[int, int, bytes]] = []
    drop: list[Token] = []
    append: list[str] = []
    for column, value in service.columns.items():
        token = entry.columns[column]
        if not _same_column(service.key, column, token.text, encode(value)):
            edits.append(_column_edit(entry, token, encode(value)))
    found = {option.name: option for option in entry.options}
    for name, value in service.options.items():
        option = found.get(name)
        if value is None:
            drop += [word for other in entry.options if other.name == name for word in other.tokens]
        elif option is None:
            append.append(render_option(name, value))
        elif " ".join(option.value.split()) != value:
            first, last = option.tokens[0], option.tokens[-1]
            edits.append((first.start, last.end, encode(render_option(name, value))))
    if service.options_mode == "exact":
        drop += [
            word
            for option in entry.options
            if option.name not in service.options or option is not found[option.name]
            for word in option.tokens
        ]
    rewrite = service.arguments is not None and entry.arguments() != service.arguments
    if rewrite or (append and entry.others):
        # Options have to stand before the other arguments, so that these move behind them.
        drop += entry.others
        arguments = service.arguments if rewrite else entry.arguments()
        append.append(" ".join(map(render_argument, arguments)))
    edits += [(word.start, word.end, b"") for word in drop]
    last = entry.last
    _splice(entry.piece, edits)
    _append(entry.piece, [encode(line) for line in append if line], ending, last)


def _same_column(key: str, column: str, found: bytes, wanted: bytes) -> bool:
    if found == wanted:
        return True
    default = encode(DEFAULTS.get(column, ""))
    if not default or (column == "private" and key.endswith("/inet")):
        return False
    return (default if found == b"-" else found) == (default if wanted == b"-" else wanted)


def _column_edit(entry: Entry, token: Token, value: bytes) -> tuple[int, int, bytes]:
    """Return an edit that keeps the columns after this one where they are, where there is room."""
    text = entry.piece.text
    room = token.end
    while text[room : room + 1] == b" " and text[room + 1 : room + 2] == b" ":
        room += 1
    width = len(token.text)
    if len(value) <= width:
        pad = b" " * (width - len(value)) if text[token.end : token.end + 1] == b" " else b""
        return token.start, token.end, value + pad
    return token.start, min(room, token.end + len(value) - width), value


def _splice(piece: Piece, edits: list[tuple[int, int, bytes]]) -> None:
    """Replace stretches of a logical line's text in its physical lines."""
    for start, end, new in sorted(edits, reverse=True):
        offset = 0
        for index, line in enumerate(piece.lines):
            if is_ignored(line):
                continue
            length = len(line.rstrip(b"\n"))
            first, last = max(start - offset, 0), min(end - offset, length)
            if first < last:
                piece.lines[index] = line[:first] + new + line[last:]
                new = b""
            offset += length
    touched = [line for line in piece.lines]
    piece.lines = [_tidy(line) for line in touched if line.strip(SPACE) or not edits]


def _tidy(line: bytes) -> bytes:
    """Return a line without the white space that an edit left before its ending."""
    return line


def _append(piece: Piece, lines: list[bytes], ending: bytes, last: Token) -> None:
    """Add words to an entry, each on a line of its own behind its last one."""
    if not lines:
        return
    position = max(index for index, line in enumerate(piece.lines) if not is_ignored(line)) + 1
    holder = [Piece(0, piece.lines[:position])]
    end_last_line(holder, ending)
    continued = [line for line in holder[0].lines[1:] if not is_ignored(line)]
    indent = continued[-1][: len(continued[-1]) - len(continued[-1].lstrip())] if continued else b"  "
    new = [indent + line + ending for line in lines]
    piece.lines = holder[0].lines + new + piece.lines[position:]
