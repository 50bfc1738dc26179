"""Run the orders that wait in the queue, one after the other, and say in the file how far each is.

The page cannot run anything: it writes into the queue, and this process, which the page does not
reach, takes from there what is on the list of orders and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

from ansible_collections.labs.mail.plugins.module_utils._text import one_line
from launcher.board import event_file
from launcher.board.events import Event, event_of, line_of
from launcher.board.orders import ACTIONS, Order, OrderError, order_of
from launcher.settings import ROOT

MOST_WAITING = 100
"""So many orders wait at once; more are a flood."""

IT_RAN = (0, 2, 4)
"""How ./lab check ends where it did its work."""


class Running(Protocol):
    """A process that runs an order."""

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""


Start = Callable[[list[str], Path], Running]
"""Starts ./lab with words, which writes to a file what it prints."""


def lab(words: list[str], log: Path) -> Running:
    """Start ./lab with words."""
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "launcher", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
        )


class Runner:
    """Takes orders from the queue and runs them.

    :arg exercises: the names that an order may have.
    """

    def __init__(
        self,
        directory: Path,
        machines: Collection[str],
        exercises: Collection[str],
        clock: Callable[[], float],
        start: Start = lab,
    ) -> None:
        self.events, self.log = directory / "events.jsonl", directory / "order.log"
        self.queue = event_file.Tail(directory / "queue.jsonl")
        self.machines, self.exercises = machines, exercises
        self.clock, self.start = clock, start
        self.waiting: dict[str, Order] = {}
        self.now: tuple[Order, Running] | None = None
        self.known: dict[str, str] = {}
        self._take_up()

    def step(self) -> None:
        """Take what is new, end what has ended, and begin what is next."""
        for line in self.queue.new():
            with contextlib.suppress(OrderError):
                self.take(order_of(line, self.machines, self.exercises))
        if self.now:
            self._end(*self.now)
        if not self.now and self.waiting:
            self._begin(self.waiting.pop(next(iter(self.waiting))))

    def _take_up(self) -> None:
        """Know which orders are done, and that what ran when the board was killed is not."""
        running: dict[str, Event] = {}
        for line in event_file.Tail(self.events).new():
            event = event_of(line)
            if event and event.kind == "note":
                self.known[event.id.removeprefix("note-")] = "done"
            if event and event.kind == "order":
                self.known[event.order] = event.stage
                running[event.order] = event
        for order, event in running.items():
            if event.stage == "running":
                self._say(Order(order, event.action, event.machine), "interrupted")

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self.now and not self.waiting

    def take(self, order: Order) -> None:
        """Have an order wait until it is next; a note is kept at once."""
        if self.known.get(order.id, "queued") != "queued" or order.id in self.waiting:
            return
        if order.action == "note":
            self.known[order.id] = "done"
            note = Event(
                self.clock(), order.machine, "note", f"note-{order.id}", text=one_line(order.text)
            )
            event_file.append(self.events, [line_of(note)])
        elif len(self.waiting) < MOST_WAITING:
            self.waiting[order.id] = order
            if order.id not in self.known:
                self._say(order, "queued")

    def _begin(self, order: Order) -> None:
        self._say(order, "running")
        self.now = order, self.start(ACTIONS[order.action].words(order), self.log)

    def _end(self, order: Order, process: Running) -> None:
        code = process.poll()
        if code is not None:
            self.now = None
            ran = code in (IT_RAN if order.action == "recheck" else (0,))
            self._say(order, "done" if ran else "failed", "" if ran else _last_line(self.log))

    def _say(self, order: Order, stage: str, text: str = "") -> None:
        self.known[order.id] = stage
        event = Event(
            self.clock(), order.machine, "order", f"order-{order.id}-{stage}",
            order=order.id, action=order.action, stage=stage, text=text,
        )  # fmt: skip
        event_file.append(self.events, [line_of(event)])


def _last_line(path: Path) -> str:
    """Return the last line that says something."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        lines = file.read().decode("utf-8", "replace").splitlines()
        return next((one_line(line) for line in reversed(lines) if line.strip()), "")
    return ""
