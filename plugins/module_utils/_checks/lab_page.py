# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``lab page``: what a class's page shows of this machine, as objects of JSON, one a line.

Each answer is one object, but for ``check``: the exercise first, and then a line for each result as
soon as it is known.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.lab_check import (
    passwords,
    results_of,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_hints import show_hint
from ansible_collections.labs.mail.plugins.module_utils._explain import pictures
from ansible_collections.labs.mail.plugins.module_utils._explain.show import say

DONE, MISUSED = 0, 2
LANGUAGES = ("fr", "en")
SHOWN = ("name", "title", "outcome", "tried", "expected", "seen")
"""What is told of a check; for people, and not for whoever counts on it."""


def page(words: list[str], exercise: dict[str, Any], path: Path) -> int:
    """Answer ``text``, ``check``, ``hint LANGUAGE`` or ``picture LANGUAGE``."""
    asked, lang = (*words, "", "")[:2]
    if len(words) not in (1, 2) or asked not in ANSWERS or lang not in (*LANGUAGES, ""):
        return MISUSED
    known = {"exercise": exercise.get("name", "")}
    if asked == "check" or not known["exercise"]:
        _tell(known)
    if known["exercise"]:
        for each in ANSWERS[asked](exercise, lang or "fr", path):
            _tell(each if asked == "check" else {**known, **each})
    return DONE


def _tell(answer: dict[str, Any]) -> None:
    say(json.dumps(answer, ensure_ascii=False))


Answer = Iterator[dict[str, Any]]


def _text(exercise: dict[str, Any], _lang: str, _path: Path) -> Answer:
    yield {name: exercise[name] for name in ("title", "assignment")}


def _check(exercise: dict[str, Any], _lang: str, path: Path) -> Answer:
    with contextlib.closing(results_of(exercise, passwords(path))) as results:
        for result in results:
            held = asdict(result)
            yield {"check": {name: held[name] for name in SHOWN}}


def _hint(exercise: dict[str, Any], lang: str, _path: Path) -> Answer:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        show_hint(exercise, lang)
    yield {"text": said.getvalue().strip()}


def _picture(_exercise: dict[str, Any], lang: str, _path: Path) -> Answer:
    with tempfile.TemporaryDirectory() as directory:
        drawn = Path(directory, "trace.svg")
        # What it says of its file, or of a log without messages, is nothing for a page.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = pictures.trace(["--svg", str(drawn)], lang)
        yield {"svg": "" if code else drawn.read_text(encoding="utf-8")}


ANSWERS = {"text": _text, "check": _check, "hint": _hint, "picture": _picture}
