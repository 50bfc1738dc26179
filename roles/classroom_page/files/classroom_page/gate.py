"""The gate's own sshd, which alone decides who comes in, and where to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
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

    async def answer(self, student: str, words: str, asked: str, seconds: float) -> bytes:
        """Return what the machine answers. Raises RefusedError and UnreachableError."""
        async with self.connection(student, words) as opened:
            try:
                return await asyncio.wait_for(_answer(opened, asked), seconds)
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


async def _answer(opened: Any, asked: str) -> bytes:
    process = await opened.create_process(asked, encoding=None, stdin=asyncssh.DEVNULL)
    said = b""
    while chunk := await process.stdout.read(65536):
        said += chunk
        if len(said) > MOST_ANSWERED:
            raise UnreachableError
    await process.wait_closed()
    if process.exit_status:
        raise UnreachableError
    return said
