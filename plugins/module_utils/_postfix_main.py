# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's main.cf: read it without loss, and change no more than what differs.

Source: postconf(5); split_nameval() in src/util/split_nameval.c; dict_load_fp() in src/util/dict.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
from ansible_collections.labs.mail.plugins.module_utils._postfix_value import (
    elements,
    fold,
    is_list_parameter,
    lay_out,
    relay_out,
)

NEEDS_RESTART = frozenset({"inet_interfaces", "inet_protocols"})
"""Parameters that master(8) reads only when it starts (get_master_ent() in master_ent.c)."""

NAME = re.compile(rb"[^\s=#][^\s=]*")

Value = "str | list[str] | None"


@dataclass
class Entry:
    """One ``name = value`` of the file; ``start`` is where the value begins in the line's text."""

    name: str
    value: bytes
    piece: Piece
    start: int


@dataclass
class Change:
    """What an edit came to."""

    data: bytes
    changed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def restart_needed(self) -> bool:
        """Whether a reload is not enough for what has changed."""
        return not NEEDS_RESTART.isdisjoint(self.changed)


def wanted_value(name: str, value: Any) -> Value:
    """Return what is asked for one parameter as text: a string, or a list of them.

    :arg value: a scalar, a list of scalars, or None for a parameter that is not to be set.
        Booleans become ``yes`` and ``no``.
    :raises ConfigError: the name or the value cannot stand in main.cf.
    """
    if not NAME.fullmatch(name.encode()) or "\0" in name:
        raise ConfigError(
            f"{name!r} is no name of a parameter: it holds white space, '=' or '#', or nothing"
        )
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return [_element(name, element) for element in value]
    return _scalar(name, value)


def _scalar(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (str, int, float)):
        raise ConfigError(
            f"{name}: {value!r} is a {type(value).__name__}; write a string, a number, a boolean, "
            "a list of these, or null"
        )
    text = str(value).strip()
    if "\0" in text:
        raise ConfigError(f"{name}: a value cannot hold a NUL byte; take it out")
    for line in text.splitlines()[1:]:
        if line.lstrip().startswith("#"):
            raise ConfigError(
                f"{name}: the line {line.strip()!r} of the value would be a comment in main.cf; "
                "take it out, or write it on the line before"
            )
    return text


def _element(name: str, value: Any) -> str:
    text = _scalar(name, value)
    if text.count("{") != text.count("}"):
        raise ConfigError(f"{name}: {text!r} has a brace without its other; close it")
    if text.startswith("#"):
        raise ConfigError(f"{name}: {text!r} would be a comment in main.cf; take it out")
    return " ".join(text.split())


def parse(data: bytes, path: str | None = None) -> tuple[list[Piece], list[Entry]]:
    """Return the pieces of the file and the entries among them.

    :raises ConfigError: Postfix would stop at a line (no name, or no ``=``).
    """
    refuse_nul(data, path)
    pieces = split(data)
    return pieces, [_entry(piece, path) for piece in pieces if piece.text]


def _entry(piece: Piece, path: str | None) -> Entry:
    text = piece.text
    match = re.match(rb"([^\s=]*)\s*(=?)\s*", text)
    name, equals = match.groups()
    if not name or not equals:
        line, column = piece.place(match.end() if name else 0)
        found = fold(text)[:60].decode("utf-8", "backslashreplace")
        what = "an '=' must follow the name" if name else "a name must stand before the '='"
        raise ConfigError(
            f"{found!r} is no entry of main.cf: {what}; write `name = value`", path, line, column
        )
    return Entry(
        name.decode("utf-8", "surrogateescape"),
        text[match.end() :].rstrip(SPACE),
        piece,
        match.end(),
    )


def read(data: bytes, path: str | None = None) -> dict[str, str]:
    """Return what the file sets, as Postfix reads it; the last of several entries counts."""
    return {
        entry.name: fold(entry.value).decode("utf-8", "surrogateescape")
        for entry in parse(data, path)[1]
    }


def equal(name: str, found: bytes, wanted: str | list[str]) -> bool:
    """Tell whether Postfix makes the same of a value in the file and of a wanted one."""
    if isinstance(wanted, list):
        return elements(found) == elements(" ".join(wanted).encode())
    value = wanted.encode("utf-8", "surrogateescape")
    if is_list_parameter(name):
        return elements(found) == elements(value)
    return fold(found) == fold(value)


