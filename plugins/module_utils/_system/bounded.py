# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do what a stranger has asked for in a process of its own, which is killed once its time is over.

A regular expression of a few letters can search for days, and Python cannot stop a search; nor does
any other thread of a program run meanwhile.
"""

from __future__ import annotations

import json
import os
import select
import signal
from typing import Any, Callable


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return what the work returns, which JSON can hold. Raises TimeoutError and ValueError.

    The work may not need any other thread, nor change anything that is to stay changed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _work(work, writing)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as pipe:
            if not select.select([pipe], [], [], seconds)[0]:
                raise TimeoutError(f"that takes more than {seconds:.0f} s")
            answer = json.loads(pipe.read() or "{}")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if "value" not in answer:
        raise ValueError(answer.get("problem", "that cannot be done"))
    return answer["value"]


def _work(work: Callable[[], Any], writing: int) -> None:
    """Be the child: say what the work returns, and end."""
    try:
        try:
            answer = {"value": work()}
        except Exception as error:
            answer = {"problem": f"{type(error).__name__}: {error}"}
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
    finally:
        os._exit(0)
