"""Every attempt of a class at an exercise, as check.yml wrote it down, in a directory of its own.

reports/attempts/2026-11-29T141205Z-blacklist/blacklist.json is never written again.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from launcher.settings import ROOT

REPORTS = ROOT / "reports"
DIRECTORY = REPORTS / "attempts"
HINTS = "hints.json"
STAMP = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True)
class Attempt:
    """What was seen when an exercise was checked on some machines.

    ``machines`` has a list of check results by machine, ``problems`` why one was not checked.
    """

    time: datetime
    exercise: str
    machines: dict[str, list[dict[str, Any]]]
    problems: dict[str, str]
    hints: dict[str, int]
    """How many hints each machine says that it gave; a student can say less."""


@contextlib.contextmanager
def new(exercise: str, now: datetime | None = None) -> Iterator[Path]:
    """Yield the directory of an attempt; it goes where nothing was written into it."""
    stamp = (now or datetime.now(UTC)).strftime(STAMP)
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        # Two within a second, by two terminals.
        path = DIRECTORY / f"{stamp}-{exercise}{f'-{number}' if number else ''}"
        try:
            path.mkdir()
            break
        except FileExistsError:
            number += 1
    try:
        yield path
    finally:
        if not os.listdir(path):
            path.rmdir()


def read(directory: Path | None = None) -> list[Attempt]:
    """Return all attempts, the oldest first; what is none is left out."""
    paths = sorted((directory or DIRECTORY).glob("*/*.json"))
    return [each for path in paths if path.name != HINTS for each in _read(path)]


def read_one(directory: Path) -> list[Attempt]:
    """Return the attempts of one directory; none while they are being written."""
    paths = sorted(directory.glob("*.json"))
    return [each for path in paths if path.name != HINTS for each in _read(path)]


def _read(path: Path) -> list[Attempt]:
    """Return the attempt of a file in a list, which is empty where it is none."""
    with contextlib.suppress(ValueError, KeyError, TypeError, OSError):
        stamp = path.parent.name.partition("Z-")[0] + "Z"
        given = json.loads(path.read_text(encoding="utf-8"))
        return [
            Attempt(
                datetime.strptime(stamp, STAMP).replace(tzinfo=UTC),
                given["exercise"],
                dict(given["machines"]),
                dict(given["problems"]),
                _hints(path.with_name(HINTS)),
            )
        ]
    return []


def write_hints(directory: Path, taken: dict[str, int]) -> None:
    """Write how many hints machines gave beside what was seen on them."""
    if any(directory.iterdir()):
        (directory / HINTS).write_text(json.dumps(taken), encoding="utf-8")


def _hints(path: Path) -> dict[str, int]:
    with contextlib.suppress(ValueError, OSError, AttributeError):
        given = json.loads(path.read_text(encoding="utf-8"))
        return {name: number for name, number in given.items() if isinstance(number, int)}
    return {}


def shown(path: Path) -> str:
    """Return a path as one types it in the checkout."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
