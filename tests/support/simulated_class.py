"""A class that is made up: thirty students at an exercise, of whom it is known who gets stuck."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from launcher.board.events import Event

CHECKS = ("greeting", "relay", "mailbox", "alias", "access", "answer")
COURSE = {"made_up": CHECKS}
MEDIANS = (150.0, 300.0, 240.0, 480.0, 360.0, 300.0)
"""How many seconds half of the students need at each check."""

PACE, LUCK = 0.25, 0.4
"""How much students differ from each other, and each from check to check (log-normal)."""


@dataclass
class Lesson:
    """Its events, and the truth: who is stuck, at which check and since when."""

    events: list[Event] = field(default_factory=list)
    stuck: dict[str, tuple[str, float]] = field(default_factory=dict)
    spans: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    """By check, from when to when each student was at it."""


def lesson(seed: int, students: int = 30, stuck: int = 4, wall: str = "") -> Lesson:
    """Return a lesson; at the check ``wall`` nobody gets on."""
    made = Lesson()
    dice = random.Random(seed)
    names = [f"student{number}" for number in range(1, students + 1)]
    lost = {name: dice.choice(CHECKS) for name in dice.sample(names, stuck)}
    for name in names:
        _student(made, dice, name, {lost.get(name, ""), wall})
    made.events.sort(key=lambda event: event.time)
    return made


END = 75 * 60.0


def _student(made: Lesson, dice: random.Random, name: str, ends_at: set[str]) -> None:
    now = dice.uniform(0, 120)
    pace = dice.lognormvariate(0, PACE)
    outcomes: dict[str, str] = dict.fromkeys(CHECKS, "failed")
    _add(made, now, name, "login")
    for check, usual in zip(CHECKS, MEDIANS, strict=True):
        passes = now + usual * pace * dice.lognormvariate(0, LUCK)
        if check in ends_at:
            made.stuck[name] = (check, now)
            passes = END
        made.spans.setdefault(check, {})[name] = (now, passes)
        tries = now + dice.expovariate(1 / 120)
        while tries < passes:
            _add(made, tries, name, "check", outcomes)
            tries += 20 + dice.expovariate(1 / 120)
        if passes >= END:
            break
        outcomes[check] = "passed"
        _add(made, passes, name, "check", outcomes)
        now = passes


def _add(made: Lesson, time: float, name: str, kind: str, outcomes: dict | None = None) -> None:
    exercise = "made_up" if outcomes else ""
    ident = f"{name}-{kind}-{len(made.events)}"
    event = Event(time + 1e9, name, kind, ident, exercise, outcomes=dict(outcomes or {}))
    made.events.append(event)
