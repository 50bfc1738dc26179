"""How long `lab check` takes where nothing is done, against where all is, for each exercise."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

from rich.console import Console

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from bench.classroom import NAME, classroom
from bench.reset import RELEASE
from bench.row import Row
from tests.support.course_lab import Course

GOAL = 3
ALLOWANCE_SECONDS = 5
"""The start may take so much more than GOAL times the solution."""


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    with classroom(1, RELEASE) as lab:
        for exercise in catalogue():
            console.print(f"  {exercise}", style="dim")
            unsolved, solved = (_seconds(lab, exercise, stage) for stage in ("start", "solution"))
            yield Row(f"{exercise}, solution", solved, solved, "itself")
            yield Row(f"{exercise}, start", unsolved, solved, "its solution")
            above = max(unsolved - ALLOWANCE_SECONDS, 0)
            yield Row(f"  less {ALLOWANCE_SECONDS} s", above, solved, "its solution", GOAL)


def _seconds(lab: Course, exercise: str, stage: str) -> float:
    """Return how long the command takes on a machine at a stage."""
    lab.bring(exercise, stage)
    started = time.monotonic()
    command = ["docker", "exec", f"{NAME}-student1", "lab", "check"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    taken = time.monotonic() - started
    if ran.returncode != (1 if stage == "start" else 0):
        raise SystemExit(f"{exercise}, {stage}: {ran.stdout}{ran.stderr}")
    return taken
