# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of a mail server: whether it is as expected, and in its own words."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ansible_collections.labs.mail.plugins.module_utils._text import one_line

CONNECT_SECONDS = 10
"""How long a server may take to accept a connection."""

PAUSE_SECONDS = (0.02, 0.2)
"""Between two looks at what has not happened yet: the first one, and the longest; each doubles."""


class CouldNotCheckError(Exception):
    """What is needed to look at all is not there: that says nothing about the server."""

    def __init__(self, text: str | Mapping[str, str]) -> None:
        super().__init__(text if isinstance(text, str) else text["en"])
        self.text = text


@dataclass(frozen=True)
class Observation:
    """Whether what was seen is what was expected, what it was, and after how many seconds.

    ``text`` is the system's own words, or a sentence by language where it is ours.
    """

    ok: bool
    text: str | Mapping[str, str]
    seconds: float = 0.0
    missing: bool = False
    """Whether a message that was looked for is not there."""
    lasting: bool = False
    """Whether another look would see the same."""


def until(
    look: Callable[[], Observation], seconds: float, certain: Callable[[], bool] = lambda: False
) -> Observation:
    """Look until it is as expected or ``seconds`` have passed; returns what was seen last.

    It ends earlier where ``certain`` tells that nothing will come that is not there yet, or where
    what was seen will last.
    """
    started = time.monotonic()
    pause, longest = PAUSE_SECONDS
    while True:
        last = certain()
        seen = look()
        passed = time.monotonic() - started
        if seen.ok or seen.lasting or last or passed > seconds:
            return replace(seen, seconds=passed)
        time.sleep(pause)
        pause = min(2 * pause, longest)


def last_words(text: str, most: int = 300) -> str:
    """Return text on one line, clean, without its beginning where it is long."""
    return one_line(text, most)


def reason(error: Exception, host: str, port: int) -> str:
    """Say in one line why there was no dialogue with a server, or why it broke off."""
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens on {host} port {port}"
    words = [decoded(word) if isinstance(word, bytes) else str(word) for word in error.args]
    if isinstance(error, OSError) and error.strerror:
        words = [error.strerror]
    return last_words(f"{host} port {port}: {' '.join(words) or type(error).__name__}")


def decoded(reply: bytes) -> str:
    """Return a server's reply as text on one line, whatever bytes it has."""
    return reply.decode("utf-8", "replace").replace("\n", " ")
