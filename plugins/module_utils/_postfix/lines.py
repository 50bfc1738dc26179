# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line structure that main.cf, master.cf, aliases and lookup tables share, without loss.

A logical line starts with text and goes on with the lines after it that start with white space;
blank lines and comments may stand between. Source: postconf(5), "Multi-line parameter values",
and readllines() in Postfix's src/util/readlline.c.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

SPACE = b" \t\n\v\f\r"
"""What isspace() of the C library takes for white space."""


@dataclass
class LogicalLine:
    """A logical line, or one physical line that Postfix does not read.

    ``lines`` are physical lines with their endings, ``number`` the first one's, from 1.
    ``text`` is what Postfix reads, empty for blank lines, comments, and lines that start with
    white space while there is nothing they could continue.
    """

    number: int
    lines: list[bytes]
    text: bytes = b""
    _read: _Read | None = field(default=None, init=False, repr=False, compare=False)

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column, both from 1, of an offset in ``text``."""
        read = self._read
        if read is None or read.lines is not self.lines or read.count != len(self.lines):
            read = self._read = _Read(self.lines)
        if offset < read.length:
            at = max(bisect_right(read.starts, offset) - 1, 0)
            return self.number + read.numbers[at], offset - read.starts[at] + 1
        return self.number + len(self.lines) - 1, len(self.lines[-1].rstrip(SPACE)) + 1


class _Read:
    """Where in the text of a logical line each of its lines begins that is not ignored."""

    def __init__(self, lines: list[bytes]) -> None:
        self.lines, self.count = lines, len(lines)
        self.starts: list[int] = []
        self.numbers: list[int] = []
        self.length = 0
        for number, line in enumerate(lines):
            if not is_ignored(line):
                self.starts.append(self.length)
                self.numbers.append(number)
                self.length += len(line.rstrip(b"\n"))


def matched(pattern: bytes | re.Pattern[bytes], text: bytes) -> bytes:
    """Return what a pattern matches at the start of a text; nothing where it does not match."""
    found = re.match(pattern, text)
    return found[0] if found else b""


def is_ignored(line: bytes) -> bool:
    """Tell whether a physical line is blank or a comment."""
    return line.strip(SPACE)[:1] in (b"", b"#")


def split(data: bytes) -> list[LogicalLine]:
    """Cut a file into logical lines; ``join`` of them is the file again, byte for byte."""
    sources: list[LogicalLine] = []
    waiting: list[LogicalLine] = []  # ignored lines that the current logical line may still claim
    current: LogicalLine | None = None
    for number, line in enumerate(physical_lines(data), 1):
        if is_ignored(line):
            waiting.append(LogicalLine(number, [line]))
        elif line[0] not in SPACE:
            sources += waiting
            waiting = []
            current = LogicalLine(number, [line], line.rstrip(b"\n"))
            sources.append(current)
        elif current is None:
            waiting.append(LogicalLine(number, [line]))
        else:
            for source in waiting:
                current.lines += source.lines
            waiting = []
            current.lines.append(line)
            current.text += line.rstrip(b"\n")
    return sources + waiting


def physical_lines(data: bytes) -> list[bytes]:
    """Return the physical lines; only a newline ends one, unlike for bytes.splitlines()."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def join(sources: list[LogicalLine]) -> bytes:
    """Return the file that the logical lines make up."""
    return b"".join(line for source in sources for line in source.lines)


def line_ending(data: bytes) -> bytes:
    """Return the ending that new lines of this file take: its first line's."""
    return b"\r\n" if data.split(b"\n", 1)[0].endswith(b"\r") else b"\n"


def end_last_line(sources: list[LogicalLine], ending: bytes) -> None:
    """Give the last line the ending that it may lack, so that a line can follow."""
    if sources and not sources[-1].lines[-1].endswith(b"\n"):
        sources[-1].lines[-1] += ending


def refuse_nul(data: bytes, path: str | None) -> None:
    """Raise ConfigError where the file has a NUL byte, at which Postfix would stop reading."""
    offset = data.find(b"\0")
    if offset >= 0:
        line = data.count(b"\n", 0, offset) + 1
        column = offset - data.rfind(b"\n", 0, offset)
        raise ConfigError(
            "a NUL byte, at which Postfix stops reading the line",
            path,
            line,
            column,
            instead="take it out",
        )


def decode(text: bytes) -> str:
    """Return bytes as text that can be turned back into the same bytes."""
    return text.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes of a text."""
    return text.encode("utf-8", "surrogateescape")
