# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``lab hint`` says: the next step about the mistake made, facts, or a general hint."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.lab_progress import Progress
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_words import WORDS
from ansible_collections.labs.mail.plugins.module_utils._explain.show import place, say
from ansible_collections.labs.mail.plugins.module_utils._hints.facts import (
    Facts,
    changed_since,
    gather,
)
from ansible_collections.labs.mail.plugins.module_utils._hints.matching import (
    Mistake,
    ranked,
    recognized,
)

MOST_FINDINGS = 3

Words = dict[str, str]


def show_hint(exercise: dict[str, Any], lang: str) -> int:
    """Give the next step about what is wrong now; a general hint where that is not known."""
    words, progress = WORDS[lang], Progress(exercise["name"])
    last = progress.last_check
    if last and "signs" in last and exercise.get("mistakes"):
        if changed := changed_since(last["at"]):
            say(words["changed"].format(what=changed))
            return 0
        if last["passed"] == last["total"]:
            say(words["nothing_wrong"])
            return 0
        if os.geteuid() == 0:
            return _about_what_is_wrong(exercise, lang, progress)
    return _general(exercise, lang, progress)


def show_given(exercise: dict[str, Any], lang: str) -> int:
    """Repeat the hints that were given."""
    words, progress = WORDS[lang], Progress(exercise["name"])
    steps = {each["name"]: each["steps"] for each in exercise.get("mistakes", [])}
    for name, given in progress.steps.items():
        for number, step in enumerate(steps.get(name, [])[:given], 1):
            _say_step(words, number, step[lang])
    if not (progress.hints or progress.steps):
        say(words["no_hint_yet"] if exercise["hints"] else words["no_hints"])
    _say_hints(exercise, lang, progress, progress.hints)
    return 0


def show_facts(exercise: dict[str, Any]) -> int:
    """Print what is known of the machine, and which mistakes come into question, as JSON."""
    last = Progress(exercise["name"]).last_check
    signs = {**_facts(exercise, last).signs, **last.get("signs", {})}
    mistakes = _mistakes(exercise)
    found = {
        "signs": signs,
        "known": [mistake.name for mistake in mistakes],
        "recognized": recognized(signs, mistakes),
        "candidates": {c.name: round(c.likeness, 3) for c in ranked(signs, mistakes)},
    }
    say(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True))
    return 0


def _about_what_is_wrong(exercise: dict[str, Any], lang: str, progress: Progress) -> int:
    words, last = WORDS[lang], progress.last_check
    facts = _facts(exercise, last)
    name = recognized({**facts.signs, **last["signs"]}, _mistakes(exercise))
    if name:
        steps = next(each["steps"] for each in exercise["mistakes"] if each["name"] == name)
        number = progress.next_step(name, len(steps))
        if number:
            _say_step(words, number, steps[number - 1][lang])
            return 0
        say(words["no_more_steps"])
        return 0
    for line in _told(facts, exercise, last["failed"], lang):
        say(line)
    return _general(exercise, lang, progress)


def _facts(exercise: dict[str, Any], last: dict[str, Any]) -> Facts:
    failed = [each for each in exercise["checks"] if each["name"] in last.get("failed", [])]
    return gather(failed, (exercise.get("world") or [""])[0])


def _mistakes(exercise: dict[str, Any]) -> list[Mistake]:
    return [Mistake(each["name"], each["signatures"]) for each in exercise.get("mistakes", [])]


def _told(facts: Facts, exercise: dict[str, Any], failed: list[str], lang: str) -> list[str]:
    """Return facts about the first check that failed; no guess is among them."""
    words = WORDS[lang]
    title = next((c["title"][lang] for c in exercise["checks"] if c["name"] in failed), "")
    told = [words["failed_first"].format(title=title)] if title else []
    if not facts.running:
        told.append(words["not_running"])
    told += [words["unloaded"].format(path=path) for path in facts.unloaded]
    end = next((facts.ends[name] for name in failed if name in facts.ends), None)
    if end:
        data = end.as_data()
        by = data["decided_by"]
        where = f" ({place(by)})" if by and place(by) else ""
        told.append(words["explained"].format(end=data["sentence"][lang], where=where))
    for each in facts.findings[:MOST_FINDINGS]:
        line = f":{each.line}" if each.line else ""
        told.append(words["found"].format(place=f"{each.path}{line}"))
    return told


def _general(exercise: dict[str, Any], lang: str, progress: Progress) -> int:
    """Print one more of the exercise's hints, first those about what the last check found wrong."""
    words, hints = WORDS[lang], exercise["hints"]
    if not hints:
        say(words["no_hints"])
        return 0
    numbers = progress.next_hint(hints)
    if not numbers:
        say(words["no_more_hints"])
    _say_hints(exercise, lang, progress, numbers)
    return 0


def _say_step(words: Words, number: int, text: str) -> None:
    kind = words[f"step_{number}"]
    say(words["step"].format(kind=kind, number=number, text=text.rstrip()))


def _say_hints(exercise: dict[str, Any], lang: str, progress: Progress, numbers: list[int]) -> None:
    hints = exercise["hints"]
    for number in numbers:
        position = progress.hints.index(number) + 1
        text = hints[number][lang].rstrip()
        say(WORDS[lang]["hint_number"].format(number=position, total=len(hints), text=text))
