# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens in a class, as the gate keeps it: one line of JSON for each event.

A line is ``{"time": 1764473000.5, "student": "student1", "kind": "hand", "up": true}``. The gate
knows ``time`` and ``student``, and what else a kind holds comes from the student: who reads it
takes it for a claim. By ``kind`` there is besides:

====== ================================================================================
login  nothing: the student opened the page
logout nothing
active nothing: something was typed into the terminal, told once a minute at most
check  ``exercise``; ``outcomes``: by the name of each check ``passed``, ``failed``,
       ``skipped`` or ``unchecked``
hint   ``exercise``; ``text``: the hint that was given
hand   ``up``: true where the student asks for help, false where no more
====== ================================================================================
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import OUTCOMES
from ansible_collections.labs.mail.plugins.module_utils._text import clean

FILE = "/var/lib/labs.mail/class/events.jsonl"
"""Where the gate keeps its class's events."""

KINDS: dict[str, tuple[str, ...]] = {
    "login": (),
    "logout": (),
    "active": (),
    "check": ("exercise", "outcomes"),
    "hint": ("exercise", "text"),
    "hand": ("up",),
}
"""What each kind holds besides the time and the student."""

MOST_BYTES = 8192
"""The longest line, with its end."""
MOST_CHECKS = 60
MOST_TEXT = 1000
NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
"""What students, exercises and checks are called."""


class EventError(ValueError):
    """What is no event; the text says why."""


@dataclass(frozen=True)
class Event:
    """One event; what its kind does not hold is empty."""

    time: float
    """Seconds since 1970, by the gate's clock."""
    student: str
    kind: str
    exercise: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    up: bool = False

    def __post_init__(self) -> None:
        """Raise EventError where it is no event."""
        _validate(self)


def line_of(event: Event) -> str:
    """Return the line of an event, with its end."""
    known = asdict(event)
    names = ("time", "student", "kind", *KINDS[event.kind])
    held = {name: known[name] for name in names}
    line = json.dumps(held, ensure_ascii=False, separators=(",", ":")) + "\n"
    if len(line.encode()) > MOST_BYTES:
        raise EventError(f"an event of {len(line.encode())} bytes; {MOST_BYTES} is the most")
    return line


def event_of(line: str) -> Event:
    """Return the event of a line. Raises EventError."""
    if len(line.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise EventError(f"a line of more than {MOST_BYTES} bytes")
    try:
        held = json.loads(line)
    # What is nested too deep is no event either.
    except (ValueError, RecursionError) as error:
        raise EventError("no JSON") from error
    if not isinstance(held, dict) or not isinstance(held.get("kind"), str):
        raise EventError("no object with a kind")
    kind = held["kind"]
    if kind not in KINDS:
        raise EventError(f"an unknown kind: {clean(kind)[:60]}")
    wanted = {"time", "student", "kind", *KINDS[kind]}
    if set(held) != wanted:
        raise EventError(f"{kind} holds {', '.join(sorted(wanted))} and nothing else")
    return Event(**held)


def events_of(lines: Iterable[str]) -> list[Event]:
    """Return the events of lines; those that are none, or are written still, are left out."""
    found = []
    for line in lines:
        try:
            found.append(event_of(line))
        except EventError:
            continue
    return found


def _validate(event: Event) -> None:
    _one_of("kind", event.kind, KINDS)
    if not _is_number(event.time) or not 0 <= event.time < 1e11:
        raise EventError("time is no number of seconds")
    _named("student", event.student)
    held = KINDS[event.kind]
    if "exercise" in held:
        _named("exercise", event.exercise)
    if "outcomes" in held:
        if not isinstance(event.outcomes, dict) or len(event.outcomes) > MOST_CHECKS:
            raise EventError(f"outcomes are no more than {MOST_CHECKS}, by the names of checks")
        for name, outcome in event.outcomes.items():
            _named("check", name)
            _one_of("outcome", outcome, OUTCOMES)
    if "text" in held and not (
        isinstance(event.text, str)
        and len(event.text) <= MOST_TEXT
        and event.text == clean(event.text)
    ):
        raise EventError(f"text is no clean one of up to {MOST_TEXT} characters")
    if "up" in held and not isinstance(event.up, bool):
        raise EventError("up is true or false")


def _named(what: str, name: Any) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise EventError(f"{what} is no name of small letters, digits, - and _")


def _one_of(what: str, found: Any, known: Iterable[str]) -> None:
    if not isinstance(found, str) or found not in known:
        raise EventError(f"{what} is one of {', '.join(known)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
