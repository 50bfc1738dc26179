"""Check all machines again and again: what the board shows is verified then, not only claimed."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from launcher.board.orders import ALL, Order
from launcher.board.runner import Runner
from launcher.language import tr
from launcher.settings import SettingsError

MOST_MINUTES = 60


def minutes_of(text: str | None) -> int | None:
    """Return the minutes of the word, None for no rounds. Raises SettingsError."""
    if text is None:
        return None
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MINUTES:
        return int(text)
    raise SettingsError(
        tr("`--every {found}`: write how many minutes, 1 to {most}.", found=text, most=MOST_MINUTES)
    )


class Rounds:
    """Orders a round once nothing was done for so many minutes; other orders go first."""

    def __init__(self, minutes: int | None, runner: Runner, clock: Callable[[], float]) -> None:
        self.seconds = minutes * 60.0 if minutes else None
        self.runner, self.clock = runner, clock
        self.ended: float | None = None

    def step(self) -> None:
        """Order a round where one is due."""
        if self.seconds is None:
            return
        now = self.clock()
        if not self.runner.idle:
            self.ended = now
        elif self.ended is None or now - self.ended >= self.seconds:
            self.runner.take(Order(uuid.uuid4().hex, "recheck", ALL))
