# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the exercise of this machine, and keep how it ended for the hints that follow."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_progress import Progress
from ansible_collections.labs.mail.plugins.module_utils._checks.machine import log_end, new_log
from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import FAILED, Result
from ansible_collections.labs.mail.plugins.module_utils._checks.runner import (
    check_machine,
    new_word,
)
from ansible_collections.labs.mail.plugins.module_utils._hints.matching import OUTCOMES
from ansible_collections.labs.mail.plugins.module_utils._hints.words_seen import (
    kinds,
    reply_of,
    seen_of,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
)


def passwords(path: Path) -> dict[str, str]:
    """Return the passwords of the machine's accounts. Raises PermissionError to all but root."""
    lines = path.with_name("passwords").read_text(encoding="utf-8").splitlines()
    return dict(line.split(":", 1) for line in lines)


def results_of(exercise: dict[str, Any], known: dict[str, str]) -> Generator[Result, None, None]:
    """Run the checks, each result as soon as it is known; once all are, keep them."""
    world = tuple(exercise["world"]) if exercise.get("world") else None
    context = CheckContext(new_word(), world, passwords=known)
    outcomes, start = {}, log_end(context.log)
    replies, seen = [], []
    with contextlib.closing(check_machine(exercise["checks"], context)) as results:
        for result in results:
            outcomes[result.name] = result.outcome
            if result.outcome == FAILED:
                replies += reply_of(result.name, result.seen["en"])
                seen += seen_of(result.name, result.tried["en"], result.seen["en"])
            yield result
    signs = {
        OUTCOMES: [f"{name} {outcome}" for name, outcome in outcomes.items()],
        "replies": replies,
        "seen": seen,
        "log": _kinds_since(start, context),
    }
    Progress(exercise["name"]).keep_check(outcomes, signs)


def _kinds_since(start: int, context: CheckContext) -> list[str]:
    with contextlib.suppress(CouldNotCheckError):
        return kinds(new_log(replace(context, log_start=start)).splitlines())
    return []
