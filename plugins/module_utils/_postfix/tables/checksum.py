# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large table or index at a glance: how many records, and one sum to tell two sets apart.

Records are looked at in blocks, so that it takes little memory, and no time that matters beside
what Postfix's own programs need. Whoever must know more reads the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import is_ignored
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import (
    BOM,
    CUT,
    folded_keys,
    is_entry,
    is_plain,
    logical_lines,
    plain_pairs,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import Postmap

_BLOCK = 1 << 20

_UNEVEN = {
    gap: re.compile(rb"\n(?![^\s#A-Z\x80-\xff]+(?<!:)" + gap + rb"\S)") for gap in (b" ", b"\t")
}
"""Finds the line that is anything else than a lower-case key in ASCII, one gap, and a value."""
_UNEVEN_ENDS = (b" \n", b"\t\n", b"\r", b"\v", b"\f")


@dataclass(frozen=True)
class RecordsChecksum:
    """How many records there are, and the sum of their hashes, which no order changes.

    Two sums of one process that are equal are of the same records: Python's hash of bytes has
    64 bits, and a key that is new in each process.
    """

    count: int
    total: int


def sum_of(blocks: Iterable[list[bytes]]) -> RecordsChecksum:
    """Return the sum of records that come many at a time."""
    count = total = 0
    for records in blocks:
        count += len(records)
        total += sum(map(hash, records))
    return RecordsChecksum(count, total)


class _OddError(Exception):
    """A line of a table is one that only a full reading understands."""


def glance(data: bytes, syntax: Postmap, key_limit: int | None = None) -> RecordsChecksum | None:
    """Return the sum of a table's records, spelled as ``postmap -s`` prints them.

    A key that stands twice counts twice, so that the sum is then no index's.

    :returns: None where the table has anything that Postfix might warn of, other than such a key,
        a key beyond the limit, or anything that takes a full reading to understand.
    """
    if not is_plain(data, syntax) or b"\0" in data or data.startswith(BOM):
        return None
    try:
        return sum_of(_records(data, syntax, key_limit or len(data)))
    except _OddError:
        return None


def _records(data: bytes, syntax: Postmap, key_limit: int) -> Iterator[list[bytes]]:
    for block in _blocks(data):
        records = _even_records(block)
        if records is None or max(map(len, records)) > key_limit:
            records = _odd_records(block, syntax, key_limit)
        yield records


def _even_records(block: bytes) -> list[bytes] | None:
    """Return the records where each line is one as it stands; this takes half the time."""
    text = block.removesuffix(b"\n")
    if any(end in text + b"\n" for end in _UNEVEN_ENDS):
        return None
    for gap, uneven in _UNEVEN.items():
        if not uneven.search(b"\n" + text):
            lines = text.split(b"\n")
            return lines if gap == b"\t" else [line.replace(gap, b"\t", 1) for line in lines]
    return None


def _odd_records(block: bytes, syntax: Postmap, key_limit: int) -> list[bytes]:
    chunks = CUT.split(block)
    head = [] if is_entry(chunks[0]) else chunks.pop(0).split(b"\n")
    if not all(map(is_ignored, head)):
        raise _OddError
    pairs = plain_pairs(logical_lines(chunks), syntax)
    if pairs is None:
        raise _OddError
    keys = folded_keys(pairs, block, syntax)
    if keys and max(map(len, keys)) > key_limit:
        raise _OddError
    return [key + b"\t" + value for key, (_key, value) in zip(keys, pairs)]


def _blocks(data: bytes) -> Iterator[bytes]:
    """Cut a file into blocks that each start with an entry, but for the first."""
    start = 0
    while start < len(data):
        found = CUT.search(data, start + _BLOCK)
        end = found.start() if found else len(data)
        yield data[start:end]
        start = end + 1
