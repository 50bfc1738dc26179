# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries that stand in master.cf as comments, as in the file that Postfix comes with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    LogicalLine,
    is_ignored,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import errors
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    Entry,
    parse_entry,
)

HEAD = re.compile(rb"#[^\s#]")
OPTION = re.compile(rb"#\s+-o[\s{]*\w")
INDENTED = re.compile(rb"#(?:  |\t)\s*\S")

WITH_ARGUMENTS = (b"pipe", b"spawn")
"""Programs whose entries go on with more than options."""


@dataclass
class Commented:
    """An entry that is a comment: the logical lines from ``first`` to before ``last``."""

    entry: Entry
    first: int
    last: int


def comment_out(lines: list[bytes]) -> list[bytes]:
    """Return the lines of an entry as comments."""
    return [line if is_ignored(line) else b"#" + line for line in lines]


def commented(sources: list[LogicalLine]) -> Iterator[Commented]:
    """Yield the commented entries that parse whole."""
    for first, source in enumerate(sources):
        line = source.lines[0]
        if source.text or not HEAD.match(line):
            continue
        head = _entry([line[1:]])
        if not head:
            continue
        lines, last = _with_continuation(sources, first, head)
        entry = _entry(lines)
        if entry:
            yield Commented(entry, first, last)


def _with_continuation(
    sources: list[LogicalLine], first: int, head: Entry
) -> tuple[list[bytes], int]:
    """Return the lines of a commented entry without its comment signs, and where it ends."""
    arguments = head.columns["command"].text in WITH_ARGUMENTS
    lines = [sources[first].lines[0][1:]]
    taken, last = list(lines), first + 1
    for number, source in enumerate(sources[first + 1 :], first + 2):
        line = source.lines[0]
        if source.text or not line.startswith(b"#") or (HEAD.match(line) and _entry([line[1:]])):
            break
        if OPTION.match(line) or (arguments and INDENTED.match(line)):
            lines.append(line[1:])
            taken, last = list(lines), number
        elif arguments:
            break
        else:
            lines.append(line)  # a sentence between the options
    return taken, last


def _entry(lines: list[bytes]) -> Entry | None:
    sources = split(b"".join(lines))
    try:
        entry = parse_entry(sources[0])
    except ConfigError:
        return None
    return entry if len(sources) == 1 and not errors(entry) else None


def uncomment(sources: list[LogicalLine], key: str, command: str | None = None) -> Entry | None:
    """Make an entry of the first comment that is one of this service; None where there is none.

    :arg command: the program that it has to run, as far as that is known.
    """
    if any(not source.text and not is_ignored(source.lines[0]) for source in sources):
        return None  # a line that continues nothing would continue the new entry
    for found in commented(sources):
        if found.entry.key == key and command in (None, found.entry.values()["command"]):
            sources[found.first : found.last] = [found.entry.source]
            return found.entry
    return None


def uncomment_lines(sources: list[LogicalLine], lines: list[bytes]) -> Entry | None:
    """Make these lines an entry again where they stand as comments; None where they do not."""
    wanted = [line.rstrip() for line in comment_out(lines)]
    here = [b"" if source.text else source.lines[0].rstrip() for source in sources]
    for first in range(len(here) - len(wanted) + 1):
        if here[first : first + len(wanted)] == wanted:
            source = split(b"".join(lines))[0]
            sources[first : first + len(wanted)] = [source]
            return parse_entry(source)
    return None
