# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs in what servers and programs say: reply codes, words, and kinds of lines of the log."""

from __future__ import annotations

import re
from collections.abc import Iterable

REPLY = re.compile(r"(?<![\d.])([245]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3}))?(?![\d.])")
TROUBLE = re.compile(
    r"^\S+ (?:[ \d]\d \S+ )?\S+ (?:postfix[\w-]*/)?([\w./-]+?)(?:\[\d+\])?: "
    r".*?\b(warning|error|fatal|panic): (.*)",
    re.I,
)
DELIVERY = re.compile(
    r"postfix[\w-]*/([\w-]+)\[\d+\]: \w+: .*\bdsn=([245]\.\d+\.\d+), status=(\w+)"
)
OF_A_FILE = re.compile(r"\S+/(?:main|master)\.cf[,:]")
"""What every program says of a file: of that the lint tells once."""

VARYING = re.compile(r"""["'<][^"'<>]*["'>]|\S*[\d/@=\[\]]\S*""")
WORD = re.compile(r"(?<!\S)[A-Za-z][A-Za-z'-]*(?=[.,:;!?]*(?:\s|$))")
"""A word; no name of a machine, no number, nothing that differs from student to student."""

WORDS_OF_A_KIND = 8

MOST_SIGNS = 20
"""Of each kind; what comes after is a flood and tells nothing more."""


def reply_of(check: str, text: str) -> list[str]:
    """Return the codes of the first reply that a check saw."""
    found = REPLY.search(text)
    return [" ".join(filter(None, (check, found[1], found[2])))] if found else []


def seen_of(check: str, tried: str, seen: str) -> list[str]:
    """Return what a check tried last and what it saw then, in English and in words alone."""
    words = [*WORD.findall(tried)[:WORDS_OF_A_KIND], *WORD.findall(seen)[:WORDS_OF_A_KIND]]
    return [" ".join([check, *words])]


def kinds(lines: Iterable[str]) -> list[str]:
    """Return the kinds of warnings and errors in a log, and how deliveries ended that failed."""
    found: dict[str, None] = {}
    for line in lines:
        delivered, trouble = DELIVERY.search(line), TROUBLE.match(line)
        if delivered and delivered[3] != "sent":
            found[" ".join(delivered.groups())] = None
        elif trouble and not OF_A_FILE.match(trouble[3]):
            program, severity, text = trouble.groups()
            words = VARYING.sub(" ", text).split()[:WORDS_OF_A_KIND]
            found[" ".join([program, severity.lower(), *words])] = None
        if len(found) >= MOST_SIGNS:
            break
    return sorted(found)
