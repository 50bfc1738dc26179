"""Who needs the teacher, and why: hands first, then whoever does not get on by the class's measure.

The measure of a check is the time by which half of those who came to it had passed, counting also
those who still try (Kaplan and Meier). Where half have not passed yet and many wait, it is the
check or what was said of it, and nobody's fault: then the class is named, and not each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from launcher.board.state import Seat, State

SHORTEST = 8 * 60.0
"""Nobody is thought stuck before so many seconds at a check."""

FACTOR = 3.25
"""So many times the class's measure may a student take."""

UNKNOWN = 2 * SHORTEST
"""What a student may take where the class has no measure."""

SHARE = 1 / 3
"""Where more of those at an exercise wait at one check, the class is stuck and not they."""

FEWEST = 3
"""So many make a class."""

HAND, STUCK, SILENT = "hand", "stuck", "silent"
"""A raised hand, no progress, a machine that could not be checked."""

URGENCY = (HAND, STUCK, SILENT)


@dataclass(frozen=True)
class Need:
    """A student who needs the teacher; ``usual`` is what the class needed for the check."""

    machine: str
    why: str
    since: float
    check: str = ""
    usual: float | None = None


@dataclass(frozen=True)
class Everybody:
    """A check at which a class is stuck: so many wait, of so many at the exercise."""

    exercise: str
    check: str
    waiting: int
    of: int


@dataclass(frozen=True)
class Needs:
    """Who needs the teacher, the most urgent first."""

    everybody: Sequence[Everybody]
    each: Sequence[Need]


def needs(state: State, now: float) -> Needs:
    """Return who needs the teacher now."""
    at_work: dict[str, list[Seat]] = {}
    for seat in state.seats.values():
        if seat.since is not None and seat.here and seat.stage in ("", "start"):
            at_work.setdefault(seat.exercise, []).append(seat)
    everybody: list[Everybody] = []
    found = [
        Need(seat.machine, HAND, seat.hand, state.next_check(seat) or "")
        for seat in state.seats.values()
        if seat.hand is not None
    ]
    found += [Need(seat.machine, SILENT, now) for seat in state.seats.values() if seat.problem]
    for exercise, seats in at_work.items():
        waiting: dict[str, list[Seat]] = {}
        for seat in seats:
            step = state.next_check(seat)
            if step is not None:
                waiting.setdefault(step, []).append(seat)
        for check, here in waiting.items():
            took = state.took.get((exercise, check), [])
            half = half_passed(took, [_waits(seat, now) for seat in here])
            late = [seat for seat in here if _waits(seat, now) > SHORTEST]
            if half is None and len(late) >= FEWEST and len(late) > SHARE * len(seats):
                everybody.append(Everybody(exercise, check, len(late), len(seats)))
                continue
            limit = max(SHORTEST, FACTOR * half) if half is not None else _otherwise(state)
            found += [
                Need(seat.machine, STUCK, seat.since or now, check, half)
                for seat in here
                if _waits(seat, now) > limit
            ]
    first: dict[str, Need] = {}
    for need in sorted(found, key=lambda each: (URGENCY.index(each.why), each.since)):
        first.setdefault(need.machine, need)
    return Needs(sorted(everybody, key=lambda each: -each.waiting), list(first.values()))


def _waits(seat: Seat, now: float) -> float:
    return max(0.0, now - (seat.since if seat.since is not None else now))


def _otherwise(state: State) -> float:
    """Return how long a check may take of which the class has no measure."""
    all_of_them = [seconds for took in state.took.values() for seconds in took]
    return max(UNKNOWN, FACTOR * median(all_of_them)) if all_of_them else UNKNOWN


def half_passed(took: Sequence[float], waiting: Iterable[float]) -> float | None:
    """Return by when half of those at a check had passed it; None where less than half have.

    :arg took: how long those needed who passed.
    :arg waiting: how long those try who have not.
    """
    times = sorted([*((each, False) for each in took), *((each, True) for each in waiting)])
    left, survive = len(times), 1.0
    for seconds, waits in times:
        if not waits:
            survive *= 1 - 1 / left
            if survive <= 0.5:
                return seconds
        left -= 1
    return None
