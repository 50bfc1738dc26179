# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seals by which the world vouches for what it saw: a machine can hand one on, and make none.

The controller and the world share a key (HMAC, RFC 2104). A seal holds for one machine, one word of
a check and one request, and for whether what was expected was seen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import KINDS

WHAT = {"smtp": "smtp", "connect": "connect", "received": "arrived", "outage": "outage"}
"""What the world is asked for by each kind of step that it answers."""


def seal(key: str, machine: str, word: str, what: str, given: Mapping[str, Any], ok: bool) -> str:
    """Return the seal of an answer to the machine at an address."""
    text = json.dumps([machine, word, what, given, ok], sort_keys=True)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def seen_by_world(step: Mapping[str, Any]) -> bool:
    """Tell whether the world alone answers a step, of which the machine decides nothing."""
    ((kind, given),) = step.items()
    if kind in ("smtp", "connect"):
        return given.get("at") == "world" and not given.get("replay")
    return kind in WHAT


def request(step: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return what the world is asked by a step that it answers, as world_client.ask() has it."""
    ((kind, given),) = step.items()
    aside = {"within", "in_words", *(["at"] if kind == "smtp" else [])}
    asked = {**KINDS[kind].defaults, **given}
    return WHAT[kind], {name: each for name, each in asked.items() if name not in aside}


def vouched(
    key: str,
    machine: str,
    word: str,
    steps: list[Mapping[str, Any]],
    seals: list[Any],
    passed: bool,
) -> bool:
    """Tell whether the world has sealed the steps of a check, as far as it came.

    ``word`` is that of the check. Of one that did not pass, the last seal is of what was not seen.
    """
    if len(seals) != len(steps) if passed else not 0 < len(seals) <= len(steps):
        return False
    for number, (step, given) in enumerate(zip(steps, seals), 1):
        what, asked = request(step)
        ok = passed or number < len(seals)
        right = seal(key, machine, word, what, asked, ok)
        if not isinstance(given, str) or not hmac.compare_digest(right.encode(), given.encode()):
            return False
    return True
