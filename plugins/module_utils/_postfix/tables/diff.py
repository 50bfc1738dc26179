# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a diff shows of a table and its index, and what it hides."""

from __future__ import annotations

import base64
import binascii
import contextlib

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import is_ignored
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.difference import Difference
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import (
    cut,
    is_entry,
    logical_line,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import Postmap

SHOWN_RECORDS = 1000
"""How many records of an index at most a diff shows as extra or missing."""

MASK = b"********"


def hidden_text(
    path: str, before: bytes | None, after: bytes | None, syntax: Postmap
) -> dict[str, str]:
    """Return the diff of a text whose values are secrets: its keys alone."""
    sides = [_text(hidden(text or b"", syntax)) for text in (before, after)]
    if sides[0] == sides[1]:
        sides = ["", "a value differs\n"]
    return _sides(path, *sides)


def hidden(data: bytes, syntax: Postmap) -> bytes:
    """Return a table's keys without its values and comments, of which any may be a secret."""
    lines = []
    for chunk in cut(data):
        key: bytes | None = b""
        if is_entry(chunk):
            with contextlib.suppress(ConfigError):
                parts = syntax.part(logical_line(chunk))
                # A rule without an answer may be one whose pattern has no end.
                key = parts.key + b" " if parts.value or not syntax.ordered else b""
        for line in chunk.split(b"\n"):
            if is_ignored(line):
                lines.append(b"# ********" if line.strip() else b"")
            elif key is not None:
                lines.append(key + b"********")
                key = None
    return b"\n".join(lines)


def index_diff(index: str, reason: str, difference: Difference, hide: bool) -> dict[str, str]:
    """Return how an index differs from its text."""
    before, after = (_records(records, hide) for records in (difference.extra, difference.lacking))
    return _sides(index, f"# {reason}\n{before}", after)


def _sides(path: str, before: str, after: str) -> dict[str, str]:
    return {"before_header": path, "after_header": path, "before": before, "after": after}


def _records(records: list[bytes], hide: bool) -> str:
    lines = [_text(_shown(record, hide)) for record in sorted(records)[:SHOWN_RECORDS]]
    more = len(records) - SHOWN_RECORDS
    if more > 0:
        lines.append(f"# and {more} more")
    return "".join(f"{line}\n" for line in lines)


def _shown(record: bytes, hide: bool) -> bytes:
    """Return a record without its value where that is a secret, as a key of `postmap -F` is."""
    key, tab, value = record.partition(b"\t")
    return key + tab + MASK if tab and (hide or _is_file(value)) else record


def _is_file(value: bytes) -> bool:
    """Tell whether a value is a key or a certificate in base64."""
    try:
        return b"-----BEGIN " in base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
