# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long checks may take on a machine before nobody waits for it any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import (
    KINDS,
    SECONDS,
    WAIT_SECONDS,
)

START_SECONDS = 45
"""For what comes before the first check on a computer with many machines, and for dialogues."""


def seconds_of(checks: Sequence[Mapping[str, Any]]) -> int:
    """Return the deadline for a machine on which each check waits in vain, once.

    A check ends at its first step that does not see what it expects, so that of its steps only the
    one that waits longest counts.
    """
    return START_SECONDS + sum(
        max((_waits(step) for step in check["steps"]), default=0) for check in checks
    )


def _waits(step: Mapping[str, Any]) -> int:
    ((kind, attributes),) = step.items()
    if not KINDS[kind].waits:
        return 0
    within = (attributes or {}).get("within", WAIT_SECONDS)
    try:
        return SECONDS(within)
    except ValueError:  # A template, which is not filled in yet.
        return WAIT_SECONDS
