# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a check share: what they know of the lab, and what they see."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._text import one_line

PAUSE_SECONDS = (0.02, 0.2)
"""Between two looks at what has not happened yet: the first one, and the longest; each doubles."""


class CouldNotCheckError(Exception):
    """What a check needs to look at all is not there: that says nothing about the exercise."""


@dataclass(frozen=True)
class Seen:
    """Whether what was seen is what was expected, and what it was, in the system's own words."""

    ok: bool
    text: str


@dataclass
class Lab:
    """What the steps of one check know.

    ``world`` is the address and port at which the world answers checks, None where there is no
    world; ``password`` that of the accounts; ``word`` what the check's messages bear. The SMTP
    steps leave the queue ids that they were told in ``queue_ids``, and those that cut domains off
    have them in ``outages``; ``log_start`` is where the mail log ended when the check began.
    """

    word: str
    world: tuple[str, int] | None = None
    password: str = ""
    log: str = "/var/log/mail.log"
    log_start: int = 0
    queue_ids: list[str] = field(default_factory=list)
    outages: set[str] = field(default_factory=set)


def until(look: Callable[[], Seen], seconds: float) -> Seen:
    """Look until it is as expected or ``seconds`` have passed; returns what was seen last."""
    deadline = time.monotonic() + seconds
    pause, longest = PAUSE_SECONDS
    while True:
        seen = look()
        if seen.ok or time.monotonic() > deadline:
            return seen
        time.sleep(pause)
        pause = min(2 * pause, longest)


def last_words(text: str, most: int = 300) -> str:
    """Return text on one line, clean, without its beginning where it is long."""
    return one_line(text, most)