def set_parameters(
    data: bytes,
    parameters: Mapping[str, Value],
    exclusive: bool = False,
    on_duplicate: str = "last",
    path: str | None = None,
) -> Change:
    """Give parameters their values.

    :arg parameters: values from ``wanted_value``; None takes the parameter out of the file.
    :arg exclusive: take out all that is not named, and lines that Postfix would not take.
    :arg on_duplicate: ``last``: the last entry counts, the others are left; ``remove``: they go;
        ``fail``. With ``exclusive`` they go.
    :raises ConfigError: Postfix would stop at a line of the file (not with ``exclusive``).
    """
    pieces, entries = _parse_exclusive(data) if exclusive else parse(data, path)
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    change = Change(data)
    ending = line_ending(data)
    gone: list[Piece] = []
    new: list[bytes] = []
    for name, wanted in parameters.items():
        found = by_name.pop(name, [])
        if len(found) > 1 and wanted is not None:
            _report_duplicates(found, on_duplicate, exclusive, change, path)
            if exclusive or on_duplicate == "remove":
                gone += [entry.piece for entry in found[:-1]]
        if wanted is None:
            gone += [entry.piece for entry in found]
        elif not found:
            if not _uncomment(pieces, name, wanted, path):
                new += lay_out(name, wanted, ending)
            change.changed.append(name)
        elif not equal(name, found[-1].value, wanted):
            found[-1].piece.lines = relay_out(found[-1], wanted, ending)
            change.changed.append(name)
        if wanted is None and found:
            change.changed.append(name)
    if exclusive:
        for name, found in by_name.items():
            gone += [entry.piece for entry in found]
            change.changed.append(name)
    for piece in gone:
        piece.lines = [line for line in piece.lines if line.lstrip(SPACE)[:1] == b"#"]
    pieces = [piece for piece in pieces if piece.lines]
    if new:
        end_last_line(pieces, ending)
        pieces.append(Piece(0, new))
    change.data = join(pieces)
    return change


def comment_out(data: bytes, names: Iterable[str], path: str | None = None) -> Change:
    """Make comments of the entries of these parameters."""
    pieces, entries = parse(data, path)
    names = set(names)
    change = Change(data)
    for entry in entries:
        if entry.name in names:
            entry.piece.lines = [
                line if line.lstrip(SPACE)[:1] == b"#" else b"#" + line
                for line in entry.piece.lines
            ]
            change.changed.append(entry.name)
    change.data = join(pieces)
    return change


def _parse_exclusive(data: bytes) -> tuple[list[Piece], list[Entry]]:
    """Parse a file of which only the comments and the named parameters stay."""
    pieces, entries = [], []
    for piece in split(data):
        lines = b"".join(piece.lines)
        if b"\0" in lines or (not piece.text and lines.strip(SPACE)[:1] not in (b"", b"#")):
            continue
        if piece.text:
            try:
                entries.append(_entry(piece, None))
            except ConfigError:
                continue
        pieces.append(piece)
    return pieces, entries


def _report_duplicates(
    found: list[Entry], on_duplicate: str, exclusive: bool, change: Change, path: str | None
) -> None:
    last = found[-1]
    lines = ", ".join(str(entry.piece.number) for entry in found)
    message = f"{last.name} is set {len(found)} times (lines {lines}); Postfix reads the last only"
    if exclusive or on_duplicate == "remove":
        change.changed.append(last.name)
    elif on_duplicate == "fail":
        raise ConfigError(f"{message}. Take the others out", path, last.piece.number, 1)
    else:
        change.warnings.append(message)


def _uncomment(pieces: list[Piece], name: str, wanted: str | list[str], path: str | None) -> bool:
    """Make an entry of a comment that says just what is wanted; tell whether there was one."""
    if any(not piece.text and not is_ignored(piece.lines[0]) for piece in pieces):
        return False  # a stray continuation line might attach itself to the new entry
    start = re.compile(rb"#" + re.escape(name.encode()) + rb"\s*=")
    for first, piece in enumerate(pieces):
        if piece.text or not start.match(piece.lines[0]):
            continue
        last = first
        candidate = piece.lines[0][1:]
        while not equal(name, parse(candidate, path)[1][0].value, wanted):
            last += 1
            line = pieces[last].lines[0] if last < len(pieces) else b""
            if line[:2] not in (b"# ", b"#\t"):
                break
            candidate += line[1:]
        else:
            for comment in pieces[first : last + 1]:
                comment.lines[0] = comment.lines[0][1:]
            return True
    return False
