# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an entry of a lookup table is laid out over lines."""

from __future__ import annotations

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import is_ignored, matched
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.request import EntryRequest
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import Postmap

INDENT = b"    "


def part_chunk(chunk: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the lines of an entry, and the blank lines and comments that follow it."""
    lines = chunk.split(b"\n")
    end = len(lines)
    while end and is_ignored(lines[end - 1]):
        end -= 1
    return lines[:end], lines[end:]


def entry_lines(entry: EntryRequest, syntax: Postmap, gap: bytes = b" ") -> list[bytes]:
    """Return the lines of a new entry, without their endings."""
    first, *rest = entry.value_lines
    return [syntax.render(entry.key, first, gap), *[INDENT + line for line in rest]]


def relay_out(body: list[bytes], entry: EntryRequest, syntax: Postmap, cr: bytes) -> list[bytes]:
    """Return the lines of an entry with another value, its key and the white space as they are."""
    comments = [line for line in body if is_ignored(line)]
    lines = [line for line in body if not is_ignored(line)]
    start = syntax.part(b"".join(lines)).start
    above = []
    while start >= len(lines[0]) and len(lines) > 1:
        start -= len(lines[0])
        above.append(lines.pop(0))
    indent = _indent(lines[1] if len(lines) > 1 else lines[0] if above else INDENT + b"x")
    first, *rest = entry.value_lines
    return [
        *above,
        lines[0][:start] + first + cr,
        *[indent + line + cr for line in rest],
        *comments,
    ]


def _indent(line: bytes) -> bytes:
    return matched(rb"\s*", line)
