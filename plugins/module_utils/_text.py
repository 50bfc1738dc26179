# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that somebody else wrote, made harmless for whatever shows it.

A server's greeting, a log line and a file of a machine can hold what a terminal, a spreadsheet or
an XML parser takes for more than text. All that leaves the collection goes through here first.
"""

from __future__ import annotations

import re

SIGN = "\ufffd"
"""What stands in the place of a character that is none to be read."""

_KEPT = "\n\t\u00a0\u2009\u202f\u3000"
"""What str.isprintable() does not count as printable, and is harmless: breaks and spaces."""

_BLANKS = re.compile(r"[^\S\u00a0\u2009\u202f]+")
"""What one blank stands for on one line; the spaces that French has before its signs stay."""

_FORMULA = re.compile(r"[\s\u200b]*[=+\-@\ufe62\uff0b\uff0d\uff1d\uff20]")
"""How what a spreadsheet computes begins (OWASP, CSV injection), also in full-width letters."""

_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")
"""How a program sets the colour of what follows (ECMA-48, SGR)."""


def clean(text: str) -> str:
    """Return text whose every character can be read, over as many lines.

    Controls, which move a terminal's cursor or end it, marks that turn the direction of writing,
    characters of no width and those that XML may not hold have SIGN in their place.
    """
    text = text.replace("\r\n", "\n")
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in _KEPT else SIGN for each in text)


def one_line(text: str, most: int = 300) -> str:
    """Return clean text on one line, without its beginning where it is long."""
    line = clean(_BLANKS.sub(" ", text).strip())
    return line if len(line) <= most else f"…{line[-most:]}"


def cut(text: str, most: int) -> str:
    """Return text without its end where it is long."""
    return text if len(text) <= most else f"{text[:most]}…"


def spreadsheet_cell(text: str) -> str:
    """Return clean text on one line that no spreadsheet takes for a formula."""
    line = one_line(text, 32_000)
    return f"'{line}" if _FORMULA.match(line) else line


def clean_but_colours(text: str) -> str:
    """Return clean text with the colours that a program has put into it."""
    parts = _COLOUR.split(text)
    return "".join(part if number % 2 else clean(part) for number, part in enumerate(parts))
