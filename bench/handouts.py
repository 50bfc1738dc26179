"""All handouts in both languages, as `./lab handouts` sets them: seconds of the processor."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from rich.console import Console

from bench.row import Row, processor_seconds
from launcher.settings import ROOT

ROUNDS = 3
SECONDS_OF_42 = 10
"""What 42 of them may take."""
ONE = "attachments"


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory() as directory:
        _set(directory, ONE)
        one, whole = [], []
        for number in range(1, ROUNDS + 1):
            console.print(f"  round {number} of {ROUNDS}", style="dim")
            one.append(_set(directory, ONE))
            whole.append(_set(directory))
        count = len(list(Path(directory).glob("*.pdf")))
    console.print(f"COUNTED {count} handouts in {median(whole):.1f} s, two in {median(one):.1f} s")
    allowed = SECONDS_OF_42 * count / 42
    yield Row(f"{count} handouts", median(whole), allowed, "10 s for 42", 1)


def _set(directory: str, *exercises: str) -> float:
    before = processor_seconds()
    subprocess.run(
        [sys.executable, "-m", "launcher", "handouts", *exercises, "--to", directory],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return processor_seconds() - before
