# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``lab`` of a student's machine: the exercise's text, its hints and its checks."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.runner import (
    FAILED,
    PASSED,
    SKIPPED,
    UNCHECKED,
    Result,
    new_word,
    run_checks,
)

EXERCISE = Path("/etc/labs.mail/exercise.json")
"""The exercise that the machine was brought to, as the role lab_command writes it."""

WORDS = {
    "fr": {
        "about": "L'exercice de cette machine : texte, indices, vérification",
        "text": "affiche l'énoncé",
        "hint": "donne un indice de plus à chaque appel",
        "check": "vérifie le travail",
        "lang": "langue des messages",
        "none": "Aucun exercice n'est en cours sur cette machine ({path}).",
        "root": "La vérification lit journal et boîtes : lancez-la en root (sudo lab check).",
        "hint_number": "Indice {number} sur {total} : {text}",
        "no_hints": "Cet exercice n'a pas d'indice.",
        "tried": "essai",
        "expected": "attendu",
        "seen": "constaté",
        "score": "{passed} sur {total}",
        PASSED: "réussi",
        FAILED: "à revoir",
        SKIPPED: "pas essayé",
        UNCHECKED: "non vérifiable",
    },
    "en": {
        "about": "The exercise of this machine: its text, hints and checks",
        "text": "show the assignment",
        "hint": "give one more hint at each call",
        "check": "check the work",
        "lang": "language of the messages",
        "none": "There is no exercise on this machine ({path}).",
        "root": "Checking reads the log and mailboxes: run it as root (sudo lab check).",
        "hint_number": "Hint {number} of {total}: {text}",
        "no_hints": "This exercise has no hints.",
        "tried": "tried",
        "expected": "expected",
        "seen": "seen",
        "score": "{passed} of {total}",
        PASSED: "passed",
        FAILED: "wrong",
        SKIPPED: "skipped",
        UNCHECKED: "could not check",
    },
}
"""What the command says, by language."""

MARKS = {PASSED: ("✓", 32), FAILED: ("✗", 31), SKIPPED: ("-", 90), UNCHECKED: ("?", 33)}
"""The sign of each outcome, and its colour (ECMA-48)."""

CODES = {PASSED: 0, SKIPPED: 0, FAILED: 1, UNCHECKED: 3}
"""Exit codes: 1 tells wrong, 3 that something could not be checked; 2 is argparse's own."""


def language(environment: dict[str, str]) -> str:
    """Return the language of a session, ``fr`` where it says none (environ(7))."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name, "")[:2] in WORDS:
            return environment[name][:2]
    return "fr"


def main(argv: list[str] | None = None, path: Path = EXERCISE) -> int:
    """Run the command; returns its exit code."""
    words = WORDS[language(dict(os.environ))]
    parser = argparse.ArgumentParser("lab", description=words["about"])
    parser.add_argument("--lang", choices=sorted(WORDS), help=words["lang"])
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("text", "hint", "check"):
        verbs.add_parser(verb, help=words[verb])
    asked = parser.parse_args(argv)
    lang = asked.lang or language(dict(os.environ))
    exercise = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if not exercise.get("name"):
        _say(WORDS[lang]["none"].format(path=path), sys.stderr)
        return 3
    if asked.verb != "check":
        return {"text": show_text, "hint": show_hint}[asked.verb](exercise, lang)
    try:
        password = path.with_name("password").read_text(encoding="utf-8")
    except PermissionError:
        _say(WORDS[lang]["root"], sys.stderr)
        return 3
    return check(exercise, lang, password)


def _say(text: str, stream: TextIO | None = None) -> None:
    """Print a line at once."""
    stream = stream or sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def show_text(exercise: dict[str, Any], lang: str) -> int:
    """Print the assignment."""
    title = exercise["title"][lang]
    _say(f"{title}\n{'=' * len(title)}\n\n{exercise['assignment'][lang].rstrip()}")
    return 0


def show_hint(exercise: dict[str, Any], lang: str) -> int:
    """Print the first hint, and at each later call the next one as well."""
    hints = exercise["hints"]
    if not hints:
        _say(WORDS[lang]["no_hints"])
        return 0
    number = _hints_now(exercise["name"], len(hints))
    for position, hint in enumerate(hints[:number], 1):
        text = WORDS[lang]["hint_number"]
        _say(text.format(number=position, total=len(hints), text=hint[lang].rstrip()))
    return 0


def _hints_now(name: str, most: int) -> int:
    """Return how many hints to give: one more than was kept last, and the first if nothing was."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    kept = Path(state, "lab-hints", name)
    try:
        number = int(kept.read_text())
    except (OSError, ValueError):
        number = 0
    number = min(number + 1, most)
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(f"{number}\n")
    return number


def check(exercise: dict[str, Any], lang: str, password: str) -> int:
    """Run the checks, and print each one's outcome as soon as it is known."""
    world = tuple(exercise["world"]) if exercise.get("world") else None
    context = CheckContext(new_word(), world, password)
    outcomes = []
    for result in run_checks(exercise["checks"], context):
        outcomes.append(result.outcome)
        for line in lines(result, lang, sys.stdout.isatty()):
            _say(line)
    _say(WORDS[lang]["score"].format(passed=outcomes.count(PASSED), total=len(outcomes)))
    return max((CODES[outcome] for outcome in outcomes), default=0)


def lines(result: Result, lang: str, colours: bool = False) -> Iterator[str]:
    """Yield the lines about a check: one where it passed, with what was tried where it did not."""
    words = WORDS[lang]
    sign, colour = MARKS[result.outcome]
    mark = f"\033[{colour}m{sign}\033[0m" if colours else sign
    yield f"{mark} {result.title[lang]}: {words[result.outcome]}"
    if result.outcome in (FAILED, UNCHECKED):
        for name, text in (
            ("tried", result.tried[lang]),
            ("expected", result.expected[lang]),
            ("seen", result.seen),
        ):
            yield f"    {words[name]:<9} {text}"
    elif result.outcome == SKIPPED:
        yield f"    {result.tried[lang]}"
