"""What happens in a lesson, as the board keeps it: one line of JSON for each event.

A line is ``{"time": 1764473000.5, "machine": "student1", "kind": "hand", "id": "…", "up": true}``.
The kinds of the gate (see _classroom.events) are claims of a student. ``id`` says what an event was
made of, so that nothing is taken twice. By ``kind`` the board has besides:

========== ============================================================================
verified   ``exercise``; ``results``: by check ``outcome``, ``trust``, ``said`` in both
           languages: what the teacher's own check saw
unanswered ``exercise``; ``text``: why a machine could not be checked
at         ``exercise``, ``stage``: where a machine is now; what was seen there is past
note       ``text``: a note of the teacher's
closed     nothing: the class was closed, and all students are gone
order      ``order``: its id; ``action``; ``stage``: how far it is; ``text``: what came of it
watch      ``action``: ``watch``, or ``join`` where to type was asked too; ``stage``: ``begun``
           with who it is in ``text``, or ``ended`` with how
========== ============================================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    CLAIMED,
    OUTCOMES,
    SEEN,
    VERIFIED,
)
from ansible_collections.labs.mail.plugins.module_utils._classroom import events as gate
from ansible_collections.labs.mail.plugins.module_utils._text import clean, cut

TRUSTS = (CLAIMED, VERIFIED, SEEN)
"""Who vouches for a result, the weakest first."""

STAGES = ("queued", "running", "done", "failed", "interrupted")
"""How far an order is."""

STUDENTS_OWN = frozenset(gate.KINDS)
"""The kinds that a student's doing brings about."""

MOST_TEXT = 1000
MOST_BYTES = 262_144
"""The longest line: sixty checks with their sentences in both languages."""

Sentences = Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """What a check of the teacher's saw; ``said`` is by language."""

    outcome: str
    trust: str = VERIFIED
    said: Sentences = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """One event; what its kind does not hold is empty."""

    time: float
    machine: str
    kind: str
    id: str
    exercise: str = ""
    stage: str = ""
    text: str = ""
    up: bool = False
    outcomes: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, Result] = field(default_factory=dict)
    order: str = ""
    action: str = ""


def of_gate(event: gate.Event, ident: str) -> Event:
    """Return an event of the gate as the board keeps it: whatever it says is a claim."""
    return Event(
        event.time, event.student, event.kind, ident,
        exercise=event.exercise, outcomes=event.outcomes, text=event.text, up=event.up,
    )  # fmt: skip


def line_of(event: Event) -> str:
    """Return the line of an event, with its end."""
    held: dict[str, Any] = {name: getattr(event, name) for name in (*COMMON, *KINDS[event.kind])}
    if "results" in held:
        held["results"] = {
            name: {"outcome": each.outcome, "trust": each.trust, "said": dict(each.said)}
            for name, each in event.results.items()
        }
    return json.dumps(held, ensure_ascii=False, separators=(",", ":")) + "\n"


def event_of(line: str) -> Event | None:
    """Return the event of a line; None where it is none, or was cut off."""
    try:
        held: dict[str, Any] = json.loads(line) if len(line) <= MOST_BYTES else {}
        kind = held["kind"]
        return Event(kind=kind, **{name: READERS[name](held[name]) for name in _names(kind)})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def events_of(lines: Iterable[str]) -> list[Event]:
    """Return the events of lines, without what is none."""
    return [event for event in map(event_of, lines) if event is not None]


COMMON = ("time", "machine", "kind", "id")
KINDS: dict[str, tuple[str, ...]] = {
    **gate.KINDS,
    "verified": ("exercise", "results"),
    "unanswered": ("exercise", "text"),
    "at": ("exercise", "stage"),
    "note": ("text",),
    "closed": (),
    "order": ("order", "action", "stage", "text"),
    "watch": ("action", "stage", "text"),
}
"""What each kind holds besides what all have."""


def _names(kind: str) -> tuple[str, ...]:
    return ("time", "machine", "id", *KINDS[kind])


def _time(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e11:
        return float(value)
    raise ValueError(value)


def _name(value: Any) -> str:
    if gate.NAME.fullmatch(value):
        return str(value)
    raise ValueError(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return cut(clean(value), MOST_TEXT)
    raise ValueError(value)


def _among(known: Iterable[str]) -> Callable[[Any], str]:
    names = frozenset(known)

    def read(value: Any) -> str:
        if value in names:
            return str(value)
        raise ValueError(value)

    return read


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(value)


def _by_check(reader: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if len(value) > gate.MOST_CHECKS:
            raise ValueError(value)
        return {_name(name): reader(each) for name, each in value.items()}

    return read


def _result(value: Any) -> Result:
    said = {language: _text(text) for language, text in dict(value["said"]).items()}
    return Result(_among(OUTCOMES)(value["outcome"]), _among(TRUSTS[1:])(value["trust"]), said)


READERS: dict[str, Callable[[Any], Any]] = {
    "time": _time,
    "machine": _name,
    "id": _text,
    "exercise": _name,
    "stage": _text,
    "text": _text,
    "up": _flag,
    "outcomes": _by_check(_among(OUTCOMES)),
    "results": _by_check(_result),
    "order": _text,
    "action": _text,
}
