"""How many hints students took, as the machines say: a student can say less."""

from __future__ import annotations

import contextlib
import json
import tarfile
from typing import Any

import docker

from ansible_collections.labs.mail.plugins.module_utils._incus.sftp import NoFileError
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import Exercise
from launcher.providers import Provider
from launcher.saved_files import WorkError
from launcher.work import text_of

KEPT = "{home}/.local/state/lab/{exercise}.json"
"""Where ``lab`` keeps what an account did of an exercise."""

MOST_TEXT = 1 << 20
MOST_ACCOUNTS = 20
FIRST_PERSON = 1000
"""The first number of an account that is a person's (Debian's adduser)."""

UNREADABLE = (
    docker.errors.APIError,
    EngineError,
    NoFileError,
    WorkError,
    tarfile.TarError,
)


def hints_taken(
    provider: Provider, lab: str, machines: list[str], exercise: Exercise
) -> dict[str, int]:
    """Return how many hints of an exercise each machine says that it gave to its accounts.

    The engine reads the files: nothing runs on the machines for it. A machine that is not there or
    says nothing that can be read has given none.
    """
    taken = {}
    for machine in machines:
        taken[machine] = 0
        with contextlib.suppress(*UNREADABLE):
            if found := provider.machine(lab, machine):
                taken[machine] = _taken(found, exercise)
    return taken


def _taken(machine: Any, exercise: Exercise) -> int:
    total = 0
    for home in _homes(text_of(machine, "/etc/passwd", MOST_TEXT)):
        path = KEPT.format(home=home, exercise=exercise.name)
        with contextlib.suppress(*UNREADABLE):
            total += _given(text_of(machine, path, MOST_TEXT), exercise)
    return total


def _homes(passwd: str) -> list[str]:
    """Return the homes of root and of people, from the text of /etc/passwd (passwd(5))."""
    homes = []
    for line in passwd.splitlines():
        fields = line.split(":")
        if len(fields) == 7 and fields[2].isascii() and fields[2].isdigit():
            person = fields[2] == "0" or FIRST_PERSON <= int(fields[2]) < 60000
            if person and fields[5].startswith("/") and fields[5] not in homes:
                homes.append(fields[5].rstrip("/"))
    return homes[:MOST_ACCOUNTS]


def _given(text: str, exercise: Exercise) -> int:
    """Return how many hints, general ones and steps about mistakes, a file of ``lab`` names."""
    try:
        kept = json.loads(text)
        numbers = {each for each in kept.get("hints", []) if isinstance(each, int)}
        steps = dict(kept.get("steps", {}))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return 0
    total = len(numbers.intersection(range(len(exercise.hints))))
    for mistake in exercise.mistakes:
        given = steps.get(mistake.name) if mistake.steps else 0
        total += min(max(given, 0), len(mistake.steps)) if isinstance(given, int) else 0
    return total
