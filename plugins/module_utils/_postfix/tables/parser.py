# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a lookup table as postmap(1) and postalias(1) do, without loss, and fast for a large one.

A table is cut before each line that starts with text, so that a chunk is an entry with its
continuation lines and whatever blank lines and comments follow. Joined again with newlines, the
chunks are the file. Source: readllines() in src/util/readlline.c.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    LogicalLine,
    is_ignored,
    refuse_nul,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import (
    Postmap,
    not_utf8,
    shown,
)

CUT = re.compile(rb"\n(?=[^\s#])")
BOM = b"\xef\xbb\xbf"


@dataclass
class Table:
    """What a file holds: the keys as an index holds them, and the values, of its sound entries.

    ``where`` are the numbers of the entries' chunks; ``problems`` is what Postfix would warn of,
    each at its place; ``warned`` are the lines on which the entries start that have a problem.
    """

    chunks: list[bytes]
    syntax: Postmap
    path: str | None = None
    keys: list[bytes] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    where: Sequence[int] = ()
    problems: list[ConfigError] = field(default_factory=list)
    warned: set[int] = field(default_factory=set)

    @property
    def entry_count(self) -> int:
        """How many entries an index of this has; in an ordered table, how many rules there are."""
        return len(set(self.keys)) if self.duplicates else len(self.keys)

    def records(self) -> set[bytes]:
        """Return the entries as ``postmap -s`` prints them. Of a repeated key the first counts."""
        pairs = zip(self.keys, self.values)
        if self.duplicates:
            return set(map(b"\t".join, dict(reversed(list(pairs))).items()))
        return set(map(b"\t".join, pairs))

    @functools.cached_property
    def duplicates(self) -> list[bytes]:
        """The keys that more than one entry has, where only the first of them counts."""
        if self.syntax.ordered or len(set(self.keys)) == len(self.keys):
            return []
        seen: set[bytes] = set()
        found: dict[bytes, None] = {}
        for key in self.keys:
            if key in seen:
                found[key] = None
            seen.add(key)
        return list(found)

    def lines(self) -> list[int]:
        """Return the number of the line on which each chunk starts, from 1."""
        counts = (chunk.count(b"\n") + 1 for chunk in self.chunks)
        return [1 + before for before in itertools.accumulate(counts, initial=0)]


def cut(data: bytes) -> list[bytes]:
    """Cut a file into chunks. The first one is no entry if it starts with white space or ``#``."""
    return CUT.split(data)


def is_entry(chunk: bytes) -> bool:
    """Tell whether a chunk starts with an entry."""
    return chunk[:1] not in (b"", b"#") and chunk[0] not in SPACE


def logical_line(chunk: bytes) -> bytes:
    """Return what Postfix reads of a chunk: its lines in one, without comments."""
    if b"\n" not in chunk:
        return chunk
    return b"".join(line for line in chunk.split(b"\n") if not is_ignored(line))


def read(data: bytes, syntax: Postmap, path: str | None = None) -> Table:
    """Read a table.

    :raises ConfigError: the file holds a NUL byte.
    """
    refuse_nul(data, path)
    table = Table(cut(data), syntax, path)
    problems = _Problems(table)
    first = 0 if is_entry(table.chunks[0]) else 1
    if first and not all(map(is_ignored, table.chunks[0].split(b"\n"))):
        problems.add(
            0, "a line that starts with white space, but continues none", instead="take it out"
        )
    if data.startswith(BOM):
        problems.add(
            0, "a byte order mark, which would be part of the first key", instead="take it out"
        )
    texts = logical_lines(table.chunks[first:] if first else table.chunks)
    table.where = range(first, len(table.chunks))
    plain = plain_pairs(texts, syntax) if is_plain(data, syntax) else None
    pairs: Sequence[Sequence[bytes]]
    pairs = plain if plain is not None else _part_each(table, texts, problems)
    table.keys = folded_keys(pairs, data, syntax)
    table.values = [value for _key, value in pairs]
    problems.add_duplicates()
    problems.place()
    return table


def is_plain(data: bytes, syntax: Postmap) -> bool:
    """Tell whether each line of a table may be parted at its first white space."""
    if not syntax.splits or b'"' in data or b"\\" in data:
        return False
    return data.isascii() or not syntax.utf8 or not_utf8(data) is None


def folded_keys(pairs: Iterable[Sequence[bytes]], data: bytes, syntax: Postmap) -> list[bytes]:
    """Return the keys of pairs as they stand in an index, fast where the file is in ASCII."""
    fold = bytes.lower if syntax.splits and data.isascii() else syntax.fold
    return [fold(key) for key, _value in pairs]


def logical_lines(chunks: list[bytes]) -> list[bytes]:
    """Return what Postfix reads of each chunk."""
    return [chunk if b"\n" not in chunk else logical_line(chunk) for chunk in chunks]


def plain_pairs(texts: list[bytes], syntax: Postmap) -> list[list[bytes]] | None:
    """Part plain lines into keys, not yet folded, and values; None where Postfix warns of one."""
    pairs = [text.rstrip().split(None, 1) for text in texts]
    if pairs and (min(map(len, pairs)) < 2 or any(key[-1:] == b":" for key, _value in pairs)):
        return None
    return pairs


def _part_each(table: Table, texts: list[bytes], problems: _Problems) -> list[tuple[bytes, bytes]]:
    """Part lines one by one; ``where`` is then of those that Postfix does not pass over."""
    pairs, where = [], []
    for chunk, text in zip(table.where, texts):
        wrong = not_utf8(text) if table.syntax.utf8 else None
        if wrong is not None:
            problems.add(
                chunk, "is not UTF-8, so that Postfix passes it over", wrong, instead="convert it"
            )
            continue
        try:
            found = table.syntax.part(text)
        except ConfigError as error:
            problems.add(chunk, error.found, (error.column or 1) - 1, instead=error.instead)
            continue
        doubt = table.syntax.doubt(found.key)
        if doubt:
            problems.add(chunk, doubt.found, instead=doubt.instead)
        pairs.append((found.key, found.value))
        where.append(chunk)
    table.where = where
    return pairs


class _Problems:
    """What is wrong with the entries of a table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.found: list[tuple[int, int, str, str]] = []

    def add(self, chunk: int, found: str, offset: int = 0, *, instead: str = "") -> None:
        """Note what is wrong at an offset in the logical line of a chunk."""
        self.found.append((chunk, offset, found, instead))

    def add_duplicates(self) -> None:
        """Note each entry whose key another has before it."""
        duplicates = set(self.table.duplicates)
        if not duplicates:
            return
        lines = self.table.lines()
        first: dict[bytes, int] = {}
        for number, key in zip(self.table.where, self.table.keys):
            if key in duplicates and first.setdefault(key, number) != number:
                self.add(
                    number,
                    f"{shown(key)} stands on line {lines[first[key]]} already, which is the one "
                    "that counts",
                    instead="take one out (upper and lower case are one)",
                )

    def place(self) -> None:
        """Give them to the table in the order of the file, each with its line and column."""
        starts = self.table.lines() if self.found else []
        for chunk, offset, found, instead in sorted(self.found):
            source = LogicalLine(starts[chunk], self.table.chunks[chunk].split(b"\n"))
            place = source.place(offset)
            self.table.problems.append(ConfigError(found, self.table.path, *place, instead=instead))
            self.table.warned.add(source.place(0)[0])
