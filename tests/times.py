"""How long each step took when it last passed, kept in reports/ from run to run."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from tests.steps import ROOT, Step

FILE = ROOT / "reports" / "test-times.json"


class Times:
    """The seconds of the steps by their names, written after each step that passes."""

    def __init__(self, file: Path = FILE) -> None:
        self.file = file
        self.writing = threading.Lock()

    def _read(self) -> dict[str, float]:
        try:
            read = json.loads(self.file.read_text())
        except (OSError, ValueError):
            return {}
        # A run that was killed, or a hand, may have left anything there.
        known = read if isinstance(read, dict) else {}
        return {key: value for key, value in known.items() if isinstance(value, (int, float))}

    def expected(self, step: Step) -> float:
        """Return how long a step will probably take."""
        return self._read().get(step.name, step.seconds)

    def keep(self, step: Step, seconds: float) -> None:
        """Write down how long a step took."""
        with self.writing:
            times = {**self._read(), step.name: round(seconds, 1)}
            self.file.parent.mkdir(exist_ok=True)
            self.file.write_text(json.dumps(times, indent=2, sort_keys=True) + "\n")
