"""Follow the file of events on the gate of a class that is open, over ssh."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator

from ansible_collections.labs.mail.plugins.module_utils._classroom.events import FILE, MOST_BYTES

MOST_WAITING = 2000
"""So many lines wait for the board; the gate waits then."""

AGAIN = 5.0
"""How many seconds until a gate is asked again that does not answer."""

Command = Callable[[], list[str] | None]
"""Returns what reads the file of the gate, from its beginning on; None where no class is open."""

WORDS = ["tail", "--bytes=+1", "--follow=name", "--retry", FILE]


class GateTail:
    """Reads the lines of a gate in a thread of its own, again and again where it is cut."""

    def __init__(self, command: Command, again: float = AGAIN) -> None:
        self.command, self.again = command, again
        self.lines: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def new(self) -> Iterator[str]:
        """Yield the lines that have come since."""
        for _number in range(MOST_WAITING):
            with contextlib.suppress(queue.Empty):
                yield self.lines.get_nowait()
                continue
            return

    def stop(self) -> None:
        """End what reads."""
        self.stopping.set()
        if self.process:
            self.process.kill()

    def _follow(self) -> None:
        while not self.stopping.is_set():
            command = self.command()
            if command:
                self._read(command)
            self.stopping.wait(self.again)

    def _read(self, command: list[str]) -> None:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as self.process:
            assert self.process.stdout
            whole = True
            # A line without an end is a stranger's too: no more of it is read than a line has.
            while line := self.process.stdout.readline(MOST_BYTES + 1):
                if whole and line.endswith(b"\n"):
                    self._put(line.decode("utf-8", "replace"))
                whole = line.endswith(b"\n")
            self.process.kill()

    def _put(self, line: str) -> None:
        while not self.stopping.is_set():
            with contextlib.suppress(queue.Full):
                self.lines.put(line, timeout=1)
                return
