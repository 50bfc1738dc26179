# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the parameters of main.cf, and no more of the file than what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    Piece,
    end_last_line,
    is_ignored,
    join,
    line_ending,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.layout import (
    lay_out,
    relay_out,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.parser import (
    Entry,
    Value,
    parse,
    parse_entry,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import Meaning, text_of

NEEDS_RESTART = frozenset({"inet_interfaces", "inet_protocols"})
"""Parameters that a reload is not enough for (postconf(5))."""


@dataclass
class Change:
    """What an edit came to.

    ``rewritten`` tells of more than parameters: lines went at which Postfix would stop, or the
    file was made.
    """

    data: bytes
    changed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rewritten: bool = False

    @property
    def reload_needed(self) -> bool:
        """Whether a running Postfix has something new to read."""
        return bool(self.changed) or self.rewritten

    @property
    def restart_needed(self) -> bool:
        """Whether a reload is not enough for what has changed."""
        return not NEEDS_RESTART.isdisjoint(self.changed)


def set_parameters(
    data: bytes,
    parameters: Mapping[str, Value],
    exclusive: bool = False,
    on_duplicate: str = "last",
    path: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Change:
    """Give parameters their values.

    :arg parameters: values from ``wanted_value``; None takes the parameter out of the file.
    :arg exclusive: take out all that is not named, and lines that Postfix would not take.
    :arg on_duplicate: ``last``: the last entry counts, the others are left; ``remove``: they go;
        ``fail``. With ``exclusive`` they go.
    :arg defaults: what ``postconf -dx`` lists, from which the types of parameters follow.
    :raises ConfigError: Postfix would stop at a line of the file (not with ``exclusive``).
    """
    change = Change(data)
    pieces, entries = _parse_exclusive(data, change) if exclusive else parse(data, path)
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    meaning = Meaning(defaults, _restriction_classes(entries, parameters))
    ending = line_ending(data)
    gone: list[Entry] = []
    new: list[bytes] = []
    for name, value in parameters.items():
        found = by_name.pop(name, [])
        if value is None:
            gone += found
            change.changed += [name] if found else []
            continue
        if len(found) > 1:
            gone += _duplicates(found, "remove" if exclusive else on_duplicate, change, path)
        wanted = meaning.as_written(name, value)
        if not found:
            if not _uncomment(pieces, name, wanted, meaning):
                new += lay_out(name, wanted, ending)
            change.changed.append(name)
        elif not _same(meaning, found[-1], wanted):
            entry = found[-1]
            entry.piece.lines = relay_out(entry, wanted, meaning.is_list(name), ending)
            change.changed.append(name)
    if exclusive:
        gone += [entry for found in by_name.values() for entry in found]
        change.changed += by_name
    for entry in gone:
        entry.piece.lines = _comments(entry.piece)
    change.changed = list(dict.fromkeys(change.changed))
    change.data = _joined([*pieces, Piece(0, new)], ending) if change.reload_needed else data
    return change


def comment_out(data: bytes, names: Iterable[str], path: str | None = None) -> Change:
    """Make comments of the entries of these parameters."""
    pieces, entries = parse(data, path)
    names = set(names)
    change = Change(data)
    for entry in entries:
        if entry.name in names:
            entry.piece.lines = [
                line if is_ignored(line) else b"#" + line for line in entry.piece.lines
            ]
            change.changed.append(entry.name)
    change.changed = list(dict.fromkeys(change.changed))
    change.data = _joined(pieces, line_ending(data)) if change.changed else data
    return change


def _joined(pieces: list[Piece], ending: bytes) -> bytes:
    """Return the file that is left of the pieces, each line with an ending."""
    pieces = [piece for piece in pieces if piece.lines]
    for piece in pieces:
        end_last_line([piece], ending)
    return join(pieces)


def _comments(piece: Piece) -> list[bytes]:
    return [line for line in piece.lines if line.lstrip(SPACE)[:1] == b"#"]


def _same(meaning: Meaning, entry: Entry, wanted: str | list[str]) -> bool:
    lines = sum(not is_ignored(line) for line in entry.piece.lines)
    return meaning.same(entry.name, entry.value, wanted, lines)


def _restriction_classes(entries: Iterable[Entry], parameters: Mapping[str, Value]) -> bytes:
    """Return the names of lists that the file, or else what is asked, declares as such."""
    name = "smtpd_restriction_classes"
    if parameters.get(name) is not None:
        return text_of(parameters[name])
    return b" ".join(entry.value for entry in entries if entry.name == name)


def _parse_exclusive(data: bytes, change: Change) -> tuple[list[Piece], list[Entry]]:
    """Parse a file of which only the comments and the named parameters stay."""
    pieces, entries = [], []
    for piece in split(data):
        lines = b"".join(piece.lines)
        if b"\0" in lines or (not piece.text and not is_ignored(lines)):
            change.rewritten = True
            continue
        pieces.append(piece)
        if piece.text:
            try:
                entries.append(parse_entry(piece))
            except ConfigError:
                change.rewritten = True
                piece.lines = _comments(piece)
    return pieces, entries


def _duplicates(
    found: list[Entry], on_duplicate: str, change: Change, path: str | None
) -> list[Entry]:
    """Return the entries to take out of those that Postfix does not read."""
    *others, last = found
    if on_duplicate == "remove":
        change.changed.append(last.name)
        return others
    lines = ", ".join(str(entry.piece.number) for entry in found)
    message = f"{last.name} is set {len(found)} times (lines {lines}); Postfix reads the last only"
    if on_duplicate == "fail":
        raise ConfigError(f"{message}. Take the others out", path, last.piece.number, 1)
    change.warnings.append(message)
    return []


def _uncomment(pieces: list[Piece], name: str, wanted: str | list[str], meaning: Meaning) -> bool:
    """Make an entry of a comment that says just what is wanted; tell whether there was one."""
    if any(not piece.text and not is_ignored(piece.lines[0]) for piece in pieces):
        return False  # a stray continuation line might attach itself to the new entry
    start = re.compile(rb"#" + re.escape(text_of(name)) + rb"\s*=")
    for first, piece in enumerate(pieces):
        if piece.text or not start.match(piece.lines[0]):
            continue
        for last in range(first, len(pieces)):
            line = pieces[last].lines[0]
            if last > first and line[:2] not in (b"# ", b"#\t"):
                break
            candidate = split(b"".join(each.lines[0][1:] for each in pieces[first : last + 1]))
            if len(candidate) == 1 and _same(meaning, parse_entry(candidate[0]), wanted):
                pieces[first : last + 1] = candidate
                return True
    return False
