# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exercises as data: read with every slip said in its place, and laid one over the other.

An exercise's start is the solution of the one it comes after with ``start`` laid over it; its
solution is its start with ``solution`` laid over it, and an alternative or a fault is its solution
with that laid over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.check_schema import (
    NAME,
    as_is,
    each_of,
    in_both_languages,
    known_attributes,
    read_checks,
    refuse_twice,
    suggestion,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import TEXT
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._schema import list_of

START, SOLUTION = "start", "solution"


ABSENT: dict[str, Any] = {
    "accounts_users": {"state": "absent"},
    "lab_files": {"state": "absent"},
    "lab_postfix_maps": None,
}
"""What an account, a file or a table of another exercise is in a state that does not name it."""


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("write variables of roles, a mapping")
    for variable in ABSENT:
        if not isinstance(value.get(variable) or {}, Mapping):
            raise ValueError(f"{variable}: write a mapping by name")
    return dict(value)


@dataclass(frozen=True)
class Variant:
    """A state beside the solution: an alternative, or a fault with the check that finds it."""

    name: str
    title: Mapping[str, str]
    state: Mapping[str, Any]
    caught_by: str = ""
    alike: str = ""
    steps: list[Mapping[str, str]] = field(default_factory=list)
    """What ``lab hint`` says of the mistake, one at each call: a question, where to look, and how
    it works. ``alike`` names the mistake that cannot be told from this one, whose steps count."""


@dataclass(frozen=True)
class Way:
    """What a student types as root from the start on: right, or caught by a check.

    ``after`` names the way whose commands are typed before; ``alike`` and ``steps`` are as for a
    fault.
    """

    name: str
    title: Mapping[str, str]
    commands: str
    after: str = ""
    caught_by: str = ""
    alike: str = ""
    steps: list[Mapping[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Exercise:
    """An exercise of the catalogue."""

    name: str
    title: Mapping[str, str]
    assignment: Mapping[str, str]
    hints: list[Mapping[str, str]]
    after: str = ""
    start: Mapping[str, Any] = field(default_factory=dict)
    solution: Mapping[str, Any] = field(default_factory=dict)
    alternatives: list[Variant] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Variant] = field(default_factory=list)
    by_hand: list[Way] = field(default_factory=list)

    def typed(self, name: str) -> str:
        """Return all that is typed on a way by hand, from the exercise's start on."""
        way = next(each for each in self.by_hand if each.name == name)
        before = self.typed(way.after) if way.after else ""
        return f"{before}{way.commands.strip()}\n"

    @property
    def mistakes(self) -> list[Variant | Way]:
        """The faults and the wrong ways by hand."""
        return [*self.faults, *(way for way in self.by_hand if way.caught_by)]

    @property
    def stages(self) -> list[str]:
        """The names of the states that the exercise has."""
        return [START, SOLUTION, *(each.name for each in (*self.alternatives, *self.faults))]


_LIST = list_of(as_is, "write a list")
_KEYS: dict[str, Any] = {
    "title": as_is,
    "assignment": as_is,
    "hints": _LIST,
    "after": NAME,
    "start": _mapping,
    "solution": _mapping,
    "alternatives": _LIST,
    "checks": _LIST,
    "faults": _LIST,
    "by_hand": _LIST,
}
"""What an exercise's file may have, and what reads each."""

_NEEDED = ("title", "assignment", "solution", "checks", "faults")

_OF_A_MISTAKE: dict[str, Any] = {
    "caught_by": NAME,
    "alike": NAME,
    "steps": _LIST,
}
_MORE_KEYS: dict[str, dict[str, Any]] = {"alternatives": {}, "faults": _OF_A_MISTAKE}
"""What a variant has beside its name, title and state."""

STEPS = 3
"""How many steps lead to a mistake: a question, where to look, how it works."""


def read_exercise(name: str, data: Any) -> Exercise:
    """Return the exercise that is data. Raises ConfigError, whose path is like checks.2.title."""
    given = known_attributes(data, _KEYS, "", needs=_NEEDED)
    for key in ("title", "assignment"):
        given[key] = in_both_languages(given[key], key)
    given["checks"] = read_checks(given["checks"])
    names = [check["name"] for check in given["checks"]]
    given["hints"] = each_of(
        given.get("hints", []), "hints", lambda each, place: _hint(each, place, names)
    )
    for key, more in _MORE_KEYS.items():
        given[key] = [
            _variant(each, f"{key}.{number}", more)
            for number, each in enumerate(given.get(key, []))
        ]
    given["by_hand"] = _ways(given.get("by_hand", []))
    _refuse_unknown_checks(given, names)
    _alike_are_known(given["faults"], given["by_hand"])
    _refuse_stages_twice(given)
    return Exercise(name, **given)


def _refuse_unknown_checks(given: Mapping[str, Any], names: list[str]) -> None:
    """Raise ConfigError where a mistake is caught by a check that there is not."""
    for key in ("faults", "by_hand"):
        for number, each in enumerate(given[key]):
            # A right way by hand names none.
            if each.caught_by not in names and (key == "faults" or each.caught_by):
                raise ConfigError(
                    f"no check is called {each.caught_by}{suggestion(each.caught_by, names)}",
                    f"{key}.{number}.caught_by",
                )


def _refuse_stages_twice(given: Mapping[str, Any]) -> None:
    """Raise ConfigError where two states of an exercise have one name."""
    stages = [START, SOLUTION]
    for key in ("alternatives", "faults"):
        for number, variant in enumerate(given[key]):
            refuse_twice(variant.name, stages, f"{key}.{number}.name")
            stages.append(variant.name)


def _hint(given: Any, place: str, checks: list[str]) -> dict[str, str]:
    """Read a hint, which may say which check it is about."""
    hint = known_attributes(
        given, {"fr": TEXT, "en": TEXT, "about": NAME}, place, needs=("fr", "en")
    )
    if hint.get("about") not in (None, *checks):
        raise ConfigError(
            f"no check is called {hint['about']}{suggestion(hint['about'], checks)}",
            f"{place}.about",
        )
    return hint


def _variant(given: Any, place: str, more: Mapping[str, Any]) -> Variant:
    readers = {"name": NAME, "title": as_is, "state": _mapping, **more}
    needs = tuple(name for name in readers if name not in ("alike", "steps"))
    variant = known_attributes(given, readers, place, needs=needs)
    variant["title"] = in_both_languages(variant["title"], f"{place}.title")
    variant["steps"] = _steps(variant, place)
    return Variant(**variant)


def _steps(given: Mapping[str, Any], place: str) -> list[Mapping[str, str]]:
    """Read the steps that lead to a mistake: all three, or none."""
    steps = each_of(given.get("steps", []), f"{place}.steps", in_both_languages)
    if len(steps) not in (0, STEPS):
        raise ConfigError(
            f"found {len(steps)} steps",
            f"{place}.steps",
            instead="write three: a question, where to look, how it works",
        )
    if steps and given.get("alike"):
        raise ConfigError(
            f"the steps of {given['alike']} count for it too",
            f"{place}.steps",
            instead="write steps or alike",
        )
    return steps


def _alike_are_known(faults: list[Variant], ways: list[Way]) -> None:
    """Raise ConfigError where a mistake is alike to none that has steps of its own."""
    given: dict[str, Sequence[Variant | Way]] = {"faults": faults, "by_hand": ways}
    own = [each.name for mistakes in given.values() for each in mistakes if each.steps]
    for key, mistakes in given.items():
        for number, each in enumerate(mistakes):
            if each.alike and each.alike not in own:
                raise ConfigError(
                    f"no mistake with steps is {each.alike}{suggestion(each.alike, own)}",
                    f"{key}.{number}.alike",
                )
            if each.steps and own.count(each.name) > 1:
                refuse_twice(each.name, own, f"{key}.{number}.name")


def _ways(given: list[Any]) -> list[Way]:
    ways: list[Way] = []
    readers = {"name": NAME, "title": as_is, "commands": TEXT, "after": NAME, **_OF_A_MISTAKE}
    for number, each in enumerate(given):
        place = f"by_hand.{number}"
        way = known_attributes(each, readers, place, needs=("name", "title", "commands"))
        way["title"] = in_both_languages(way["title"], f"{place}.title")
        way["steps"] = _steps(way, place)
        earlier = [way.name for way in ways]
        refuse_twice(way["name"], earlier, f"{place}.name")
        if way.get("after") and way["after"] not in earlier:
            hint = suggestion(way["after"], earlier)
            raise ConfigError(f"no way before this one is {way['after']}{hint}", f"{place}.after")
        ways.append(Way(**way))
    return ways


def chosen(name: str, names: list[str], what: str) -> str:
    """Return the name if it is one of those there are. Raises ConfigError with the nearest."""
    if name not in names:
        raise ConfigError(f"there is no {what} {name}{suggestion(name, names)}")
    return name


def way_to(name: str, catalogue: Mapping[str, Exercise]) -> list[Exercise]:
    """Return the exercises from the first to this one. Raises ConfigError on a name or a cycle."""
    way: list[Exercise] = []
    while name:
        exercise = catalogue[chosen(name, list(catalogue), "exercise")]
        if exercise in way:
            names = " after ".join(each.name for each in [*reversed(way), exercise])
            raise ConfigError(f"the exercises are in a circle: {names}", "after")
        way.insert(0, exercise)
        name = exercise.after
    return way


def state_of(name: str, stage: str, catalogue: Mapping[str, Exercise]) -> dict[str, Any]:
    """Return the variables of an exercise's stage. Raises ConfigError on a name that is none."""
    state: dict[str, Any] = {}
    way = way_to(name, catalogue)
    chosen(stage, way[-1].stages, f"stage of {name}")
    for exercise in way:
        state = laid_over(state, exercise.start)
        if exercise is not way[-1] or stage != START:
            state = laid_over(state, exercise.solution)
    for variant in (*way[-1].alternatives, *way[-1].faults):
        if variant.name == stage:
            state = laid_over(state, variant.state)
    return state


def complete(state: Mapping[str, Any], universe: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Say of all that any exercise has what is not in this state, so that roles take it away.

    :arg universe: what is absent, by its names, by the variables that are mappings of such.
    """
    whole = dict(state)
    for variable, absent in universe.items():
        whole[variable] = {**absent, **(whole.get(variable) or {})}
    return whole


def universe_of(catalogue: Mapping[str, Exercise]) -> dict[str, dict[str, Any]]:
    """Return all accounts, files and tables of all exercises, absent."""
    found: dict[str, dict[str, Any]] = {variable: {} for variable in ABSENT}
    for exercise in catalogue.values():
        variants = [each.state for each in (*exercise.alternatives, *exercise.faults)]
        for state in (exercise.start, exercise.solution, *variants):
            for variable, absent in ABSENT.items():
                found[variable].update((name, absent) for name in state.get(variable) or {})
    return found


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay variables over others: mappings one into the other, all else in the place of what was.

    None takes away what is below; where nothing is, it stays for the role, which may know more.
    """
    laid = dict(below)
    for name, value in above.items():
        if value is None and name in below:
            del laid[name]
        elif isinstance(value, Mapping) and isinstance(below.get(name), Mapping):
            laid[name] = laid_over(below[name], value)
        else:
            laid[name] = value
    return laid
