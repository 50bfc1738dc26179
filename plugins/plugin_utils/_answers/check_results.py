# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold a machine's results of checks against the checks that were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    FAILED,
    OUTCOMES,
    PASSED,
    SEEN,
    SKIPPED,
    VERIFIED,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.seals import seen_by_world, vouched
from ansible_collections.labs.mail.plugins.module_utils._checks.words import LANGUAGES
from ansible_collections.labs.mail.plugins.module_utils._text import one_line
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import AnswerError

LONGEST = 1_000
"""How many characters a sentence about a check may have."""

LONGEST_SECONDS = 86_400


@dataclass(frozen=True)
class Witness:
    """The world, as it vouches for what it saw.

    ``key`` is what it seals with, ``machine`` the machine's address as it sees it, and ``word``
    what begins the words of the checks.
    """

    key: str
    machine: str
    word: str

    def saw(self, check: Mapping[str, Any], seals: Any, passed: bool) -> bool:
        """Tell whether it has sealed the steps of a check."""
        word = f"{self.word}-{check['name']}-"
        given = seals if isinstance(seals, list) else []
        return vouched(self.key, self.machine, word, check["steps"], given, passed)


def as_asked(
    results: Any, checks: list[Mapping[str, Any]], witness: Witness | None = None
) -> list[dict[str, Any]]:
    """Return the results, one for each check and in their order. Raises AnswerError.

    What is known without the machine is not taken from it: the names, the titles, and that a check
    is skipped where one that it needs did not pass. Where the world alone answers a check, a pass
    is believed from nobody else.
    """
    if not isinstance(results, list) or len(results) != len(checks):
        many = len(results) if isinstance(results, list) else "no"
        raise AnswerError(f"{many} results of {len(checks)} checks")
    read: list[dict[str, Any]] = []
    outcomes: dict[str, str] = {}
    for check, result in zip(checks, results):
        name = check["name"]
        outcome = outcomes[name] = _outcome(check, result, outcomes)
        seen = False
        if witness and all(map(seen_by_world, check["steps"])):
            seen = witness.saw(check, result.get("seals"), outcome == PASSED)
            if outcome == PASSED and not seen:
                raise AnswerError(f"{name}: passed, and the world did not see it")
        read.append(
            {
                **{key: each for key, each in result.items() if key != "seals"},
                "title": dict(check["title"]),
                "tried": _in_both_languages(result, "tried", name),
                "expected": _in_both_languages(result, "expected", name),
                "seen": _in_both_languages(result, "seen", name),
                "vouched_by": SEEN if seen and outcome in (PASSED, FAILED) else VERIFIED,
            }
        )
    return read


def _outcome(check: Mapping[str, Any], result: Any, outcomes: Mapping[str, str]) -> str:
    """Return the outcome of a result that can be that of the check, after the others' outcomes."""
    name = check["name"]
    if not isinstance(result, Mapping) or result.get("name") != name:
        raise AnswerError(f"another result where that of {name} is to be")
    outcome = result.get("outcome")
    if outcome not in OUTCOMES:
        raise AnswerError(f"{name}: {one_line(str(outcome), 40)!r} is no outcome")
    lacks = any(outcomes.get(each) != PASSED for each in check.get("needs") or ())
    if lacks != (outcome == SKIPPED):
        raise AnswerError(f"{name}: {outcome}, against what it needs")
    seconds = result.get("seconds")
    if not isinstance(seconds, float) or not 0 <= seconds <= LONGEST_SECONDS:
        raise AnswerError(f"{name}: no such time")
    return outcome


def _in_both_languages(result: Mapping[str, Any], key: str, name: str) -> dict[str, str]:
    words = result.get(key)
    if not isinstance(words, Mapping) or not all(
        isinstance(words.get(language), str) for language in LANGUAGES
    ):
        raise AnswerError(f"{name}: {key} is not said in {' and '.join(LANGUAGES)}")
    return {language: one_line(words[language], LONGEST) for language in LANGUAGES}
