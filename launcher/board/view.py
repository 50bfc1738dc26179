"""What the pages show of a class, in words: seats, checks, who needs the teacher. No HTML here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from statistics import median

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    CLAIMED,
    FAILED,
    PASSED,
    SEEN,
    SKIPPED,
    UNCHECKED,
    VERIFIED,
)
from ansible_collections.labs.mail.plugins.module_utils._hints.matching import OUTCOMES, Signs
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import (
    FOLDER,
    catalogue,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.mistakes import (
    key_of,
    signatures_of,
)
from launcher.board.needs import HAND, STUCK, Need
from launcher.board.state import Cell, Seat, State
from launcher.language import language, tr

NOTHING = "nothing"
"""The shape of a check of which nothing is known."""

MOST_MISTAKES = 3
"""Where more mistakes end in the same way, none is likely."""


@dataclass(frozen=True)
class Mark:
    """How a check is shown: a shape, of which the trust is another outline, and words for both."""

    shape: str
    trust: str
    text: str


def course() -> dict[str, list[str]]:
    """Return the names of the checks of each exercise."""
    return {
        name: [check["name"] for check in exercise.checks] for name, exercise in catalogue().items()
    }


def title_of(exercise: str) -> str:
    """Return the title of an exercise, or its name where it is gone."""
    found = catalogue().get(exercise)
    return found.title[language()] if found else exercise


def check_titles(exercise: str) -> dict[str, str]:
    """Return the titles of an exercise's checks by their names."""
    found = catalogue().get(exercise)
    checks = found.checks if found else []
    return {check["name"]: check["title"][language()] for check in checks}


def natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts student10 behind student9."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def outcome_words() -> dict[str, str]:
    """Return the words of outcomes."""
    return {
        PASSED: tr("passed"), FAILED: tr("not passed"), SKIPPED: tr("not tried"),
        UNCHECKED: tr("could not be checked"), NOTHING: tr("nothing seen yet"),
    }  # fmt: skip


def trust_words() -> dict[str, str]:
    """Return the words of who vouches."""
    return {
        CLAIMED: tr("claimed by the student"), VERIFIED: tr("verified"),
        SEEN: tr("seen from outside"),
    }  # fmt: skip


def mark_of(cell: Cell | None) -> Mark:
    """Return how a check is shown."""
    if cell is None:
        return Mark(NOTHING, "", outcome_words()[NOTHING])
    text = f"{outcome_words()[cell.outcome]}, {trust_words()[cell.trust]}"
    return Mark(cell.outcome, cell.trust, text)


def minutes(seconds: float) -> str:
    """Return a time in whole minutes."""
    return tr("{count} min", count=int(max(0.0, seconds) // 60))


def clock_time(time: float) -> str:
    """Return a time as the teacher's clock has it."""
    return datetime.fromtimestamp(time).strftime("%H:%M:%S")


def sentence(need: Need, exercise: str, now: float) -> str:
    """Return why a student needs the teacher."""
    check = check_titles(exercise).get(need.check, "")
    if need.why == HAND:
        return tr("raised a hand {since} ago", since=minutes(now - need.since))
    if need.why == STUCK and need.usual is not None:
        return tr(
            "no progress for {since} at '{check}'; half of the class needed {usual}",
            since=minutes(now - need.since), check=check, usual=minutes(need.usual),
        )  # fmt: skip
    if need.why == STUCK:
        return tr(
            "no progress for {since} at '{check}'", since=minutes(now - need.since), check=check
        )
    return tr("could not be checked")


def drawn(seat: Seat) -> float | None:
    """Return when the last picture of the machine was drawn, None where there is none."""
    orders = [each for each in seat.orders.values() if each.action == "picture"]
    return orders[-1].time if orders and orders[-1].stage == "done" else None


def failed_sentence(seat: Seat, check: str) -> str:
    """Return what was seen of a check that did not pass."""
    cell = seat.cell(check)
    return cell.said.get(language(), "") if cell and cell.outcome != PASSED else ""


def likely_mistakes(seat: Seat) -> list[str]:
    """Return the mistakes with which tests saw the checks of an exercise end as they do now."""
    exercise = catalogue().get(seat.exercise)
    if exercise is None or not any(
        (cell := seat.cell(check["name"])) and cell.outcome == FAILED for check in exercise.checks
    ):
        return []
    now = {
        f"{check['name']} {cell.outcome}"
        for check in exercise.checks
        if (cell := seat.cell(check["name"]))
    }
    signatures = _signatures(seat.exercise)
    found = [
        each.title[language()]
        for each in exercise.mistakes
        if set(signatures.get(key_of(each), {}).get(OUTCOMES, ())) == now
    ]
    return found if len(found) <= MOST_MISTAKES else []


@cache
def _signatures(exercise: str) -> dict[str, Signs]:
    return signatures_of(exercise, FOLDER)


def by_exercise(state: State) -> Iterator[tuple[str, list[Seat]]]:
    """Yield the seats at each exercise, the exercise with the most first."""
    groups: dict[str, list[Seat]] = {}
    for name in sorted(state.seats, key=natural):
        seat = state.seats[name]
        groups.setdefault(seat.exercise, []).append(seat)
    return iter(sorted(groups.items(), key=lambda item: -len(item[1])))


def totals(state: State) -> Iterator[tuple[str, list[tuple[str, int, int, str]]]]:
    """Yield by exercise who passed each check: how many of how many, and how fast half did."""
    for exercise, seats in by_exercise(state):
        rows = []
        for check, title in check_titles(exercise).items():
            passed = sum((exercise, check) in seat.passed for seat in seats)
            took = state.took.get((exercise, check), [])
            rows.append((title, passed, len(seats), minutes(median(took)) if took else ""))
        yield exercise, rows


def table(state: State, people: Mapping[str, str]) -> Iterator[Sequence[str | int | float | None]]:
    """Yield the rows of a spreadsheet: each machine, each check of which something is known."""
    headings = (
        "machine", "name", "exercise", "check", "outcome", "who vouches", "time", "hints",
        "hand raised",
    )  # fmt: skip
    yield [tr(each) for each in headings]
    outcomes, trusts = outcome_words(), trust_words()
    for name in sorted(state.seats, key=natural):
        seat = state.seats[name]
        for (exercise, check), cell in seat.cells.items():
            yield [
                name, people.get(name, ""), exercise, check_titles(exercise).get(check, check),
                outcomes[cell.outcome], trusts[cell.trust], clock_time(cell.since),
                len(seat.hints.get(exercise, ())), tr("yes") if seat.hand else "",
            ]  # fmt: skip
