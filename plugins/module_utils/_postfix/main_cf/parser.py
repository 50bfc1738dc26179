# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's main.cf, read without loss.

Source: postconf(5); split_nameval() in src/util/split_nameval.c; dict_load_fp() in src/util/dict.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    LogicalLine,
    decode,
    matched,
    refuse_nul,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import fold

HEAD = re.compile(rb"[^\s=]*\s*=?\s*")
"""The name, the equals sign and the white space before the value, as far as they are there."""


@dataclass
class Entry:
    """One ``name = value`` of the file, and the logical line that holds them."""

    name: str
    value: bytes
    source: LogicalLine


def parse(data: bytes, path: str | None = None) -> tuple[list[LogicalLine], list[Entry]]:
    """Return the logical lines of the file and the entries among them.

    :raises ConfigError: Postfix would stop at a line (no name, or no ``=``).
    """
    refuse_nul(data, path)
    sources = split(data)
    return sources, [parse_entry(source, path) for source in sources if source.text]


def parse_entry(source: LogicalLine, path: str | None = None) -> Entry:
    """Return the entry of a logical line. Raises ConfigError where it is none."""
    text = source.text
    head = matched(HEAD, text)
    name, equals, _blanks = head.partition(b"=")
    name = name.strip(SPACE)
    if not name or not equals:
        line, column = source.place(len(head) if name else 0)
        if line != source.number:
            # Postfix names the line on which it starts, however many follow.
            line, column = source.number, len(name) + 1
        found = fold(text)[:60].decode("utf-8", "backslashreplace")
        what = "an '=' must follow the name" if name else "a name must stand before the '='"
        raise ConfigError(
            f"{found!r} is no entry of main.cf: {what}",
            path,
            line,
            column,
            instead="write `name = value`",
        )
    return Entry(
        decode(name),
        text[len(head) :].rstrip(SPACE),
        source,
    )


def read(data: bytes, path: str | None = None) -> dict[str, str]:
    """Return what the file sets, as Postfix reads it; the last of several entries counts."""
    return {entry.name: decode(fold(entry.value)) for entry in parse(data, path)[1]}
