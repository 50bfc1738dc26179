# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask Postfix about a main.cf before it takes the place of the one in use.

``postconf -n`` only reads the lines. ``postmap`` does what every program of Postfix does at its
start: mail_params_init() in src/global/mail_params.c.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix_main import parse

COOL_SECONDS = 60
"""Age that the copy pretends to have: Postfix waits until a main.cf is 2 s old (dict.c)."""

Run = Callable[["list[str]"], "tuple[int, str, str]"]
"""Runs a command and returns its exit code, standard output and standard error."""


def ask_postfix(data: bytes, path: str, postmap: str, run: Run, folder: str | None = None) -> None:
    """Let Postfix read a main.cf in a folder of its own.

    :arg path: the file that it would become, for the message.
    :arg folder: where to make that folder.
    :raises ConfigError: Postfix's programs would not start with it.
    """
    with tempfile.TemporaryDirectory(dir=folder) as staging:
        copy = os.path.join(staging, "main.cf")
        with open(copy, "wb") as file:
            file.write(data)
        made = time.time() - COOL_SECONDS
        os.utime(copy, (made, made))
        code, _stdout, stderr = run([postmap, "-c", staging, "-q", "x", "static:x"])
        stderr = stderr.replace(staging, os.path.dirname(path))
    if code != 0:
        said = re.findall(r"(?:fatal|panic|error): (.*)", stderr) or [f"postmap ended with {code}"]
        raise ConfigError(
            f"no program of Postfix would start with this: {said[-1]}",
            path,
            line_of(said[-1], data),
        )


def line_of(message: str, data: bytes) -> int | None:
    """Return the line of the last entry that a message names."""
    words = set(re.findall(r"[A-Za-z0-9_]+", message))
    lines = [entry.piece.number for entry in parse(data)[1] if entry.name in words]
    return lines[-1] if lines else None
