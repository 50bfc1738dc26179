# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mistake it is: what is seen of a machine, held against what was seen when each was made.

What is seen is signs in groups; a mistake's signature is those that every machine showed on which
a test made it. Only a mistake under which the checks ended in the same way comes into question, and
it is named only where it is clearly nearer than all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Signs = Mapping[str, Sequence[str]]
"""Signs by the names of their groups."""

OUTCOMES = "outcomes"
"""The group of what must be the same: how each check ended."""

WEIGHTS = {
    "replies": 2,
    "seen": 2,
    "explained": 2,
    "lint": 2,
    "set": 2,
    "served": 2,
    "log": 2,
    "reload": 1,
}
"""How much a group counts: replies of servers, what failed checks saw, the explainer's deciding
lines, findings of the lint, names that are set in main.cf and master.cf, what is served, kinds
of lines in the log, what is not loaded."""

LOOSE = ("set", "served", "log")
"""Groups in which a student's own ways show: only the signs count that tell those mistakes apart
under which the checks end alike."""

SAID = "seen"
"""The group of sentences, a few for each failed check: those count nothing that all the mistakes
have under which the checks end alike, so that few that differ are not lost among many."""

ENOUGH = 0.6
"""So like its signature must a mistake be."""

MARGIN = 0.05
"""So much nearer than the next one must it be."""


@dataclass(frozen=True)
class Mistake:
    """A mistake of an exercise; those declared alike are one, with a signature for each."""

    name: str
    signatures: Sequence[Signs]


@dataclass(frozen=True)
class Candidate:
    """A mistake that comes into question, and how like what is seen it is, from 0 to 1."""

    name: str
    likeness: float


def ranked(seen: Signs, mistakes: Sequence[Mistake]) -> list[Candidate]:
    """Return the mistakes under which the checks ended as they did now, the most like one first."""
    ended = set(seen.get(OUTCOMES, ()))
    same = [
        (
            mistake.name,
            [each for each in mistake.signatures if set(each.get(OUTCOMES, ())) == ended],
        )
        for mistake in mistakes
    ]
    possible = [each for _name, signatures in same for each in signatures]
    telling, said = _telling(possible), _everywhere(SAID, possible)
    found = [
        Candidate(name, max(likeness(seen, each, telling, said) for each in signatures))
        for name, signatures in same
        if signatures
    ]
    return sorted(found, key=lambda each: -each.likeness)


def recognized(seen: Signs, mistakes: Sequence[Mistake]) -> str:
    """Return the name of the mistake that it clearly is; an empty one in doubt."""
    candidates = ranked(seen, mistakes)
    if not candidates or candidates[0].likeness < ENOUGH:
        return ""
    if len(candidates) > 1 and candidates[0].likeness - candidates[1].likeness < MARGIN:
        return ""
    return candidates[0].name


def confused(mistakes: Sequence[Mistake]) -> list[tuple[str, str]]:
    """Return the pairs of mistakes of which a signature would not be recognized as its own."""
    found = []
    for mistake in mistakes:
        for signature in mistake.signatures:
            if recognized(signature, mistakes) != mistake.name:
                others = [c.name for c in ranked(signature, mistakes) if c.name != mistake.name]
                found.append((mistake.name, (others or ["nothing"])[0]))
    return list(dict.fromkeys(found))


def likeness(
    seen: Signs, recorded: Signs, telling: Mapping[str, set[str]], said: set[str]
) -> float:
    """Return how like a signature is what is seen, from 0 to 1.

    :arg telling: the signs that count, of each loose group.
    :arg said: the sentences that do not.
    """
    total = 0.0
    # A signature that was recorded before there was a group tells nothing about it, nor does a
    # group in which these mistakes show the same.
    weights = {
        group: weight
        for group, weight in WEIGHTS.items()
        if group in recorded and telling.get(group, True)
    }
    for group, weight in weights.items():
        one, other = set(seen.get(group, ())), set(recorded.get(group, ()))
        if group in LOOSE:
            one, other = one & telling[group], other & telling[group]
        elif group == SAID:
            one, other = one - said, other - said
        total += weight * (len(one & other) / len(one | other) if one | other else 1.0)
    return total / (sum(weights.values()) or 1)


def common(signs: Sequence[Signs]) -> dict[str, list[str]]:
    """Return what several machines showed alike: a signature."""
    return {
        group: sorted(set.intersection(*(set(each.get(group, ())) for each in signs)))
        for group in (OUTCOMES, *WEIGHTS)
    }


def _telling(signatures: Sequence[Signs]) -> dict[str, set[str]]:
    """Return the signs that some signatures have and others have not, by group."""
    found = {}
    for group in LOOSE:
        shown = {sign for each in signatures for sign in each.get(group, ())}
        found[group] = shown - _everywhere(group, signatures)
    return found


def _everywhere(group: str, signatures: Sequence[Signs]) -> set[str]:
    """Return the signs of a group that all signatures have."""
    shown = [set(each.get(group, ())) for each in signatures]
    return set.intersection(*shown) if shown else set()
