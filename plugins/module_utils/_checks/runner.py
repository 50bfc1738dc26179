# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the checks of an exercise in their order, and say in sentences what was seen."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.machine import log_end
from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import (
    FRENCH,
    KINDS,
    WAIT_SECONDS,
    Words,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.steps import ACTIONS, end_outages
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
    last_words,
    until,
)

PASSED, FAILED, SKIPPED, UNCHECKED = "passed", "failed", "skipped", "unchecked"
"""The outcomes: as expected, not so, not tried after what failed before, could not be looked at."""

LANGUAGES = ("fr", "en")


@dataclass(frozen=True)
class Result:
    """The outcome of a check; ``tried``, ``expected`` and ``seen`` are those of its last step."""

    name: str
    title: Words
    outcome: str
    tried: Words
    expected: Words
    seen: str
    seconds: float


def run_checks(
    checks: list[dict[str, Any]],
    context: CheckContext,
    look: Callable[..., Observation] | None = None,
) -> Iterator[Result]:
    """Run the checks, as read_checks() returns them, and yield each one's result.

    ``context.word`` begins the word of each check's messages; ``look`` takes the steps' place.
    """
    outcomes: dict[str, str] = {}
    for check in checks:
        missing = [name for name in check["needs"] if outcomes.get(name) != PASSED]
        result = _skipped(check, missing) if missing else _run(check, context, look or _look)
        outcomes[check["name"]] = result.outcome
        yield result


def new_word() -> str:
    """Return a word that no other message bears."""
    return os.urandom(8).hex()


def _run(check: dict[str, Any], context: CheckContext, look: Callable[..., Observation]) -> Result:
    started = time.monotonic()
    # It ends with what no name has, so that it does not begin another check's.
    word = f"{context.word}-{check['name']}-"
    own = replace(context, word=word, log_start=log_end(context.log), queue_ids=[], outages=set())
    outcome, seen, kind, given = PASSED, Observation(True, ""), "", {}
    for step in check["steps"]:
        ((kind, given),) = step.items()
        given = {**KINDS[kind].defaults, **given}
        try:
            seen = look(kind, given, own)
        except CouldNotCheckError as error:
            outcome, seen = UNCHECKED, Observation(False, str(error))
        if not seen.ok:
            outcome = FAILED if outcome == PASSED else outcome
            break
    # A check that failed within an outage would leave it to those that come after.
    with contextlib.suppress(CouldNotCheckError):
        end_outages(own)
    return Result(
        check["name"],
        check["title"],
        outcome,
        sentence(KINDS[kind].tried, given),
        sentence(KINDS[kind].expected, given),
        last_words(seen.text),
        round(time.monotonic() - started, 2),
    )


def _look(kind: str, given: dict[str, Any], context: CheckContext) -> Observation:
    own = {name: each for name, each in given.items() if name != "within"}
    if not KINDS[kind].waits:
        return ACTIONS[kind](context, own)
    return until(lambda: ACTIONS[kind](context, own), given.get("within", WAIT_SECONDS))


def _skipped(check: dict[str, Any], missing: list[str]) -> Result:
    names = ", ".join(missing)
    tried = {"en": f"Nothing: {names} comes first", "fr": f"Rien : d'abord {names}"}
    return Result(check["name"], check["title"], SKIPPED, tried, {"en": "", "fr": ""}, "", 0.0)


def sentence(words: Words, given: Mapping[str, Any]) -> dict[str, str]:
    """Fill attributes into sentences; what is not given leaves nothing behind."""

    def fill(match: re.Match) -> str:
        value = given.get(match[1], "")
        if isinstance(value, Mapping):
            return ", ".join(f"{name}: {each or '-'}" for name, each in value.items())
        if isinstance(value, list):
            return " ".join(map(str, value))
        return FRENCH.get(value, value) if match[2] else str(value)

    return {
        language: last_words(re.sub(r"\{(\w+)(:fr)?\}", fill, text)).strip()
        for language, text in words.items()
    }
