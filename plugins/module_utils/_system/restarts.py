# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember that a restart is due until it was done, whatever cut the run off in between.

Two things tell: a module notes it before it writes a configuration that a reload does not load
whole, and a command answers otherwise than when the unit was started last, as it does after a
change by hand.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._system import restart_notes


@dataclass(frozen=True)
class Start:
    """When a unit was started or restarted last, and what the command answered then.

    ``entered`` is when it had become active by that, which takes its time on a busy machine.
    """

    at: float
    answer: str | None = None
    entered: float = 0.0


def last_start(unit: str, entered_at: float) -> Start:
    """Return what is known of the last start.

    :arg entered_at: when the unit became active. Where that was later than what is remembered,
        somebody else started it, and nothing is known of what the command answered then.
    """
    try:
        found = json.loads(_start(unit).read_text())
        known = Start(float(found["at"]), found["answer"], float(found.get("entered", 0)))
    except (OSError, ValueError, KeyError, TypeError):
        return Start(entered_at)
    same = max(known.at, known.entered) >= int(entered_at)
    return known if same else Start(entered_at)


def remember_start(unit: str, start: Start) -> None:
    """Remember a start."""
    _start(unit).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    aside = _start(unit).with_suffix(".tmp")
    aside.write_text(json.dumps(asdict(start)))
    aside.replace(_start(unit))


def is_due(start: Start, noted: float, answer: str | None, changed_at: float) -> bool:
    """Tell whether a unit that is active has to be restarted.

    :arg start: what is known of its last start.
    :arg noted: when a restart was noted last.
    :arg answer: what the command answers now; None where there is none.
    :arg changed_at: when the configuration was changed last.
    """
    if noted > start.at:
        return True
    if answer is None:
        return False
    # Of an unknown start the files tell: unchanged since, they are what was loaded.
    return changed_at > start.at if start.answer is None else start.answer != answer


def _start(unit: str) -> Path:
    return restart_notes.STATE / "start" / f"{restart_notes.file_name(unit)}.json"
