# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcomes of checks, and what each result holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._checks.words import Words

PASSED, FAILED, SKIPPED, UNCHECKED = "passed", "failed", "skipped", "unchecked"
"""As expected, not so, not tried after what failed before, could not be looked at."""

OUTCOMES = (PASSED, FAILED, SKIPPED, UNCHECKED)

CLAIMED, VERIFIED, SEEN = "claimed", "verified", "seen"
"""Who vouches for a result: the student alone, by ``lab check``; the controller, which had the
machine run the check and held its answer against it; the world, which saw it from outside."""


@dataclass(frozen=True)
class Result:
    """The outcome of a check; ``tried``, ``expected`` and ``seen`` are those of its last step."""

    name: str
    title: Words
    outcome: str
    tried: Words
    expected: Words
    seen: Words
    seconds: float
    seals: list[str] = field(default_factory=list)
    """By what the world vouches for each step that it answered, in their order; see seals.py."""
