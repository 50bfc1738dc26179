# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Postfix's verbose log tells of its decisions: restrictions, tables, content checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LINE = re.compile(r"\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ (?:\S+/)?([\w-]+)\[(\d+)\]: (.*)", re.S)
START = re.compile(r">>> START (.+) RESTRICTIONS <<<")
ENTERS = re.compile(r"generic_checks: name=(\S+)")
LEAVES = re.compile(r"generic_checks: name=(\S+) status=(\d)")
FOUND = re.compile(
    r"(?:maps_find: )?([^ ]+): ((?:proxy:)?[\w-]+:.*?)\(\d*,?[\w|]*\): (.*?) = (.*)", re.S
)
RESULT = re.compile(r"check_table_result: (\S+) (.*) (\S+)", re.S)
COMMAND = re.compile(r"< \S+: (.*)", re.S)
CONTENT = re.compile(
    r"(\w+): (reject|discard|hold|filter|redirect|warning|prepend|replace|bcc|info): "
    r"(?:(header|body|mime|nested) (.*?)|(\S+)) from [^;]*;.*",
    re.S,
)

STUCK = re.compile(r"(?:fatal|panic): .*|warning: connect #\d+ to subsystem private/.*", re.S)
"""What an agent says that cannot go on: of its configuration, or without what it would ask."""

KINDS = {
    "Client host": ["smtpd_client_restrictions"],
    "Helo command": ["smtpd_helo_restrictions"],
    "Sender address": ["smtpd_sender_restrictions"],
    "DATA command": ["smtpd_data_restrictions"],
    "End-of-data": ["smtpd_end_of_data_restrictions"],
}
"""Which list a heading of the log stands for; of the recipient there are two."""

OPINIONS = {"0": "none", "1": "permit", "2": "reject", "3": "reject"}


@dataclass
class Restriction:
    """A restriction that smtpd came by: its list and what it came to.

    ``table``, ``key`` and ``value`` are of the row that decided it, where it asks a table.
    """

    list: str
    name: str
    opinion: str
    command: str
    table: str = ""
    key: str = ""
    value: str = ""
    depth: int = 0


@dataclass(frozen=True)
class Lookup:
    """A table of a parameter that answered."""

    program: str
    parameter: str
    table: str
    key: str
    value: str


@dataclass(frozen=True)
class ContentAction:
    """What a check of header or body did."""

    queue_id: str
    action: str
    part: str
    text: str


def lines_of(lines: Iterable[str], *programs: str) -> Iterator[tuple[str, str]]:
    """Yield the program and the text of each line of some programs."""
    for line in lines:
        match = LINE.fullmatch(line)
        if match and match[1] in programs:
            yield match[1], match[3]


def restrictions(lines: Iterable[str], recipient_lists: list[str]) -> list[Restriction]:
    """Return the restrictions in the order in which smtpd came by them.

    :arg recipient_lists: those of the two about recipients that are not empty, in their order.
    """
    found: list[Restriction] = []
    open_ones: list[Restriction] = []
    current, command, turn = "", "", 0
    key: tuple[str, str, str] = ("", "", "")
    for _program, text in lines_of(lines, "smtpd"):
        said, start = COMMAND.fullmatch(text), START.fullmatch(text)
        left, entered = LEAVES.fullmatch(text), ENTERS.fullmatch(text)
        row = FOUND.fullmatch(text)
        if said:
            command, turn = said[1], 0
        elif start:
            lists = KINDS.get(start[1], recipient_lists)
            current = lists[min(turn, len(lists) - 1)] if lists else start[1]
            turn += start[1] not in KINDS
            open_ones = []
        elif entered and not left:
            each = Restriction(current, entered[1], "none", command, depth=len(open_ones))
            found.append(each)
            open_ones.append(each)
            key = ("", "", "")
        elif left:
            while open_ones:
                each = open_ones.pop()
                if each.name == left[1]:
                    each.opinion = OPINIONS.get(left[2], "none")
                    break
        elif row and open_ones:
            key = (row[2], row[3], row[4])
            _set_row(open_ones[-1], key)
        elif open_ones and (result := RESULT.fullmatch(text)) and not open_ones[-1].table:
            _set_row(open_ones[-1], (result[1], result[3], result[2]))
    return found


def _set_row(restriction: Restriction, row: tuple[str, str, str]) -> None:
    restriction.table, restriction.key, restriction.value = row


def stuck(lines: Iterable[str], *programs: str) -> str:
    """Return why one of some programs cannot go on; "" where all can."""
    texts = (text for _program, text in lines_of(lines, *programs))
    return next((text for text in texts if STUCK.fullmatch(text)), "")


def lookups(lines: Iterable[str], *programs: str) -> list[Lookup]:
    """Return the tables that answered, each answer once."""
    found = []
    for program, text in lines_of(lines, *programs):
        row = FOUND.fullmatch(text)
        if row:
            found.append(Lookup(program, row[1], row[2], row[3], row[4]))
    return list(dict.fromkeys(found))


def content_actions(lines: Iterable[str]) -> list[ContentAction]:
    """Return what checks of header and body did."""
    found = []
    for _program, text in lines_of(lines, "cleanup"):
        match = CONTENT.fullmatch(text)
        if match:
            found.append(ContentAction(match[1], match[2], match[3] or "", match[4] or ""))
    return list(dict.fromkeys(found))


def troubles(lines: Iterable[str]) -> list[str]:
    """Return what programs died of, or say that a table cannot be used."""
    found = []
    for _program, text in lines_of(
        lines,
        "smtpd",
        "cleanup",
        "trivial-rewrite",
        "qmgr",
        "oqmgr",
        "local",
        "virtual",
        "pipe",
        "error",
        "discard",
        "proxymap",
    ):
        if (
            re.match(r"(?:fatal|panic|error): ", text)
            or " is unavailable" in text
            or "table lookup problem" in text
            or "lookup error" in text
            or "warning: dict_" in text
        ):
            found.append(text)
    return list(dict.fromkeys(found))
