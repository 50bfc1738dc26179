# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a lookup table as postmap(1) and postalias(1) do, without loss, and fast for a large one.

A table is cut before each line that starts with text, so that a chunk is an entry with its
continuation lines and whatever blank lines and comments follow. Joined again with newlines, the
chunks are the file. Source: readllines() in src/util/readlline.c.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._logical_lines import (
    SPACE,
    is_ignored,
    refuse_nul,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix_table_syntax import (
    Postmap,
    shown,
)

_CUT = re.compile(rb"\n(?=[^\s#])")
_BOM = b"\xef\xbb\xbf"


@dataclass
class Table:
    """What a file holds: the keys as an index holds them, and the values, of its sound entries.

    ``where`` are the numbers of the entries' chunks; ``problems`` is what Postfix would warn of.
    """

    chunks: list[bytes]
    syntax: Postmap
    path: str | None = None
    keys: list[bytes] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    where: Sequence[int] = ()
    problems: list[ConfigError] = field(default_factory=list)

    @property
    def entry_count(self) -> int:
        """How many entries an index of this has; in an ordered table, how many rules there are."""
        return len(self.keys if self.syntax.ordered else set(self.keys))

    def records(self) -> set[bytes]:
        """Return the entries as ``postmap -s`` prints them. Of a repeated key the first counts."""
        pairs = zip(self.keys, self.values)
        if self.duplicates:
            pairs = dict(reversed(list(pairs))).items()
        return set(map(b"\t".join, pairs))

    @property
    def duplicates(self) -> list[bytes]:
        """The keys that more than one entry has, where only the first of them counts."""
        if self.syntax.ordered or len(set(self.keys)) == len(self.keys):
            return []
        seen: set[bytes] = set()
        return list(dict.fromkeys(key for key in self.keys if key in seen or seen.add(key)))

    def lines(self) -> list[int]:
        """Return the number of the line on which each chunk starts, from 1."""
        counts = (chunk.count(b"\n") + 1 for chunk in self.chunks)
        return [1 + before for before in itertools.accumulate(counts, initial=0)]

    def refuse(self, chunk: int, message: str) -> None:
        """Add a problem with the entry of a chunk."""
        self.problems.append(ConfigError(message, self.path, chunk))


def cut(data: bytes) -> list[bytes]:
    """Cut a file into chunks. The first one is no entry if it starts with white space or ``#``."""
    return _CUT.split(data)


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
    first = 0 if is_entry(table.chunks[0]) else 1
    if first and not all(map(is_ignored, table.chunks[0].split(b"\n"))):
        table.refuse(0, "a line that starts with white space, but continues none; take it out")
    texts = [
        chunk if b"\n" not in chunk else logical_line(chunk)
        for chunk in (table.chunks[first:] if first else table.chunks)
    ]
    table.where = range(first, len(table.chunks))
    if data.startswith(_BOM):
        table.refuse(0, "a byte order mark, which would be part of the first key; take it out")
    if b'"' in data or b"\\" in data or not _is_utf8(data, syntax):
        pairs = _part_each(table, texts)
    else:
        pairs = syntax.parts(texts)
        if pairs and (min(map(len, pairs)) < 2 or any(pair[0][-1:] == b":" for pair in pairs)):
            pairs = _part_each(table, texts)
    table.keys = syntax.fold_all([pair[0] for pair in pairs], data.isascii())
    table.values = [pair[1] for pair in pairs]
    _refuse_duplicates(table)
    _place(table)
    return table


def _is_utf8(data: bytes, syntax: Postmap) -> bool:
    if not syntax.utf8:
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _part_each(table: Table, texts: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Part lines one by one; ``where`` is then of those that Postfix does not pass over."""
    pairs, where = [], []
    for chunk, text in zip(table.where, texts):
        if not _is_utf8(text, table.syntax):
            table.refuse(chunk, "is not UTF-8, so that Postfix passes it over; convert the file")
            continue
        try:
            found = table.syntax.part(text)
        except ConfigError as error:
            table.refuse(chunk, error.message)
            continue
        pairs.append((found.key, found.value))
        where.append(chunk)
    table.where = where
    return pairs


def _refuse_duplicates(table: Table) -> None:
    duplicates = set(table.duplicates)
    if duplicates:
        lines = table.lines()
        first: dict[bytes, int] = {}
        for number, key in zip(table.where, table.keys):
            if key in duplicates and first.setdefault(key, number) != number:
                table.refuse(
                    number,
                    f"{shown(key)} stands on line {lines[first[key]]} already, which is the one "
                    "that counts; take one out (upper and lower case are one)",
                )


def _place(table: Table) -> None:
    """Give the problems, which so far know their chunk, the number of their line."""
    if table.problems:
        lines = table.lines()
        table.problems.sort(key=lambda problem: problem.line)
        for problem in table.problems:
            problem.line = lines[problem.line]


def hidden(data: bytes, syntax: Postmap) -> bytes:
    """Return a table's text without its values, for a diff that nobody may learn a secret from."""
    lines = []
    for chunk in cut(data):
        if not is_entry(chunk):
            lines.append(chunk)
            continue
        try:
            key = syntax.part(logical_line(chunk)).key
        except ConfigError:
            key = b""
        comments = [line for line in chunk.split(b"\n") if is_ignored(line)]
        lines += [key + b" ********", *comments]
    return b"\n".join(lines)
