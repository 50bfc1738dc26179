# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the entries of a lookup table to what is asked, and change nothing else of the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    is_ignored,
    line_ending,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.content import TableContent
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.layout import (
    entry_lines,
    part_chunk,
    relay_out,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import (
    Table,
    is_entry,
    logical_line,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.request import EntryRequest
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import (
    Postmap,
    fold_space,
    shown,
)


def edit_entries(content: TableContent, wanted: list[EntryRequest], purge: bool) -> TableContent:
    """Return the table with its entries as they are asked for; the one given where nothing changes.

    :arg purge: whether every other entry is taken out, and whatever else is none; comments stay.
    :raises ConfigError: the file holds a NUL byte, or an ``if`` would have no place.
    """
    if not wanted and not purge:
        return content
    data, syntax = content.data, content.syntax
    if purge and b"\0" in data:
        data = b"\n".join(line for line in data.split(b"\n") if b"\0" not in line)
        content = TableContent(content.path, data, syntax, content.type)
    table = content.table
    edit = _EditPlan(table, b"\r" if line_ending(data) == b"\r\n" else b"")
    if syntax.ordered and purge:
        edit.align([entry for entry in wanted if entry.lines is not None])
    else:
        _refuse_blocks(wanted, syntax)
        edit.merge(wanted, purge)
    edited = edit.result(data)
    if edited == data:
        return content
    return TableContent(content.path, edited, syntax, content.type)


def _refuse_blocks(wanted: list[EntryRequest], syntax: Postmap) -> None:
    for entry in wanted:
        if syntax.ordered and entry.key.split()[0].lower() in (b"if", b"endif"):
            raise ConfigError(
                f"entries: {shown(entry.key)} has no place among entries that are merged into a "
                "file",
                instead="set purge, so that the list is the whole table",
            )


class _EditPlan:
    """Planned edits by chunk: entries to remove, values to replace, entries to insert behind it."""

    def __init__(self, table: Table, cr: bytes) -> None:
        self.table = table
        self.syntax = table.syntax
        self.cr = cr
        self.gone: set[int] = set()
        self.values: dict[int, EntryRequest] = {}
        self.behind: dict[int, list[EntryRequest]] = {}
        self.appended: list[EntryRequest] = []

    def empty(self) -> None:
        """Plan that only blank lines and comments stay."""
        self.gone = {n for n, chunk in enumerate(self.table.chunks) if part_chunk(chunk)[0]}

    def merge(self, wanted: list[EntryRequest], purge: bool) -> None:
        """Plan to bring entries to their values wherever they stand; new ones go to the end."""
        places: dict[bytes, list[int]] = {self.syntax.fold(entry.key): [] for entry in wanted}
        for number, key in zip(self.table.where, self.table.keys):
            if key in places:
                places[key].append(number)
        if purge:
            self.empty()
        for entry in wanted:
            found = places[self.syntax.fold(entry.key)]
            if entry.lines is None:
                self.gone.update(found)
            elif not found:
                self.appended.append(entry)
            else:
                # In an ordered table the same pattern may be asked for again.
                self.keep(found.pop(0) if self.syntax.ordered else found[0], entry)

    def align(self, wanted: list[EntryRequest]) -> None:
        """Plan to bring an ordered table to the whole list, in its order."""
        self.empty()
        keys = [self.syntax.fold(entry.key) for entry in wanted]
        matcher = difflib.SequenceMatcher(None, self.table.keys, keys, autojunk=False)
        for tag, first, last, new_first, new_last in matcher.get_opcodes():
            if tag == "equal":
                for number, entry in zip(self.table.where[first:last], wanted[new_first:new_last]):
                    self.keep(number, entry)
            elif last == len(self.table.keys):
                self.appended += wanted[new_first:new_last]
            else:
                before = self.table.where[last] - 1 if not last else self.table.where[last - 1]
                self.behind.setdefault(before, []).extend(wanted[new_first:new_last])

    def keep(self, number: int, entry: EntryRequest) -> None:
        """Plan that the entry of a chunk stays, with the value that is asked for."""
        self.gone.discard(number)
        chunk = self.table.chunks[number]
        value = self.syntax.part(logical_line(chunk)).value
        if len(part_chunk(chunk)[0]) > 1 or len(entry.value_lines) > 1:
            same = self.syntax.same(fold_space(value), fold_space(entry.value))
        else:
            same = self.syntax.same(value, entry.value)
        if not same:
            self.values[number] = entry

    def result(self, data: bytes) -> bytes:
        """Return the file that has been planned: the one there is where nothing was."""
        if not (self.gone or self.values or self.behind or self.appended):
            return data
        text = b"\n".join(self._chunks())
        if text and not text.endswith(b"\n"):
            text += self.cr + b"\n"
        lines = [line for entry in self.appended for line in self._lines(entry)]
        return text + b"".join(line + b"\n" for line in lines)

    def _chunks(self) -> Iterator[bytes]:
        touched = self.gone | self.values.keys() | self.behind.keys()
        if -1 in touched:
            yield from self._lines_behind(-1)
        for number, chunk in enumerate(self.table.chunks):
            if number not in touched:
                yield chunk
                continue
            body, tail = part_chunk(chunk)
            if number in self.gone:
                body = [line for line in body if is_ignored(line)]
            elif number in self.values:
                body = relay_out(body, self.values[number], self.syntax, self.cr)
            if not is_entry(chunk):
                body, tail = [*body, *tail], []  # the comments at the head of the file
            lines = [*body, *self._lines_behind(number), *tail]
            if lines:
                yield b"\n".join(lines)

    def _lines_behind(self, number: int) -> list[bytes]:
        return [line for entry in self.behind.get(number, []) for line in self._lines(entry)]

    def _lines(self, entry: EntryRequest) -> list[bytes]:
        return [line + self.cr for line in entry_lines(entry, self.syntax)]
