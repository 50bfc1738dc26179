"""A lab for the benchmark, made with the README's commands in a copy of the checkout."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.course_lab import Course
from tests.support.lab import copy_checkout

NAME = "benchlab"
NETWORK = "172.30.182"


@contextmanager
def classroom(students: int, release: str) -> Iterator[Course]:
    """Bring a lab up, and take it down at the end."""
    with tempfile.TemporaryDirectory() as folder:
        copy_checkout(Path(folder))
        lab = Course(Path(folder), NAME, f"{NETWORK}.0/24")
        lab.make("down", *lab.own)
        lab.up(f"STUDENTS={students}", f"DEBIAN={release}")
        try:
            yield lab
        finally:
            lab.make("down", *lab.own)
