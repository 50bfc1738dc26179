"""Handouts: a sheet for each exercise in each language, for students or for the teacher."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import (
    Exercise,
    Variant,
    Way,
)
from launcher import settings
from launcher.attempts import shown
from launcher.course import exercise_named
from launcher.french import typographic
from launcher.language import LANGUAGES, tr
from launcher.paper.typesetting import blocks, compiler, line, pdf, words_in

DIRECTORY = settings.ROOT / "reports" / "handouts"


def handouts(given: Namespace, console: Console) -> int:
    """Write the handouts of exercises, of all if none is named."""
    names = [exercise_named(each) for each in given.exercises] or list(catalogue())
    directory = Path(given.to).expanduser() if given.to else DIRECTORY
    directory.mkdir(parents=True, exist_ok=True)
    compiler()
    kind = "-teacher" if given.teacher else ""

    def write(name: str, language: str) -> None:
        content = pdf("handout", handout(catalogue()[name], language, given.teacher))
        (directory / f"{name}-{language}{kind}.pdf").write_bytes(content)

    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda each: write(*each), product(names, LANGUAGES)))
    text = tr("{number} handouts in {path}.")
    number = len(names) * len(LANGUAGES)
    console.print(text.format(number=number, path=shown(directory)), soft_wrap=True)
    return 0


def handout(exercise: Exercise, language: str, teacher: bool) -> dict[str, Any]:
    """Return what handout.typ sets."""
    words = words_in(language)
    checks = {each["name"]: line(each["title"][language], language) for each in exercise.checks}
    ways: list[Variant | Way] = [*exercise.faults, *exercise.by_hand]
    return {
        "lang": language,
        "words": words,
        "teacher": teacher,
        "title": exercise.title[language],
        "heading": line(exercise.title[language], language),
        "about": words["for_teachers"] if teacher else _about(exercise, words, language),
        "footer": _about(exercise, words, language),
        "assignment": blocks(exercise.assignment[language], language),
        "checks": list(checks.values()),
        "hints": [blocks(each[language], language) for each in exercise.hints],
        "right": [_typed(exercise, each, language) for each in _right(exercise)],
        "mistakes": [
            {"title": line(each.title[language], language), "check": checks[each.caught_by]}
            for each in ways
            if each.caught_by
        ],
    }


def _about(exercise: Exercise, words: Mapping[str, str], language: str) -> str:
    before = catalogue()[exercise.after].title[language] if exercise.after else ""
    text = words["after" if before else "exercise"].format(name=exercise.name, before=before)
    return typographic(text) if language == "fr" else text


def _right(exercise: Exercise) -> list[Way]:
    return [each for each in exercise.by_hand if not each.caught_by]


def _typed(exercise: Exercise, way: Way, language: str) -> dict[str, Any]:
    return {"title": line(way.title[language], language), "commands": exercise.typed(way.name)}
