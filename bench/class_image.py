"""A class against one machine: `make lab`, and the start of an exercise, first and again."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from bench.classroom import NAME, NETWORK
from bench.row import Row
from tests.support.course_lab import Course
from tests.support.lab import copy_checkout

RELEASE = os.environ.get("DEBIAN", "12")
CLASS = int(os.environ.get("MACHINES", "20"))
EXERCISE = "smtp_server"


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        copy_checkout(Path(folder))
        lab = Course(Path(folder), NAME, f"{NETWORK}.0/24")
        took = {}
        for students in (1, CLASS):
            console.print(f"  a lab of {students}", style="dim")
            lab.make("down", *lab.own)
            try:
                words = (f"STUDENTS={students}", f"DEBIAN={RELEASE}")
                took[students] = [
                    _seconds(lab.make, "lab", *lab.own, *words),
                    _seconds(lab.command, "reset", EXERCISE, "all"),
                    _seconds(lab.command, "reset", EXERCISE, "all"),
                ]
            finally:
                lab.make("down", *lab.own)
    goals = (("make lab", 2.5), ("reset to an exercise never visited", 3), ("and again", None))
    for (name, goal), one, whole in zip(goals, took[1], took[CLASS]):
        yield Row(f"{name}, a class of {CLASS}", whole, one, "the same with one", goal)


def _seconds(act: Callable[..., tuple[int, str]], *words: str) -> float:
    started = time.monotonic()
    code, output = act(*words)
    if code != 0:
        raise SystemExit(output)
    return time.monotonic() - started
