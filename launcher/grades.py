"""What a class has done: grades of all attempts, for each exercise and over all."""

from __future__ import annotations

import csv
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import SEEN
from ansible_collections.labs.mail.plugins.module_utils._checks.rendering import voucher
from ansible_collections.labs.mail.plugins.module_utils._suggest import AMONG_FEW, nearest
from ansible_collections.labs.mail.plugins.module_utils._text import clean
from launcher import attempts, gradebook, settings
from launcher.attempts import STAMP, Attempt, shown
from launcher.language import tr

CLASS = settings.ROOT / "class.csv"
MACHINE = ("machine", "poste")
NAME = ("name", "nom")
OF = 20
"""A mark is of so many, as in a French school."""


@dataclass(frozen=True)
class Try:
    """One attempt of one machine at an exercise."""

    time: datetime
    passed: int
    of: int
    failed: list[dict[str, str]]
    """The titles of the checks that did not pass, by language."""

    hints: int = 0
    problem: str = ""
    seen: int = 0
    """How many of those that passed the world saw from outside."""

    @property
    def whole(self) -> bool:
        """Whether all checks passed."""
        return self.of > 0 and self.passed == self.of


@dataclass
class Work:
    """What one machine did at one exercise."""

    machine: str
    exercise: str
    tries: list[Try] = field(default_factory=list)

    @property
    def best(self) -> Try:
        """The attempt with most that passed, the first of them."""
        return max(self.tries, key=lambda each: each.passed / max(each.of, 1))

    @property
    def first_pass(self) -> datetime | None:
        """When all checks passed for the first time."""
        return next((each.time for each in self.tries if each.whole), None)

    @property
    def hints(self) -> int:
        """How many hints were taken until the first pass, or the last attempt."""
        until = self.first_pass or self.tries[-1].time
        return max(each.hints for each in self.tries if each.time <= until)

    @property
    def mark(self) -> float:
        """The mark of the best attempt."""
        return round(OF * self.best.passed / max(self.best.of, 1), 1)


@dataclass
class Grades:
    """The class's work, by machine and exercise, in the order of the class list."""

    people: dict[str, str]
    """The name behind each machine, which may be empty."""

    exercises: list[str]
    works: dict[tuple[str, str], Work]
    attempts: list[Attempt]

    def of(self, exercise: str) -> list[Work]:
        """Return the work at an exercise."""
        found = (self.works.get((machine, exercise)) for machine in self.people)
        return [each for each in found if each]

    def mean(self, machine: str) -> float | None:
        """Return the mean of a machine's marks at the exercises that it tried."""
        marks = [each.mark for (name, _exercise), each in self.works.items() if name == machine]
        return round(sum(marks) / len(marks), 1) if marks else None


def grades_of(found: Iterable[Attempt], people: dict[str, str]) -> Grades:
    """Return the grades of attempts, the oldest first."""
    found = sorted(found, key=lambda each: each.time)
    works: dict[tuple[str, str], Work] = {}
    for attempt in found:
        for machine, results in attempt.machines.items():
            work = works.setdefault((machine, attempt.exercise), Work(machine, attempt.exercise))
            outcomes = [each.get("outcome") for each in results]
            failed = [
                {lang: clean(str(text)) for lang, text in each.get("title", {}).items()}
                for each in results
                if each.get("outcome") != "passed"
            ]
            hints = attempt.hints.get(machine, 0)
            passed = outcomes.count("passed")
            seen = sum(
                each.get("outcome") == "passed" and voucher(each) == SEEN for each in results
            )
            work.tries.append(Try(attempt.time, passed, len(results), failed, hints, seen=seen))
        for machine, problem in attempt.problems.items():
            work = works.setdefault((machine, attempt.exercise), Work(machine, attempt.exercise))
            work.tries.append(Try(attempt.time, 0, 0, [], 0, clean(str(problem))))
    machines = sorted({machine for machine, _exercise in works}, key=_in_order)
    known = {machine: people.get(machine, "") for machine in [*people, *machines]}
    exercises = list(dict.fromkeys(each.exercise for each in found))
    return Grades(known, exercises, works, found)


def _in_order(machine: str) -> tuple[str, int]:
    digits = machine.lstrip("abcdefghijklmnopqrstuvwxyz-_")
    return machine.removesuffix(digits), int(digits) if digits.isdigit() else 0


def read_class(path: Path) -> dict[str, str]:
    """Return the names of a class list by machine. Raises SettingsError.

    It is CSV with a line of headings, of which one is machine and one name; a French spreadsheet
    has a semicolon between the columns, and the others stay unread.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="cp1252", errors="replace")
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    rows = list(csv.reader(text.splitlines(), delimiter=separator))
    headings = [each.strip().lower() for each in rows[0]] if rows else []
    places = []
    for names in (MACHINE, NAME):
        place = next((headings.index(each) for each in names if each in headings), None)
        if place is None:
            raise settings.SettingsError(_no_column(path, names, headings))
        places.append(place)
    people: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(each.strip() for each in row):
            continue
        if len(row) <= max(places):
            text = tr("{path}, line {number}: there are {found} columns, not {wanted}.")
            raise settings.SettingsError(
                text.format(path=path, number=number, found=len(row), wanted=len(headings))
            )
        machine, name = (clean(row[place].strip()) for place in places)
        if machine in people:
            text = tr("{path}, line {number}: {machine} is there twice; write each machine once.")
            raise settings.SettingsError(text.format(path=path, number=number, machine=machine))
        people[machine] = name
    return people


def _no_column(path: Path, names: tuple[str, ...], headings: list[str]) -> str:
    near = next((each for each in headings if nearest(each, names, AMONG_FEW)), None)
    hint = tr(" {near} may be meant.", near=near) if near else ""
    text = tr("{path}, line 1: no column is called {names}; there are {headings}.{hint}")
    return text.format(
        path=path, names=tr(" or ").join(names), headings=", ".join(headings) or "-", hint=hint
    )


def report(given: Namespace, console: Console) -> int:
    """Write the grades of all attempts to a directory of their own, and print them."""
    path = Path(given.list).expanduser() if given.list else CLASS
    if given.list and not path.exists():
        raise settings.SettingsError(tr("{path} is not there.", path=path))
    people = read_class(path) if path.exists() else {}
    found = attempts.read()
    if not found:
        raise settings.SettingsError(tr("Nothing was checked yet: ./lab check does."))
    grades = grades_of(found, people)
    now = datetime.now(UTC)
    directory = attempts.REPORTS / now.strftime(STAMP)
    number = 1
    while directory.exists():
        directory = attempts.REPORTS / f"{now.strftime(STAMP)}-{(number := number + 1)}"
    directory.mkdir(parents=True)
    gradebook.write(grades, directory)
    gradebook.show(grades, console)
    console.print(tr("Written to {path}.", path=shown(directory)), soft_wrap=True)
    return 0
