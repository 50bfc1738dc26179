# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an index holds against what its table says, by ``postmap -s``.

Postfix up to 3.7 does not list a cdb index, which is therefore read here. Source: cdb(5).
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import Postfix
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.difference import Difference

ADDED_BY_POSTALIAS = (b"@\t@", b"YP_LAST_MODIFIED\t", b"YP_MASTER_NAME\t")
"""How the records start that postalias adds to an index."""

_BLOCK = 1 << 20
_PULSE_SECONDS = 0.01

_CPU_SECONDS = 1
_BYTES_A_SECOND = 4_000_000
"""A tenth of what Postfix lists in a second of a slow processor."""


class CorruptError(Exception):
    """An index cannot be read to its end."""


class Listing:
    """The records of an index, which Postfix writes to a file while something else is done."""

    def __init__(self, postfix: Postfix, type_name: str, index: str, limit: int) -> None:
        """Start to list.

        :arg limit: number of bytes beyond which it is no index of this table.
        """
        self.index = index
        table = index[: -len(os.path.splitext(index)[1])]
        handle, self.out = tempfile.mkstemp(dir=postfix.folder)
        os.close(handle)
        # In a corrupt btree it may go round in circles, with or without a word.
        self.running = postfix.start_limited(
            "postmap",
            "-s",
            f"{type_name}:{table}",
            out=self.out,
            size=limit,
            seconds=_CPU_SECONDS + limit // _BYTES_A_SECOND,
        )

    def records(self) -> Iterator[list[bytes]]:
        """Yield the records, many at a time, while Postfix writes them.

        :raises CorruptError: the index cannot be listed.
        """
        block = rest = b""
        with open(self.out, "rb", buffering=0) as out:
            while True:
                ended = self.running.ends_within(0 if block else _PULSE_SECONDS)
                block = out.read(_BLOCK)
                *lines, rest = (rest + block).split(b"\n")
                yield lines
                if ended and not block:
                    break
        said = self.running.finish()
        if any("sequence operation is not supported" in line for line in said.lines):
            yield list(cdb_records(self.index))
        elif said.code:
            raise CorruptError(said.fatal)

    def entries(self) -> set[bytes]:
        """Return the records without those that postalias adds."""
        found = set().union(*self.records())
        return {record for record in found if not record.startswith(ADDED_BY_POSTALIAS)}

    def against(self, records: set[bytes], aliases: bool = False) -> Difference:
        """Return how the index differs from the records that it should have.

        :arg aliases: whether postalias made it, and added records of its own.
        """
        extra: list[bytes] = []
        count = 0
        for lines in self.records():
            if aliases:
                lines = [line for line in lines if not line.startswith(ADDED_BY_POSTALIAS)]
            count += len(lines)
            extra += [line for line in lines if line not in records]
        # An index has no record twice.
        if count - len(extra) == len(records):
            return Difference(extra)
        return Difference(extra, sorted(records.difference(*self.records())))


def cdb_records(index: str) -> Iterator[bytes]:
    """Yield the records of a cdb index.

    :raises CorruptError: it ends within a record.
    """
    with open(index, "rb") as file:
        data = file.read()
    try:
        end = min(struct.unpack_from("<512I", data)[::2])
        place = 2048
        while place < end:
            key, value = struct.unpack_from("<2I", data, place)
            start, place = place + 8, place + 8 + key + value
            record = data[start : start + key], data[start + key : place]
            yield b"\t".join(part.rstrip(b"\0") for part in record)
    except struct.error:
        raise CorruptError("it ends within a record") from None
    if place != end or end > len(data):
        raise CorruptError("it ends within a record")
