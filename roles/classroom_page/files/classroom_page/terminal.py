"""A terminal in the page: a WebSocket on one side, a session of the gate's sshd on the other.

The page says ``{"page": ID, "columns": 80, "rows": 24}`` first, is answered ``{"last": NUMBER}``
(null where the server knows nothing of the page), and then sends text: ``i5 ls`` is what was typed,
numbered (see typing_order.py), ``r100 30`` the size, ``a4096`` how many bytes of output are on the
screen, ``p`` a sign of life, which is answered. What comes from the machine goes there as bytes.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import asyncssh
from starlette.websockets import WebSocket

from .channel import ENDED, UNREACHABLE, Channels, MisuseError, first_to_end, heard
from .gate import Gate, UnreachableError
from .journal import Journal
from .limits import Limit
from .typing_order import TypingOrder

MOST_TYPED = 65536
MOST_UNSEEN = 512 * 1024
"""Bytes that the page has not put on its screen yet: then the machine waits."""

PAGE = re.compile(r"[0-9a-f]{32}")
MESSAGE = re.compile(r"i([0-9]{1,15}) (.+)|r([0-9]{1,4}) ([0-9]{1,4})|a([0-9]{1,9})|p", re.DOTALL)


class Terminals(Channels):
    """The terminals of the class."""

    def __init__(self, gate: Gate, journal: Journal) -> None:
        super().__init__(gate)
        self._journal = journal
        self._order = TypingOrder()
        self._active = Limit(1, 60)

    async def _between(self, socket: WebSocket, student: str, opened: Any) -> int:
        page, columns, rows = _greeting(await _heard(socket))
        last = self._order.last(student, page)
        self._order.begin(student, page)
        process = await self._gate.terminal(opened, columns, rows)
        await socket.send_text(json.dumps({"last": last}))
        screen = Screen()
        typed = self._typed(socket, student, page, process, screen)
        try:
            await first_to_end(screen.show(process, socket), typed)
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError from error
        return ENDED if process.exit_status == 0 else UNREACHABLE

    async def _typed(
        self, socket: WebSocket, student: str, page: str, process: Any, screen: Screen
    ) -> None:
        while True:
            said = await _heard(socket)
            message = MESSAGE.fullmatch(said)
            if not message:
                raise MisuseError
            number, typed, columns, rows, shown = message.groups()
            if typed is not None:
                if self._order.is_next(student, page, int(number)):
                    process.stdin.write(typed.encode("utf-8", "replace"))
                    await process.stdin.drain()
                await socket.send_text(json.dumps({"arrived": int(number)}))
                if self._active.take(student):
                    self._journal.tell(student, "active")
            elif columns is not None:
                process.change_terminal_size(*_size(int(columns), int(rows)))
            elif shown is not None:
                screen.shown(int(shown))
            else:
                await socket.send_text(json.dumps({"alive": True}))


class Screen:
    """What a machine prints, no faster than the page shows it."""

    def __init__(self) -> None:
        self._unseen = 0
        self._free = asyncio.Event()
        self._free.set()

    async def show(self, process: Any, socket: WebSocket) -> None:
        """Send what is printed, until the end."""
        while printed := await process.stdout.read(16384):
            self._unseen += len(printed)
            if self._unseen >= MOST_UNSEEN:
                self._free.clear()
            await socket.send_bytes(printed)
            await self._free.wait()
        await process.wait_closed()

    def shown(self, count: int) -> None:
        """Know that so many bytes are on the screen."""
        self._unseen = max(0, self._unseen - count)
        if self._unseen < MOST_UNSEEN:
            self._free.set()


async def _heard(socket: WebSocket) -> str:
    said = await heard(socket)
    if not isinstance(said, str) or len(said) > MOST_TYPED:
        raise MisuseError
    return said


def _greeting(said: str) -> tuple[str, int, int]:
    try:
        held = json.loads(said)
        page, columns, rows = held["page"], held["columns"], held["rows"]
        if PAGE.fullmatch(page):
            return (page, *_size(columns, rows))
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise MisuseError


def _size(columns: int, rows: int) -> tuple[int, int]:
    for each in (columns, rows):
        # True is an int too.
        if not isinstance(each, int) or isinstance(each, bool):
            raise MisuseError
    return max(2, min(columns, 500)), max(2, min(rows, 300))
