"""Gather what happens into the file of events: attempts, the gate's events, where machines are.

What was taken already stands in the file, by its id. So a board that was killed takes up where it
was: nothing is lost, and nothing is taken twice.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import OUTCOMES, PASSED
from ansible_collections.labs.mail.plugins.module_utils._checks.rendering import details, voucher
from ansible_collections.labs.mail.plugins.module_utils._classroom import events as gate
from ansible_collections.labs.mail.plugins.module_utils._text import one_line
from launcher import attempts, positions
from launcher.board import event_file
from launcher.board.events import Event, Result, event_of, line_of, of_gate
from launcher.language import LANGUAGES
from launcher.settings import SettingsError

MOST_IN_A_MINUTE = 60
"""So many events of a student are taken in a minute; what comes more is a flood."""

LONGEST = 400
"""How many characters of a sentence of a check are kept."""


class Collector:
    """Appends to the file of events what is new at its sources.

    :arg machines: those of the lab; nobody else has events.
    :arg gate_lines: returns the lines that the gate has written since the last call.
    :arg clock: returns the time now; an event of the gate is not from later.
    :arg began: when the lab was made; what was checked before, was in another one.
    """

    def __init__(
        self,
        path: Path,
        machines: Sequence[str],
        gate_lines: Callable[[], Iterable[str]],
        clock: Callable[[], float],
        began: float = 0.0,
    ) -> None:
        self.path, self.machines, self.began = path, machines, began
        self.gate_lines, self.clock = gate_lines, clock
        self.known: set[str] = set()
        self.tried: set[str] = set()
        self.at: dict[str, tuple[str, str]] = {}
        self.moving: set[str] = set()
        self.stamp: positions.Stamp | None = None
        self.minutes: Counter[tuple[str, int]] = Counter()
        for line in event_file.Tail(path).new():
            event = event_of(line)
            if event is not None:
                self.known.add(event.id)
                if event.kind == "at" and event.time >= began:
                    self.at[event.machine] = (event.exercise, event.stage)

    def gather(self) -> None:
        """Append what is new."""
        now = self.clock()
        found = [*self._moves(now), *self._attempts(), *self._from_gate(now)]
        new = []
        for event in found:
            if event.id not in self.known:
                self.known.add(event.id)
                new.append(line_of(event))
        event_file.append(self.path, new)

    def _from_gate(self, now: float) -> Iterator[Event]:
        for line in self.gate_lines():
            try:
                event = gate.event_of(line)
            except gate.EventError:
                continue
            if event.student not in self.machines:
                continue
            minute = (event.student, int(event.time // 60))
            self.minutes[minute] += 1
            if self.minutes[minute] <= MOST_IN_A_MINUTE:
                ident = hashlib.sha256(line.rstrip("\n").encode()).hexdigest()[:24]
                taken = of_gate(event, f"gate-{ident}")
                yield taken if taken.time <= now else _at_time(taken, now)

    def _attempts(self) -> Iterator[Event]:
        if not attempts.DIRECTORY.is_dir():
            return
        new = {path.name for path in attempts.DIRECTORY.iterdir()} - self.tried
        for name in sorted(new):
            for each in attempts.read_one(attempts.DIRECTORY / name):
                self.tried.add(name)
                time = each.time.timestamp()
                if time < self.began:
                    continue
                for machine, results in each.machines.items():
                    found = dict(_results(results)) if isinstance(results, list) else {}
                    ident = f"attempt-{name}-{machine}"
                    if machine in self.machines and found:
                        yield Event(
                            time, machine, "verified", ident, exercise=each.exercise, results=found
                        )
                for machine, problem in each.problems.items():
                    if machine in self.machines:
                        yield Event(
                            time, machine, "unanswered", f"attempt-{name}-{machine}",
                            exercise=each.exercise, text=one_line(str(problem), LONGEST),
                        )  # fmt: skip

    def _moves(self, now: float) -> Iterator[Event]:
        stamp = positions.stamp()
        if stamp == self.stamp:
            return
        try:
            known = positions.read()
        except SettingsError:
            # ./lab says so to whoever types; the rest of the board goes on.
            return
        self.stamp = stamp
        for machine in self.machines:
            place = positions.where(machine, known)
            if not place.lab_reached:
                self.moving.add(machine)
                continue
            there = (place.exercise, place.stage)
            if self.at.get(machine) == there and machine not in self.moving:
                continue
            self.at[machine] = there
            self.moving.discard(machine)
            ident = f"at-{uuid.uuid4().hex}"
            yield Event(now, machine, "at", ident, exercise=place.exercise, stage=place.stage)


def _at_time(event: Event, time: float) -> Event:
    return Event(**{**vars(event), "time": time})


def _results(results: Iterable[Any]) -> Iterator[tuple[str, Result]]:
    """Yield what a report holds of each check; a damaged one holds nothing."""
    for each in list(results)[: gate.MOST_CHECKS]:
        if not isinstance(each, Mapping):
            continue
        name, outcome = each.get("name"), each.get("outcome")
        if isinstance(name, str) and gate.NAME.fullmatch(name) and outcome in OUTCOMES:
            said = {} if outcome == PASSED else _said(each)
            yield name, Result(str(outcome), voucher(each), said)


def _said(result: Mapping[str, Any]) -> dict[str, str]:
    try:
        return {
            language: "\n".join(one_line(text, LONGEST) for text in details(result, language))
            for language in LANGUAGES
        }
    except (KeyError, TypeError, AttributeError):
        text = one_line(json.dumps(result.get("seen", ""), ensure_ascii=False), LONGEST)
        return dict.fromkeys(LANGUAGES, text)
