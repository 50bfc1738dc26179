"""A terminal in the page: a WebSocket on one side, a session of the gate's sshd on the other.

The page says ``{"page": ID, "columns": 80, "rows": 24}`` first, is answered ``{"last": NUMBER}``
(null where the server knows nothing of the page), and then sends text: ``i5 ls`` is what was typed,
numbered (see typing_order.py), ``r100 30`` the size, ``a4096`` how many bytes of output are on the
screen, ``p`` a sign of life, which is answered. What comes from the machine goes there as bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import Counter
from typing import Any

import asyncssh
from starlette.websockets import WebSocket, WebSocketDisconnect

from .gate import Gate, RefusedError, UnreachableError
from .journal import Journal
from .limits import Limit
from .sessions import Session
from .typing_order import TypingOrder

MOST_TERMINALS = 3
"""Terminals of a student at once; what sshd allows is more, for ssh beside the page."""
MOST_TYPED = 65536
MOST_UNSEEN = 512 * 1024
"""Bytes that the page has not put on its screen yet: then the machine waits."""
SILENCE = 45
"""Seconds without a sign of life after which a page is gone."""

ENDED, LOGGED_OUT, UNREACHABLE, TOO_MANY, MISUSED = 4000, 4001, 4002, 4003, 4004
"""Why a terminal is closed, as the page knows it."""

PAGE = re.compile(r"[0-9a-f]{32}")
MESSAGE = re.compile(r"i([0-9]{1,15}) (.+)|r([0-9]{1,4}) ([0-9]{1,4})|a([0-9]{1,9})|p", re.DOTALL)


class MisuseError(Exception):
    """What no page of ours sends."""


class Terminals:
    """The terminals of the class."""

    def __init__(self, gate: Gate, journal: Journal) -> None:
        self._gate, self._journal = gate, journal
        self._order = TypingOrder()
        self._open: Counter[str] = Counter()
        self._opening = Limit(12, 3)
        self._active = Limit(1, 60)

    async def serve(self, socket: WebSocket, session: Session) -> None:
        """Serve a page's terminal to its end."""
        student = session.student
        await socket.accept()
        if self._open[student] >= MOST_TERMINALS or not self._opening.take(student):
            await socket.close(TOO_MANY)
            return
        self._open[student] += 1
        code = MISUSED
        try:
            async with self._gate.connection(student, session.words) as opened:
                code = await self._between(socket, student, opened)
        except RefusedError:
            code = LOGGED_OUT
        except UnreachableError:
            code = UNREACHABLE
        except MisuseError:
            pass
        except (WebSocketDisconnect, asyncio.TimeoutError):
            return
        finally:
            self._open[student] -= 1
            # One that is gone cannot be closed again.
            with contextlib.suppress(RuntimeError):
                await socket.close(code)

    async def _between(self, socket: WebSocket, student: str, opened: Any) -> int:
        page, columns, rows = _greeting(await _heard(socket))
        last = self._order.last(student, page)
        self._order.begin(student, page)
        process = await self._gate.terminal(opened, columns, rows)
        await socket.send_text(json.dumps({"last": last}))
        screen = Screen()
        tasks = [
            asyncio.ensure_future(screen.show(process, socket)),
            asyncio.ensure_future(self._typed(socket, student, page, process, screen)),
        ]
        try:
            done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError from error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
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
    message = await asyncio.wait_for(socket.receive(), SILENCE)
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1000)
    said = message.get("text")
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
