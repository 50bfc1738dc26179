"""The gate's own sshd, which alone decides who comes in, and where to."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import asyncssh

from .settings import Settings

SECONDS = 20
AT_ONCE = 8
"""Connections that have not logged in yet: sshd counts those of one address, which all have."""
MOST_ANSWERED = 600_000
"""The longest answer of a machine, in bytes."""


class RefusedError(Exception):
    """The words are not the student's."""


class UnreachableError(Exception):
    """The gate or the machine does not answer, or not in words that make sense."""


class Gate:
    """Connections to sshd, each with the words of a student."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._coming_in = asyncio.Semaphore(AT_ONCE)

    @contextlib.asynccontextmanager
    async def connection(self, student: str, words: str) -> AsyncIterator[Any]:
        """Log in. Raises RefusedError and UnreachableError."""
        key = asyncssh.read_public_key(self._settings.host_key)
        try:
            async with self._coming_in:
                opened = await asyncio.wait_for(
                    asyncssh.connect(
                        "127.0.0.1",
                        self._settings.ssh_port,
                        username=student,
                        password=words,
                        known_hosts=([key], [], []),
                        client_keys=None,
                        agent_path=None,
                        config=None,
                        preferred_auth="password",
                    ),
                    SECONDS,
                )
        except asyncssh.PermissionDenied as error:
            raise RefusedError from error
        except (OSError, asyncssh.Error, asyncio.TimeoutError) as error:
            raise UnreachableError from error
        try:
            yield opened
        finally:
            opened.abort()

    async def knows(self, student: str, words: str) -> bool:
        """Tell whether the words are the student's. Raises UnreachableError."""
        try:
            async with self.connection(student, words):
                return True
        except RefusedError:
            return False

    async def answer(
        self, student: str, words: str, asked: str, seconds: float
    ) -> AsyncIterator[bytes]:
        """Yield the lines that the machine answers, each as it comes.

        Raises RefusedError and UnreachableError.
        """
        ends = time.monotonic() + seconds
        async with self.connection(student, words) as opened:
            try:
                process = await _before(
                    ends, opened.create_process(asked, encoding=None, stdin=asyncssh.DEVNULL)
                )
                begun, length = b"", 0
                while chunk := await _before(ends, process.stdout.read(65536)):
                    length += len(chunk)
                    if length > MOST_ANSWERED:
                        raise UnreachableError
                    *whole, begun = (begun + chunk).split(b"\n")
                    for line in whole:
                        yield line
                await _before(ends, process.wait_closed())
            except (OSError, asyncssh.Error, asyncio.TimeoutError) as error:
                raise UnreachableError from error
            if begun or process.exit_status:
                raise UnreachableError

    async def channel(self, opened: Any, words: str) -> Any:
        """Have the machine take and send bytes in a connection. Raises UnreachableError."""
        try:
            return await asyncio.wait_for(opened.create_process(words, encoding=None), SECONDS)
        except (OSError, asyncssh.Error, asyncio.TimeoutError) as error:
            raise UnreachableError from error

    async def terminal(self, opened: Any, columns: int, rows: int) -> Any:
        """Open a terminal in a connection. Raises UnreachableError."""
        try:
            return await asyncio.wait_for(
                opened.create_process(
                    term_type="xterm-256color", term_size=(columns, rows), encoding=None
                ),
                SECONDS,
            )
        except (OSError, asyncssh.Error, asyncio.TimeoutError) as error:
            raise UnreachableError from error


async def _before(ends: float, awaited: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(awaited, ends - time.monotonic())
