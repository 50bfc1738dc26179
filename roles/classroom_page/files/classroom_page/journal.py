"""The file of a class's events: bounded, appended to, and never changed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._classroom.events import (
    Event,
    events_of,
    line_of,
)

from .limits import Limit

MOST_BYTES = 64 * 1024 * 1024
AT_ONCE, EACH_SECONDS = 40, 3
"""Events of one student: so many at once, and one more each so many seconds."""


class Journal:
    """The events of the class, and whose hand is up by them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._limit = Limit(AT_ONCE, EACH_SECONDS)
        self._hands: dict[str, bool] = {}
        before = path.read_bytes() if path.exists() else b""
        for event in events_of(before.decode("utf-8", "replace").splitlines()):
            if event.kind == "hand":
                self._hands[event.student] = event.up
        if before and not before.endswith(b"\n"):
            # The host died while it was written: what comes then is a line of its own.
            self._append(b"\n")

    def tell(self, student: str, kind: str, **held: Any) -> bool:
        """Append an event; False where there were too many. Raises EventError."""
        line = line_of(Event(round(time.time(), 3), student, kind, **held)).encode()
        if not self._limit.take(student):
            return False
        if self._path.exists() and self._path.stat().st_size + len(line) > MOST_BYTES:
            print(f"{self._path} is full: {kind} of {student} is lost", file=sys.stderr)
            return False
        self._append(line)
        if kind == "hand":
            self._hands[student] = held["up"]
        return True

    def hand(self, student: str) -> bool:
        """Tell whether a student's hand is up."""
        return self._hands.get(student, False)

    def _append(self, line: bytes) -> None:
        # In one call, so that a line is there whole or not at all, whenever the server is killed.
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(file, line)
        finally:
            os.close(file)
