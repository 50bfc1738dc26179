# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show an explanation as lines to be read."""

from __future__ import annotations

import sys
from typing import Any, TextIO

ARROW = "→"

WORDS = {
    "en": {
        "same": "{other} makes the same of it.",
        "differs": "From here on {other} differs:",
        "here": "here:  ",
        "there": "there: ",
        "nothing": "(no such step)",
    },
    "fr": {
        "same": "{other} en fait la même chose.",
        "differs": "À partir d'ici, {other} diffère :",
        "here": "ici :    ",
        "there": "là-bas : ",
        "nothing": "(pas d'étape)",
    },
}
"""What is said of the difference to another configuration."""


def say(text: object = "", stream: TextIO | None = None) -> None:
    """Print a line at once."""
    stream = stream or sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def lines(explained: dict[str, Any], language: str, all_steps: bool = False) -> list[str]:
    """Return the lines of an explanation.

    :arg explained: as data, such as a machine answers.
    :arg all_steps: whether steps without a consequence are shown too.
    """
    steps = [step for step in explained["steps"] if all_steps or step["kind"] not in ("none",)]
    rows = [(step["service"], place(step), step["sentence"][language]) for step in steps]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    found = [
        f"{service.ljust(widths[0])}  {where.ljust(widths[1])}  {sentence}"
        for service, where, sentence in rows
    ]
    found.append("")
    for end in explained["ends"]:
        by = end["decided_by"]
        decided = f"  ({place(by)}: {by['value']})" if by and place(by) else ""
        found.append(f"{ARROW} {end['sentence'][language]}{decided}")
    return [line.rstrip() for line in found]


def difference_lines(difference: dict[str, Any] | None, other: str, language: str) -> list[str]:
    """Return the lines that say from where on another configuration differs.

    :arg difference: as data, None where there is none.
    """
    words = WORDS[language]
    if difference is None:
        return [words["same"].format(other=other)]
    found = [words["differs"].format(other=other)]
    for name in ("here", "there"):
        step = difference[name]
        said = f"{place(step)}  {step['sentence'][language]}".strip() if step else words["nothing"]
        found.append(f"{words[name]}{said}")
    return [*found, *(f"{words['there']}{end['sentence'][language]}" for end in difference["ends"])]


def place(step: dict[str, Any]) -> str:
    """Return where the line of a step stands, as compilers write it."""
    if not step["path"]:
        return ""
    return f"{step['path']}:{step['line']}" if step["line"] else step["path"]
