"""Which machines, and which exercise, somebody means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ansible_collections.labs.mail.plugins.module_utils._suggest import AMONG_FEW, nearest
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher.language import tr
from launcher.settings import SettingsError

NUMBERED = re.compile(r"student\d+")
ALL = ("all", "tous")


def chosen(words: Iterable[str], names: Sequence[str], asked: str = "") -> list[str]:
    """Return the machines that words name, in the lab's order. Raises SettingsError."""
    words = list(words)
    if any(word in ALL for word in words):
        return list(names)
    for word in words:
        if word not in names:
            raise SettingsError(_unknown(word, names, asked))
    return [name for name in names if name in words]


def chosen_one(word: str, names: Sequence[str]) -> str:
    """Return the machine that a word names. Raises SettingsError where it names none or all."""
    if word in ALL:
        text = tr("{word}: name one machine, such as {name}.")
        raise SettingsError(text.format(word=word, name=names[0]))
    return chosen([word], names)[0]


def exercise_and_machines(
    words: Sequence[str], names: Sequence[str]
) -> tuple[str | None, list[str]]:
    """Return the exercise that words name, and the machines; all where they name none.

    Raises SettingsError.
    """
    exercises = list(catalogue())
    found = [word for word in words if word in exercises]
    if len(found) > 1:
        raise SettingsError(tr("{words}: name one exercise.", words=", ".join(found)))
    rest = [word for word in words if word not in exercises]
    for word in rest:
        if word not in (*names, *ALL):
            raise SettingsError(_unknown(word, [*names, *exercises]))
    return (found[0] if found else None), chosen(rest or ALL[:1], names)


def _unknown(word: str, known: Sequence[str], asked: str = "") -> str:
    place = f"{asked}={word}" if asked else word
    if NUMBERED.fullmatch(word):
        text = tr("{word}: the lab has no such machine; there are {first} to {last}.")
        students = [name for name in known if NUMBERED.fullmatch(name)]
        return text.format(word=place, first=students[0], last=students[-1])
    # exercice=blacklist: whoever writes variables of Ansible here means their values.
    near = nearest(word.rpartition("=")[2], known, AMONG_FEW)
    if near:
        text = tr("{word}: there is no such machine or exercise; did you mean {near}?")
        return text.format(word=place, near=near)
    text = tr("{word}: there is no such machine or exercise; write one of {known}.")
    return text.format(word=place, known=", ".join(known))
