"""What a class has come to: the fold of all its events. Nothing here reads a file or a clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import CLAIMED, PASSED
from launcher.board.events import STUDENTS_OWN, TRUSTS, Event, Result, Sentences
from launcher.board.orders import ALL

BREAK = 3600.0
"""Where nothing happens for so many seconds, what comes then is another lesson."""

MOST_KEPT = 20
"""How many notes and orders of a machine are shown."""

Course = Mapping[str, Sequence[str]]
"""The names of the checks of each exercise, in their order."""


@dataclass
class Cell:
    """How a check is, who vouches for it, and since when it is so."""

    outcome: str
    trust: str
    since: float
    said: Sentences = field(default_factory=dict)


@dataclass
class Order:
    """An order of the teacher's, and how far it is."""

    action: str
    stage: str
    time: float
    text: str = ""


@dataclass
class Seat:
    """A machine and whoever sits there."""

    machine: str
    exercise: str = ""
    stage: str = ""
    arrived: float = 0.0
    """When it came to the exercise; what was seen before counts no more."""
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    passed: set[tuple[str, str]] = field(default_factory=set)
    """The checks that passed, whoever says so, since the machine came to the exercise."""
    since: float | None = None
    """Since when the student is at the present step; None where nobody was seen in this lesson."""
    last: float | None = None
    """When the student was last seen to do something."""
    here: bool = True
    """False where the student left."""
    hand: float | None = None
    """Since when the hand is raised."""
    tries: int = 0
    """How many checks ran at the present step without a pass."""
    hints: dict[str, list[str]] = field(default_factory=dict)
    """The hints given, by exercise."""
    problem: str = ""
    """Why the machine could not be checked the last time."""
    notes: list[tuple[float, str]] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)

    def cell(self, check: str) -> Cell | None:
        """Return how a check of the exercise at hand is."""
        return self.cells.get((self.exercise, check))


@dataclass
class State:
    """A class, as all events so far have made it."""

    course: Course
    seats: dict[str, Seat] = field(default_factory=dict)
    everybody: Seat = field(default_factory=lambda: Seat(ALL))
    """What was ordered on all machines at once."""
    took: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """How many seconds students needed at a check, once it was the next one."""
    last: float = 0.0
    """The time of the newest event."""
    lesson: float = 0.0
    """When this lesson began."""
    events: int = 0
    """How many events there were."""
    students_seen: bool = False
    """Whether students themselves are seen: there is a gate, and somebody came through it."""

    def next_check(self, seat: Seat) -> str | None:
        """Return the first check that did not pass; None where all have."""
        names = self.course.get(seat.exercise, ())
        return next((name for name in names if (seat.exercise, name) not in seat.passed), None)


def fold(events: Iterable[Event], course: Course) -> State:
    """Return what events come to."""
    state = State(course)
    for event in events:
        apply(state, event)
    return state


def apply(state: State, event: Event) -> None:
    """Bring a state on by an event."""
    state.events += 1
    if event.time - state.last > BREAK:
        _begin_lesson(state, event.time)
    state.last = max(state.last, event.time)
    if event.kind == "closed":
        _begin_lesson(state, event.time)
    if event.machine == ALL:
        seat = state.everybody
    else:
        seat = state.seats.setdefault(event.machine, Seat(event.machine))
    if event.kind in STUDENTS_OWN:
        state.students_seen = True
        _seen(seat, event)
    if event.kind == "check":
        _claimed(state, seat, event)
    elif event.kind == "verified":
        _verified(state, seat, event)
    elif event.kind == "unanswered":
        seat.problem = event.text
    elif event.kind == "at":
        _arrived(seat, event)
    elif event.kind == "hand":
        seat.hand = (seat.hand or event.time) if event.up else None
    elif event.kind == "hint" and event.exercise in state.course:
        given = seat.hints.setdefault(event.exercise, [])
        if event.text not in given:
            given.append(event.text)
    elif event.kind == "note":
        seat.notes = [*seat.notes, (event.time, event.text)][-MOST_KEPT:]
    elif event.kind == "order":
        _ordered(seat, event)


def _begin_lesson(state: State, time: float) -> None:
    state.lesson = time
    for seat in state.seats.values():
        seat.since, seat.hand, seat.tries = None, None, 0


def _seen(seat: Seat, event: Event) -> None:
    seat.here = event.kind != "logout"
    seat.last = max(seat.last or 0.0, event.time)
    if seat.since is None and seat.here:
        seat.since = event.time


def _arrived(seat: Seat, event: Event) -> None:
    if seat.stage:
        # What was seen before tells nothing of the machine as it is now.
        seat.arrived = event.time
        seat.cells = {key: cell for key, cell in seat.cells.items() if key[0] != event.exercise}
        seat.passed = {key for key in seat.passed if key[0] != event.exercise}
    seat.exercise, seat.stage, seat.problem, seat.tries = event.exercise, event.stage, "", 0
    if seat.since is not None:
        seat.since = event.time


def _claimed(state: State, seat: Seat, event: Event) -> None:
    results = {name: Result(outcome, CLAIMED) for name, outcome in event.outcomes.items()}
    _results(state, seat, event, results)


def _verified(state: State, seat: Seat, event: Event) -> None:
    if event.time < seat.arrived:
        return
    seat.problem = ""
    news = _results(state, seat, event, event.results)
    # Where there is no gate, this alone tells that somebody sits there.
    of_now = event.time >= state.lesson
    if seat.since is None and of_now and (news or not state.students_seen):
        seat.since = event.time
        seat.last = event.time


def _results(state: State, seat: Seat, event: Event, results: Mapping[str, Result]) -> bool:
    """Take the results of an exercise's checks; tell whether a check passed for the first time."""
    known = state.course.get(event.exercise, ())
    seat.exercise = seat.exercise or event.exercise
    step = state.next_check(seat)
    news = set()
    for name in known:
        result = results.get(name)
        if result is None:
            continue
        key = (event.exercise, name)
        seat.cells[key] = _newer(seat.cells.get(key), result, event.time)
        if result.outcome == PASSED and key not in seat.passed:
            news.add(key)
    seat.passed |= news
    if event.exercise != seat.exercise:
        return bool(news)
    if news:
        if seat.since is not None and step is not None and (seat.exercise, step) in news:
            took = state.took.setdefault((seat.exercise, step), [])
            took.append(max(0.0, event.time - seat.since))
        if seat.since is not None:
            seat.since = max(seat.since, event.time)
        seat.tries = 0
    else:
        seat.tries += 1
    return bool(news)


def _newer(cell: Cell | None, result: Result, time: float) -> Cell:
    """Return a cell with a result: who vouched for the same outcome before still does."""
    if cell is None or cell.outcome != result.outcome:
        return Cell(result.outcome, result.trust, time, result.said)
    trust = max(cell.trust, result.trust, key=TRUSTS.index)
    return Cell(cell.outcome, trust, cell.since, result.said or cell.said)


def _ordered(seat: Seat, event: Event) -> None:
    seat.orders[event.order] = Order(event.action, event.stage, event.time, event.text)
    for old in list(seat.orders)[:-MOST_KEPT]:
        del seat.orders[old]
