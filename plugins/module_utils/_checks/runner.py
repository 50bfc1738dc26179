# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the checks of an exercise in their order, and say in sentences what was seen."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.cleanup import remove_messages
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.fate import certainty
from ansible_collections.labs.mail.plugins.module_utils._checks.machine import log_end
from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    FAILED,
    PASSED,
    SKIPPED,
    UNCHECKED,
    Result,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.sentences import expected, tried
from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import (
    KINDS,
    WAIT_SECONDS,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.steps import ACTIONS, end_outages
from ansible_collections.labs.mail.plugins.module_utils._checks.words import (
    LANGUAGES,
    Words,
    as_words,
    both,
    colon,
    quoted,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
    until,
)
from ansible_collections.labs.mail.plugins.module_utils._text import clean, cut

MOST_CHARACTERS = 600
"""How much is told of what a step tried, expected or saw."""


def check_machine(
    checks: list[dict[str, Any]], context: CheckContext
) -> Generator[Result, None, None]:
    """Run the checks on this machine, and remove their messages from it at the end."""
    context = replace(context, log_start=log_end(context.log))
    try:
        yield from run_checks(checks, context)
    finally:
        remove_messages(checks, context)


def run_checks(
    checks: list[dict[str, Any]],
    context: CheckContext,
    look: Callable[..., Observation] | None = None,
) -> Iterator[Result]:
    """Run the checks, as read_checks() returns them, and yield each one's result.

    ``context.word`` begins the word of each check's messages; ``look`` takes the steps' place.
    """
    outcomes: dict[str, str] = {}
    titles = {check["name"]: check["title"] for check in checks}
    for check in checks:
        missing = [name for name in check["needs"] if outcomes.get(name) != PASSED]
        if missing:
            result = _skipped(check, [titles[name] for name in missing])
        else:
            result = _run(check, context, look or _look)
        outcomes[check["name"]] = result.outcome
        yield result


def new_word() -> str:
    """Return a word that no other message bears."""
    return os.urandom(8).hex()


def _run(check: dict[str, Any], context: CheckContext, look: Callable[..., Observation]) -> Result:
    started = time.monotonic()
    # It ends with what no name has, so that it does not begin another check's.
    word = f"{context.word}-{check['name']}-"
    own = replace(
        context,
        word=word,
        check=check["name"],
        log_start=log_end(context.log),
        queue_ids=[],
        outages=set(),
    )
    outcome, seen, kind, given = PASSED, Observation(True, ""), "", {}
    seals: list[str] = []
    for step in check["steps"]:
        ((kind, given),) = step.items()
        given = {**KINDS[kind].defaults, **given}
        own.seal = ""
        try:
            seen = look(kind, given, own)
        except CouldNotCheckError as error:
            outcome, seen = UNCHECKED, Observation(False, error.text)
        if own.seal:
            seals.append(own.seal)
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
        _printable(tried(kind, given)),
        _printable(expected(kind, given)),
        _printable(as_words(seen.text)),
        round(time.monotonic() - started, 2),
        seals,
    )


def _look(kind: str, given: dict[str, Any], context: CheckContext) -> Observation:
    own = {name: each for name, each in given.items() if name not in ("within", "in_words")}
    if not KINDS[kind].waits:
        return ACTIONS[kind](context, own)
    return until(
        lambda: ACTIONS[kind](context, own),
        given.get("within", WAIT_SECONDS),
        certainty(kind, given, context),
    )


def _skipped(check: dict[str, Any], missing: list[Words]) -> Result:
    first = {
        language: colon(
            both("to be done first", "à faire d'abord")[language],
            ", ".join(quoted(title[language], language) for title in missing),
            language,
        )
        for language in LANGUAGES
    }
    nothing = both("", "")
    return Result(check["name"], check["title"], SKIPPED, first, nothing, nothing, 0.0)


def _printable(words: Words) -> dict[str, str]:
    """Return sentences on one line each; French spaces that do not break stay."""
    return {
        language: cut(clean(text.replace("\r", "").replace("\n", " ")).strip(), MOST_CHARACTERS)
        for language, text in words.items()
    }
