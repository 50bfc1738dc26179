"""What a machine answers, validated before it is shown: its root is a student."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import OUTCOMES
from ansible_collections.labs.mail.plugins.module_utils._classroom.events import NAME
from ansible_collections.labs.mail.plugins.module_utils._text import clean, cut

LANGUAGES = ("fr", "en")
LONGEST = {"title": 200, "assignment": 20_000, "tried": 700, "expected": 700, "seen": 700}
MOST_TEXT = 900
"""The most characters of a hint, which an event holds too."""
MOST_PICTURE = 500_000


class AnswerError(Exception):
    """What is no answer to the question."""


def assignment_of(raw: bytes) -> dict[str, Any]:
    """Return the exercise's name, title and text, or nothing where the machine is at none."""
    held = _named(raw)
    if not held["exercise"]:
        return {}
    texts = {name: _both(held.get(name), LONGEST[name]) for name in ("title", "assignment")}
    return {"exercise": held["exercise"], **texts}


def exercise_of(raw: bytes) -> str:
    """Return the name of the exercise, empty where the machine is at none."""
    return str(_named(raw)["exercise"])


def check_of(raw: bytes) -> dict[str, Any]:
    """Return the result of a check."""
    held = _object(raw).get("check")
    if not isinstance(held, dict):
        raise AnswerError("no result")
    name, outcome = held.get("name"), held.get("outcome")
    if not isinstance(name, str) or not NAME.fullmatch(name) or outcome not in OUTCOMES:
        raise AnswerError("no result of a check")
    texts = ("title", "tried", "expected", "seen")
    told = {each: _both(held.get(each), LONGEST[each]) for each in texts}
    return {"name": name, "outcome": outcome, **told}


def hint_of(raw: bytes) -> dict[str, Any]:
    """Return the exercise's name and the text of the hint, or nothing."""
    held = _named(raw)
    return (
        {"exercise": held["exercise"], "text": _text(held.get("text"), MOST_TEXT)}
        if held["exercise"]
        else {}
    )


def picture_of(raw: bytes) -> bytes:
    """Return the picture of the last message as SVG, nothing where there is none."""
    held = _named(raw)
    drawn = held.get("svg", "")
    if not isinstance(drawn, str) or len(drawn) > MOST_PICTURE:
        raise AnswerError("no picture")
    return drawn.encode("utf-8", "replace")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        held = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise AnswerError("no JSON") from error
    if not isinstance(held, dict):
        raise AnswerError("no object")
    return held


def _named(raw: bytes) -> dict[str, Any]:
    held = _object(raw)
    if not isinstance(held.get("exercise"), str):
        raise AnswerError("no object with the name of an exercise")
    if held["exercise"] and not NAME.fullmatch(held["exercise"]):
        raise AnswerError("no name of an exercise")
    return held


def _both(held: Any, most: int) -> dict[str, str]:
    if not isinstance(held, dict):
        raise AnswerError("no text in both languages")
    return {language: _text(held.get(language), most) for language in LANGUAGES}


def _text(held: Any, most: int) -> str:
    if not isinstance(held, str):
        raise AnswerError("no text")
    return cut(clean(held.encode("utf-8", "replace").decode()), most)
