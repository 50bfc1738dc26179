"""A line of a configuration that a slip may happen to, and how it happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

PARAMETER = re.compile(r"([\w.:]+)( *= *)(.*)")


@dataclass
class Place:
    """A line of a file that a slip may happen to; ``number`` counts from 0."""

    random: Random
    lines: list[str]
    number: int

    @property
    def line(self) -> str:
        return self.lines[self.number]

    def put(self, *lines: str) -> list[str]:
        """Return the file with other lines in the place of this one."""
        return [*self.lines[: self.number], *lines, *self.lines[self.number + 1 :]]

    def swap(self, pattern: str, *others: str | Callable[[re.Match[str]], str]) -> list[str]:
        """Return the file with one match of a pattern in this line replaced; as it was if none."""
        found = list(re.finditer(pattern, self.line))
        if not found:
            return self.lines
        match, other = self.random.choice(found), self.random.choice(others)
        text = other(match) if callable(other) else match.expand(other)
        return self.put(self.line[: match.start()] + text + self.line[match.end() :])

    def mistyped(self, word: str) -> str:
        """Return a word with a letter dropped, doubled, swapped or changed."""
        at = self.random.randrange(len(word))
        return self.random.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
                word[:at] + self.random.choice("aeinorst") + word[at + 1 :],
            )
        )


def mistype(pattern: str) -> Callable[[Place], list[str]]:
    return lambda place: place.swap(pattern, lambda match: place.mistyped(match[0]))


def swap(pattern: str, *others: str) -> Callable[[Place], list[str]]:
    return lambda place: place.swap(pattern, *others)


def another(place: Place) -> list[str]:
    """Add a line for the same parameter with another value."""
    match = PARAMETER.fullmatch(place.line)
    others = ("x.test", "10", "yes", "hash:/etc/postfix/other")
    if not match or place.line.endswith(",") or not match[3]:
        return place.lines
    return place.put(place.line, f"{match[1]} = {place.random.choice(others)}")


def without_continuation(place: Place) -> list[str]:
    return place.put(place.line.lstrip())


def indented(place: Place) -> list[str]:
    return place.put(place.random.choice((" ", "  ", "\t", "    ")) + place.line)
