# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the value of a main.cf parameter is laid out over lines."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    encode,
    is_ignored,
    matched,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.parser import Entry
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterValue,
    elements,
)

LINE_WIDTH = 100
"""Columns beyond which a new list is laid out with one element a line."""

INDENT = b"    "

HEAD = re.compile(rb"[^=]*=[ \t]*")
"""The name, the equals sign and the blanks after it on its line."""


def lay_out(name: str, wanted: ParameterValue, ending: bytes) -> list[bytes]:
    """Return the lines of a new entry."""
    return _lines(encode(name) + b" = ", wanted, ending)


def _lines(start: bytes, wanted: ParameterValue, ending: bytes) -> list[bytes]:
    """Return the lines of an entry from its name, the equals sign and its new value."""
    if wanted.is_list and wanted.parts and len(start + wanted.text) > LINE_WIDTH:
        *elements_before, last = wanted.parts
        rows = [*(element + b"," for element in elements_before), last]
        return [start.rstrip() + ending, *(INDENT + row + ending for row in rows)]
    first, *rest = [wanted.text] if wanted.is_list else wanted.parts or (b"",)
    return [(start + first).rstrip() + ending, *(INDENT + line + ending for line in rest)]


def relay_out(entry: Entry, wanted: ParameterValue, is_list: bool, ending: bytes) -> list[bytes]:
    """Return the lines of an entry with another value, in the layout and with the comments it has.

    A list that stands over several lines stays so: only the lines whose elements differ change.
    """
    old = entry.source.lines
    comments = [line for line in old if is_ignored(line)]
    if b"=" not in old[0]:
        return lay_out(entry.name, wanted, ending) + comments
    if len(old) > 1 and (is_list or wanted.is_list):
        lines = _change_rows(old, elements(wanted.text), ending)
        if lines:
            return lines
    head = matched(HEAD, old[0].rstrip(b"\r\n"))
    if head.endswith(b"=") and old[0].rstrip().endswith(b"="):
        head += b" "
    return _lines(head, wanted, ending) + comments


@dataclass
class _Row:
    """A physical line of a list, and the comments above it."""

    comments: list[bytes]
    start: bytes
    text: bytes
    old: list[bytes]
    new: list[bytes]

    def render(self, comma: bytes, ending: bytes) -> list[bytes]:
        """Return its lines, untouched where its elements and its last comma may stay."""
        text = self.text.rstrip()
        if self.new != self.old:
            text = b", ".join(self.new)
        if text.endswith(b",") and not comma:
            text = text.rstrip(b"," + SPACE)
        elif comma and text and not text.endswith(b","):
            text += comma
        if text == self.text.rstrip():
            return [*self.comments, self.start + self.text]
        if not text and not self.start.strip():
            return self.comments
        return [*self.comments, (self.start + text).rstrip() + ending]


@dataclass
class _Slot:
    """Where an element was, or the end: what comes before it now, and what takes its place."""

    inserted: list[bytes] = field(default_factory=list)
    element: list[bytes] = field(default_factory=list)

    def take_inserted(self) -> list[bytes]:
        """Return what comes before it, to one caller alone."""
        inserted, self.inserted = self.inserted, []
        return inserted


def _slots(before: list[bytes], values: list[bytes]) -> list[_Slot]:
    """Return the slot of each element there was, and that of the end."""
    slots = [_Slot() for _element in [*before, b""]]
    matcher = difflib.SequenceMatcher(None, before, values, autojunk=False)
    for _tag, first, last, new_first, new_last in matcher.get_opcodes():
        # An element that takes another's place takes its line too.
        new = values[new_first:new_last]
        for slot, value in zip(slots[first:last], new):
            slot.element = [value]
        slots[last].inserted = new[last - first :]
    return slots


def _change_rows(old: list[bytes], values: list[bytes], ending: bytes) -> list[bytes]:
    """Return the lines of a list with other elements; none if a line does not hold whole ones."""
    rows = _rows(old)
    before = [element for row in rows for element in row.old]
    if not values or before != elements(b" ".join(row.text for row in rows)):
        return []
    if any(value.startswith(b"#") for value in values):
        return []  # at the start of a line it would be a comment
    out = _filled(rows, _slots(before, values))
    comma = b"," if any(line.rstrip().endswith(b",") for line in old) else b""
    last_row = [row for row in out if row.new][-1]
    return [line for row in out for line in row.render(b"" if row is last_row else comma, ending)]


def _filled(rows: list[_Row], slots: list[_Slot]) -> list[_Row]:
    """Return the rows with what their slots hold; what begins or ends a line gets its own."""
    out: list[_Row] = []
    start = rows[1].start if rows[1:] else INDENT
    done = 0
    for row in rows:
        if out:
            out += [_Row([], start, b"", [], [new]) for new in slots[done].take_inserted()]
        for slot in slots[done : done + len(row.old)]:
            row.new += slot.take_inserted() + slot.element
        done += len(row.old)
        out.append(row)
    return out + [_Row([], start, b"", [], [new]) for new in slots[done].take_inserted()]


def _rows(old: list[bytes]) -> list[_Row]:
    end = len(matched(HEAD, old[0]))
    rows = [_Row([], old[0][:end], old[0][end:], [], [])]
    comments: list[bytes] = []
    for line in old[1:]:
        if is_ignored(line):
            comments.append(line)
        else:
            indent = len(line) - len(line.lstrip())
            rows.append(_Row(comments, line[:indent], line[indent:], [], []))
            comments = []
    for row in rows:
        row.old = elements(row.text)
    return rows
