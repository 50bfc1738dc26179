# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what indentation joins or moves: a line that starts with white space goes on with the
one before, over blank lines and comments, whatever it looks like.

Source: postconf(5), "Multi-line parameter values"; readllines() in src/util/readlline.c.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    LogicalLine,
    decode,
    is_ignored,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import Finding
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import parse_entry
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

ASSIGNMENT = re.compile(rb"[ \t\v\f\r]+([A-Za-z][A-Za-z0-9_]*)[ \t]*=(?!=)")
COMMENTED = re.compile(rb"[ \t]*#+[ \t]*([A-Za-z][A-Za-z0-9_]*)[ \t]*=")
SERVICE = re.compile(rb"#+[ \t]?(?=[^\s#])")

AT_THE_MARGIN = "it at the margin"

ALIKE = 0.88
"""How alike a word and the name of a parameter have to be where the word is a slip of it."""


def check_first_line(sources: list[LogicalLine], path: str) -> Iterator[Finding]:
    """Yield a finding for each line that starts with white space and continues nothing."""
    for source in sources:
        if not source.text and not is_ignored(source.lines[0]):
            message = "the line starts with white space, and Postfix passes over it"
            yield Finding(path, source.number, 1, "error", message, AT_THE_MARGIN)


def check_main_cf(source: LogicalLine, path: str, known: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for the first line that seems to be a parameter of its own, or another's.

    :arg known: the names of parameters.
    """
    comment = None
    for number, line in list(enumerate(source.lines, source.number))[1:]:
        if is_ignored(line):
            found = COMMENTED.match(line)
            name = decode(found[1]) if found else ""
            comment = (number, name) if name in known else comment if not line.strip() else None
            continue
        found = ASSIGNMENT.match(line)
        if found and _is_parameter(decode(found[1]), known):
            name = decode(found[1])
            message = (
                f"{name}: the line is indented, and so continues the parameter of line "
                f"{source.number}"
            )
            yield Finding(path, number, found.start(1) + 1, "error", message, AT_THE_MARGIN)
            return
        if comment:
            yield _slid(path, number, line, comment, f"the parameter of line {source.number}")
            return


def check_master_cf(source: LogicalLine, path: str) -> Iterator[Finding]:
    """Yield a finding for the first option that belonged to a service that is a comment now."""
    comment = None
    for number, line in list(enumerate(source.lines, source.number))[1:]:
        if is_ignored(line):
            name = _commented_service(line)
            comment = (number, name) if name else comment
        elif comment:
            yield _slid(path, number, line, comment, f"the service of line {source.number}")
            return


def _is_parameter(name: str, known: Collection[str]) -> bool:
    if not known:
        return "_" in name and name.islower()
    return name in known or ("_" in name and bool(nearest(name, known, ALIKE)))


def _commented_service(line: bytes) -> str:
    """Return the service of a commented entry; empty where a comment is none."""
    match = SERVICE.match(line)
    if not match:
        return ""
    try:
        entry = parse_entry(split(line[match.end() :])[0])
    except (ConfigError, IndexError):
        return ""
    flags = (entry.columns[column].text for column in ("private", "unpriv", "chroot"))
    return entry.key if all(flag in (b"-", b"y", b"n") for flag in flags) else ""


def _slid(path: str, number: int, line: bytes, comment: tuple[int, str], owner: str) -> Finding:
    column = len(line) - len(line.lstrip()) + 1
    message = f"line {comment[0]} makes {comment[1]} a comment, and what follows it goes to {owner}"
    return Finding(path, number, column, "warning", message, "# before this line too")
