"""The class as it is now: the file of events read on and on, for those who look at it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from launcher.board import event_file, pages, view
from launcher.board.events import Event, event_of
from launcher.board.orders import ALL, MOST_ORDERS
from launcher.board.pages import Parts
from launcher.board.state import State, apply, fold

LOOK = 0.2
"""How many seconds lie between two looks at the file."""

TICK = 5.0
"""How many seconds until pages are made again where nothing happens: times go on."""


class Board:
    """The class as it is now, and those who look at it."""

    def __init__(
        self,
        directory: Path,
        machines: list[str],
        people: Mapping[str, str],
        began: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.began = began
        self.tail = event_file.Tail(directory / "events.jsonl")
        self.queue = directory / "queue.jsonl"
        self.machines, self.people, self.clock = machines, people, clock
        self.course = view.course()
        self.events: list[Event] = []
        self.taken: set[str] = set()
        self.state = State(self.course)
        self.changed = asyncio.Condition()
        self.version = 0
        self.streams = 0
        self.orders: deque[float] = deque(maxlen=MOST_ORDERS)
        self.made: dict[str, tuple[int, Parts]] = {}
        self.look()

    def look(self) -> bool:
        """Take what is new in the file; tell whether there was anything."""
        lines = self.tail.new()
        for event in filter(self._is_of_this_lab, filter(None, map(event_of, lines))):
            # Two may have written it: this lesson's board, and who closes the class meanwhile.
            if event.id in self.taken:
                continue
            self.taken.add(event.id)
            self.events.append(event)
            apply(self.state, event)
        return bool(lines)

    def _is_of_this_lab(self, event: Event) -> bool:
        return event.time >= self.began and event.machine in (*self.machines, ALL)

    async def watch(self) -> None:
        """Look at the file again and again, and tell those who wait."""
        told = self.clock()
        while True:
            if self.look() or self.clock() - told >= TICK:
                told = self.clock()
                async with self.changed:
                    self.version += 1
                    self.changed.notify_all()
            await asyncio.sleep(LOOK)

    def parts(self, name: str) -> Parts:
        """Return the parts of a page, which all who look at it share."""
        version, found = self.made.get(name, (-1, Parts({})))
        if version != self.version:
            found = self._parts(name)
            self.made[name] = (self.version, found)
        return found

    def _parts(self, name: str) -> Parts:
        now = self.clock()
        if name == "board":
            return pages.board_parts(self.state, now, self.people)
        if name == "projector":
            return pages.projector_parts(self.state, now)
        return pages.seat_parts(self.state, now, name.removeprefix("seat/"))

    def at(self, number: int) -> State:
        """Return the class as it was after so many events."""
        return fold(self.events[:number], self.course)

    def has(self, machine: str) -> bool:
        """Tell whether there is such a seat."""
        return machine in self.state.seats

    def may_order(self) -> bool:
        """Tell whether another order may be given now."""
        now = self.clock()
        if len(self.orders) == MOST_ORDERS and now - self.orders[0] < 10:
            return False
        self.orders.append(now)
        return True
