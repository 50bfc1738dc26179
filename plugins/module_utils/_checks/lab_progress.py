# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a student is with an exercise: the hints given and how the last check ended."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    CLAIMED,
    FAILED,
    PASSED,
)


class Progress:
    """What is kept of an exercise, in a file of the account; a damaged one counts for nothing."""

    def __init__(self, exercise: str) -> None:
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
        self.path = Path(state, "lab", f"{exercise}.json")
        kept = _read(self.path)
        self.hints: list[int] = kept.get("hints", [])
        """The numbers of the hints that were given, in that order."""
        self.last_check: dict[str, Any] = kept.get("last_check", {})
        """When the last check was, how many checks passed, of how many, and which failed;
        ``signs`` is what it saw that tells one mistake from another."""
        self.steps: dict[str, int] = kept.get("steps", {})
        """How many steps were given about each mistake."""

    def next_hint(self, hints: list[dict[str, Any]]) -> list[int]:
        """Return the number of the next hint, in a list that is empty where there is none.

        A hint that is about a check which failed last comes first.
        """
        failed = self.last_check.get("failed", [])
        left = [number for number in range(len(hints)) if number not in self.hints]
        about = [number for number in left if hints[number].get("about") in failed]
        chosen = (about or left)[:1]
        self.hints = [number for number in self.hints if number < len(hints)] + chosen
        self._keep()
        return chosen

    def next_step(self, mistake: str, steps: int) -> int:
        """Return the number of the next step about a mistake, 0 where all were given."""
        given = self.steps.get(mistake, 0)
        if given >= steps:
            return 0
        self.steps[mistake] = given + 1
        self._keep()
        return given + 1

    def keep_check(self, outcomes: dict[str, str], signs: dict[str, list[str]]) -> None:
        """Keep how the checks ended, and what they saw."""
        self.last_check = {
            "at": time.time(),
            "passed": list(outcomes.values()).count(PASSED),
            "total": len(outcomes),
            "failed": [name for name, outcome in outcomes.items() if outcome == FAILED],
            "vouched_by": CLAIMED,
            "signs": signs,
        }
        self._keep()

    def _keep(self) -> None:
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            data = {"hints": self.hints, "last_check": self.last_check, "steps": self.steps}
            self.path.write_text(json.dumps(data) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        hints, last = kept.get("hints", []), kept.get("last_check", {})
        whole = (
            all(isinstance(number, int) for number in hints)
            and (not last or all(isinstance(last[name], (int, float)) for name in _NUMBERS))
            and isinstance(last.get("failed", []), list)
            and _are_signs(last.get("signs", {}))
            and all(isinstance(number, int) for number in kept.get("steps", {}).values())
        )
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return {}
    return kept if whole else {}


def _are_signs(signs: dict[str, list[str]]) -> bool:
    return all(isinstance(each, str) for group in signs.values() for each in group)


_NUMBERS = ("at", "passed", "total")
