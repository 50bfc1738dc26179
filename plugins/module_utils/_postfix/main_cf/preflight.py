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
from dataclasses import dataclass
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.parser import parse

COOL_SECONDS = 60
"""Age that the copy pretends to have: Postfix waits until a main.cf is 2 s old (dict.c)."""

Run = Callable[["list[str]"], "tuple[int, str, str]"]
"""Runs a command and returns its exit code, standard output and standard error."""


@dataclass
class Preflight:
    """An installed Postfix: its postmap(1), how to run it, and where to make a folder."""

    postmap: str
    run: Run
    folder: str | None = None

    def refuses(self, data: bytes, path: str) -> ConfigError | None:
        """Return why Postfix's programs would not start with a main.cf; None where they would.

        :arg path: the file that it is to be, for the message.
        """
        with tempfile.TemporaryDirectory(dir=self.folder) as staging:
            copy = os.path.join(staging, "main.cf")
            with open(copy, "wb") as file:
                file.write(data)
            made = time.time() - COOL_SECONDS
            os.utime(copy, (made, made))
            code, _stdout, stderr = self.run([self.postmap, "-c", staging, "-q", "x", "static:x"])
            stderr = stderr.replace(staging, os.path.dirname(path))
        if code == 0:
            return None
        said = re.findall(r"(?:fatal|panic|error): (.*)", stderr) or [f"postmap ended with {code}"]
        message = f"no program of Postfix would start with this: {said[-1]}"
        return ConfigError(message, path, line_of(said[-1], data))


def line_of(message: str, data: bytes) -> int | None:
    """Return the line of the last entry that a message names."""
    words = set(re.findall(r"[A-Za-z0-9_]+", message))
    lines = [entry.source.number for entry in parse(data)[1] if entry.name in words]
    return lines[-1] if lines else None
