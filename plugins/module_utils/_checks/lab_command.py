# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``lab`` of a student's machine: the exercise's text, its hints and its checks."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn, TextIO

from ansible_collections.labs.mail.plugins.module_utils._checks.answers import (
    keep_answer,
    read_answers,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_check import (
    passwords,
    results_of,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_hints import (
    show_facts,
    show_given,
    show_hint,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_page import page
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_progress import Progress
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_words import WORDS
from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    FAILED,
    PASSED,
    SKIPPED,
    UNCHECKED,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.rendering import shown
from ansible_collections.labs.mail.plugins.module_utils._explain import command as explain_command
from ansible_collections.labs.mail.plugins.module_utils._explain import pictures
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

EXERCISE = Path("/etc/labs.mail/exercise.json")
"""The exercise that the machine was brought to, as the role lab_command writes it."""

VERBS = ("text", "hint", "check", "answer", "explain", "trace", "draw")

CODES = {PASSED: 0, SKIPPED: 0, FAILED: 1, UNCHECKED: 3}
"""Exit codes: 1 tells wrong, 3 that something could not be checked; 2 is for a wrong call."""

MISUSED, BROKEN_PIPE, INTERRUPTED = 2, 141, 130


class _MisuseError(Exception):
    """The command was called in a way that it does not know."""


class _Parser(argparse.ArgumentParser):
    """A parser whose words are ours: those of argparse are English alone."""

    def error(self, message: str) -> NoReturn:
        raise _MisuseError(message)


def language(environment: dict[str, str]) -> str:
    """Return the language of a session, ``fr`` where it says none (environ(7))."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name, "")[:2] in WORDS:
            return environment[name][:2]
    return "fr"


def main(argv: list[str] | None = None, path: Path = EXERCISE) -> int:
    """Run the command; returns its exit code."""
    try:
        return _main(sys.argv[1:] if argv is None else argv, path)
    except BrokenPipeError:
        # Whoever reads, as head and less do, has enough: Python would say so at its end as well.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED


def _main(argv: list[str], path: Path) -> int:
    lang = language(dict(os.environ))
    before, tool, after = _tool(argv)
    if tool:
        return TOOLS[tool](after, before[-1] if before[-1:] and before[-1] in WORDS else lang)
    if argv[:1] == ["page"]:
        return page(argv[1:], _exercise(path), path)
    try:
        asked, unknown = _parser().parse_known_intermixed_args(argv)
        if asked.lang not in (None, *WORDS):
            raise _MisuseError(WORDS[lang]["languages"].format(found=asked.lang))
    except _MisuseError as error:
        return _misused(lang, str(error) if "argument" not in str(error) else "")
    lang = asked.lang or lang
    if asked.help:
        _say(WORDS[lang]["help"])
        return 0
    verb, *rest = asked.words or [""]
    strange = [*unknown, *([verb] if verb not in ("", *VERBS) else [])]
    strange += [] if verb == "answer" else rest
    if strange:
        return _misused(lang, _no_verb(lang, strange[0]))
    return _of_exercise(asked, verb, rest, lang, path)


def _parser() -> _Parser:
    parser = _Parser("lab", add_help=False, allow_abbrev=False)
    parser.add_argument("--lang")
    for option in ("all", "facts"):
        parser.add_argument(f"--{option}", action="store_true")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("words", nargs="*")
    return parser


def _of_exercise(
    asked: argparse.Namespace, verb: str, rest: list[str], lang: str, path: Path
) -> int:
    """Do what a verb asks of the machine's exercise."""
    exercise = _exercise(path)
    if not exercise.get("name"):
        _say(WORDS[lang]["none"].format(path=path), sys.stderr)
        return 3
    if verb == "check":
        return check(exercise, lang, path)
    if verb == "answer":
        return answer(exercise, lang, path.with_name("answers.json"), rest)
    if verb == "hint":
        if asked.facts:
            return show_facts(exercise)
        return show_given(exercise, lang) if asked.all else show_hint(exercise, lang)
    return show_text(exercise, lang) if verb else show_place(exercise, lang)


def _exercise(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


TOOLS = {"explain": explain_command.main, "trace": pictures.trace, "draw": pictures.draw}
"""Words that do not depend on an exercise, each with a parser of its own."""


def _tool(argv: list[str]) -> tuple[list[str], str, list[str]]:
    """Part the words at the first one that is a tool, where only a language stands before it."""
    at = 2 if argv[:1] == ["--lang"] else 1 if argv[:1] and argv[0].startswith("--lang=") else 0
    before = [word.removeprefix("--lang=") for word in argv[:at]]
    if len(argv) > at and argv[at] in TOOLS:
        return before, argv[at], argv[at + 1 :]
    return [], "", argv


def _misused(lang: str, problem: str) -> int:
    words = WORDS[lang]
    _say("\n".join(line for line in (problem, words["usage"]) if line), sys.stderr)
    return MISUSED


def _no_verb(lang: str, found: str) -> str:
    near = nearest(found, VERBS, 0.5)
    hint = WORDS[lang]["near"].format(near=near) if near else ""
    return WORDS[lang]["no_verb"].format(found=found) + hint


def _say(text: str, stream: TextIO | None = None) -> None:
    """Print a line at once."""
    stream = stream or sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def show_place(exercise: dict[str, Any], lang: str) -> int:
    """Say which exercise the machine is at, how the last check ended, and what can be typed."""
    words = WORDS[lang]
    progress = Progress(exercise["name"])
    _say(words["exercise"].format(title=exercise["title"][lang], name=exercise["name"]))
    last = progress.last_check
    if last:
        at = time.strftime(words["time"], time.localtime(last["at"]))
        _say(words["last"].format(at=at, passed=last["passed"], total=last["total"]))
    else:
        _say(words["never"])
    if exercise["hints"]:
        _say(words["hints"].format(given=len(progress.hints), total=len(exercise["hints"])))
    _say("\n" + words["verbs"])
    if questions(exercise):
        _say(words["verb_answer"])
    return 0


def show_text(exercise: dict[str, Any], lang: str) -> int:
    """Print the assignment."""
    title = exercise["title"][lang]
    _say(f"{title}\n{'=' * len(title)}\n\n{exercise['assignment'][lang].rstrip()}")
    return 0


def questions(exercise: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """Return the names of the checks that ask something, with their questions."""
    return [
        (check["name"], step["answer"]["question"])
        for check in exercise["checks"]
        for step in check["steps"]
        if "answer" in step
    ]


def answer(exercise: dict[str, Any], lang: str, path: Path, given: list[str]) -> int:
    """Show the questions with their answers, or keep the answer to one of them."""
    words, asked = WORDS[lang], questions(exercise)
    if not asked:
        _say(words["no_questions"])
        return 0
    if not given:
        answers = read_answers(path)
        for place, (name, question) in enumerate(asked, 1):
            _say(f"{place}. {question[lang]}")
            _say(f"   {answers.get(name) or words['no_answer']}")
        _say(words["how_to_answer"])
        return 0
    number, *text = given
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= len(asked) and text):
        return _misused(lang, words["how_to_answer"])
    try:
        keep_answer(path, asked[int(number) - 1][0], " ".join(text))
    except PermissionError:
        _say(words["answer_root"], sys.stderr)
        return 3
    _say(words["answer_kept"].format(number=number))
    return 0


def check(exercise: dict[str, Any], lang: str, path: Path) -> int:
    """Run the checks, and print each one's outcome as soon as it is known."""
    words, outcomes = WORDS[lang], []
    try:
        known = passwords(path)
    except PermissionError:
        _say(words["root"] + (words["sudo"] if shutil.which("sudo") else words["su"]), sys.stderr)
        return 3
    with contextlib.closing(results_of(exercise, known)) as results:
        for result in results:
            outcomes.append(result.outcome)
            for line in shown(asdict(result), lang, sys.stdout.isatty()):
                _say(line)
    passed = outcomes.count(PASSED)
    _say(words["score"].format(passed=passed, total=len(outcomes)))
    return max((CODES[outcome] for outcome in outcomes), default=0)
