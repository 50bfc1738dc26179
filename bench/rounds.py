"""A round of the board's verified checks: how long it takes, and how much of this computer."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from statistics import median

from rich.console import Console

from bench.classroom import classroom
from bench.reset import RELEASE
from bench.row import Row, processor_seconds

STUDENTS = int(os.environ.get("MACHINES", "10"))
ROUNDS = 3
OF_30 = 60
"""Seconds that a round of thirty may take."""


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    took, worked = [], []
    with classroom(STUDENTS, RELEASE) as lab:
        for number in range(1, ROUNDS + 1):
            console.print(f"  round {number} of {ROUNDS}", style="dim")
            before, begun = processor_seconds(), time.monotonic()
            code, said = lab.command("check")
            took.append(time.monotonic() - begun)
            worked.append(processor_seconds() - before)
            # At the start of an exercise a check finds something.
            if code not in (0, 2):
                raise SystemExit(said)
    each, cores = median(took) / STUDENTS, median(worked) / median(took)
    console.print(
        f"COUNTED {STUDENTS} machines checked in {median(took):.1f} s, {each:.2f} s each, by "
        f"{cores:.2f} cores of the teacher's computer"
    )
    allowed = OF_30 * STUDENTS / 30
    yield Row(f"a round of {STUDENTS}", median(took), allowed, "60 s for 30", 1)
    yield Row("its work on the teacher's computer", median(worked), allowed, "one core for 60 s", 1)
