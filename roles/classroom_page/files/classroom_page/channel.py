"""A WebSocket of the page that leads through the gate's sshd to the student's own machine."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import Counter
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from .gate import Gate, RefusedError, UnreachableError
from .limits import Limit
from .sessions import Session

SILENCE = 45
"""Seconds without a sign of life after which a page is gone."""

ENDED, LOGGED_OUT, UNREACHABLE, TOO_MANY, MISUSED = 4000, 4001, 4002, 4003, 4004
"""Why a channel is closed, as the page knows it."""


class MisuseError(Exception):
    """What no page of ours sends."""


class Channels(ABC):
    """The channels of one kind; what goes through them is for a subclass to say."""

    MOST = 3
    """Channels of a student at once; what sshd allows is more, for ssh beside the page."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._open: Counter[str] = Counter()
        self._opening = Limit(12, 3)

    async def serve(self, socket: WebSocket, session: Session) -> None:
        """Serve a page's channel to its end."""
        student = session.student
        await socket.accept()
        if self._open[student] >= self.MOST or not self._opening.take(student):
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

    @abstractmethod
    async def _between(self, socket: WebSocket, student: str, opened: Any) -> int:
        """Pass on what is said, until the end; return why it ended."""


async def heard(socket: WebSocket) -> str | bytes:
    """Return what a page says next."""
    message = await asyncio.wait_for(socket.receive(), SILENCE)
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1000)
    said: str | bytes = message.get("text") or message.get("bytes") or ""
    return said


async def first_to_end(*both: Any) -> None:
    """Run both ways of a channel until one of them ends. Raises what it raises."""
    tasks = [asyncio.ensure_future(way) for way in both]
    try:
        done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
