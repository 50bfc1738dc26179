# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the result of a check is shown, on a student's terminal and below a class's table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    CLAIMED,
    FAILED,
    PASSED,
    SEEN,
    SKIPPED,
    UNCHECKED,
    VERIFIED,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.words import colon

MARKS = {PASSED: "✓", FAILED: "✗", SKIPPED: "-", UNCHECKED: "?"}
"""The sign of each outcome."""

FROM_OUTSIDE = "◉"
"""What stands before the sign of an outcome that the world saw from outside."""

COLOURS = {PASSED: 32, FAILED: 31, SKIPPED: 90, UNCHECKED: 33}
"""The colour of each sign (ECMA-48)."""

WORDS = {
    "fr": {
        "machine": "machine",
        "tried": "essai",
        "expected": "attendu",
        "seen": "constaté",
        PASSED: "réussi",
        FAILED: "à revoir",
        SKIPPED: "non vérifié",
        UNCHECKED: "vérification impossible",
    },
    "en": {
        "machine": "machine",
        "tried": "tried",
        "expected": "expected",
        "seen": "seen",
        PASSED: "passed",
        FAILED: "wrong",
        SKIPPED: "not checked",
        UNCHECKED: "could not check",
    },
}
"""What stands beside what was seen, by language."""

VOUCHERS = {
    "fr": {
        CLAIMED: "déclaré par la machine elle-même",
        VERIFIED: "vérifié sur la machine par l'enseignant",
        SEEN: "constaté de l'extérieur, par le monde extérieur",
    },
    "en": {
        CLAIMED: "claimed by the machine itself",
        VERIFIED: "verified on the machine by the teacher",
        SEEN: "seen from outside, by the world",
    },
}
"""Who vouches for a result, by language."""


def voucher(result: Mapping[str, Any]) -> str:
    """Return who vouches for a result; reports of former releases do not say."""
    found = result.get("vouched_by")
    return found if found in (CLAIMED, SEEN) else VERIFIED


def shown(result: Mapping[str, Any], language: str, colours: bool = False) -> Iterator[str]:
    """Yield the lines about a check: one where it passed, with what was seen where it did not."""
    outcome = result["outcome"]
    mark = MARKS[outcome]
    if colours:
        mark = f"\033[{COLOURS[outcome]}m{mark}\033[0m"
    yield f"{mark} {colon(result['title'][language], WORDS[language][outcome], language)}"
    for text in details(result, language):
        yield f"    {text}"


def details(result: Mapping[str, Any], language: str) -> Iterator[str]:
    """Yield what was tried, expected and seen where a check did not pass."""
    if result["outcome"] == SKIPPED:
        yield result["tried"][language]
    elif result["outcome"] != PASSED:
        for name in ("tried", "expected", "seen"):
            if result[name][language]:
                yield colon(WORDS[language][name], result[name][language], language)
