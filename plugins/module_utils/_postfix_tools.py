# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run postmap(1), postalias(1) and postconf(1), and understand what they say.

They exit with 0 after a warning about a line that they passed over, so that what they say counts.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import IO

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

COOL_SECONDS = 60
"""Age that copies pretend to have: Postfix waits until a file is 2 s old (dict.c, dict_thash.c)."""

PATIENCE_SECONDS = 900
"""Time after which a program is given up: in a corrupt index it may go round in circles."""


class NotInstalledError(ConfigError):
    """A program or a type of table is missing on this machine."""


@dataclass
class Said:
    """How a program ended, and what it said on its standard error, a line each."""

    code: int
    lines: list[str]

    @property
    def fatal(self) -> str | None:
        """Why it gave up; None where it did not."""
        if self.code < 0:
            return f"it died of signal {-self.code}"
        fatal = [line for line in self.lines if re.search(r": (?:fatal|panic|error): ", line)]
        return fatal[-1] if fatal else None

    def raise_where_not_installed(self, type_name: str, package: str) -> None:
        """Raise NotInstalledError where what was said is that a type of table is unknown."""
        if any("unsupported dictionary type" in line for line in self.lines):
            raise NotInstalledError(
                f"the type {type_name} is not installed; install the Debian package {package}"
            )


@dataclass
class Running:
    """A program that has been started."""

    process: subprocess.Popen
    errors: IO[bytes]
    deadline: float

    def ends_within(self, seconds: float) -> bool:
        """Wait a while for its end; tell whether it has come. It is given up after its time."""
        if time.monotonic() > self.deadline:
            self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.returncode is not None

    def finish(self) -> Said:
        """Wait until it has ended."""
        if not self.ends_within(self.deadline - time.monotonic()):
            self.kill()
        code = self.process.returncode
        self.errors.seek(0)
        lines = self.errors.read().decode("utf-8", "backslashreplace").splitlines()
        return Said(code, lines)

    def kill(self) -> None:
        """End it, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()


class Postfix:
    """The installed programs, and a copy of main.cf in ``folder`` that they need not wait for.

    :arg programs: the paths of postmap, postalias and postconf, by name.
    """

    def __init__(self, programs: dict[str, str], config_directory: str, folder: str) -> None:
        self.programs = programs
        self.folder = folder
        copy = os.path.join(folder, "main.cf")
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(os.path.join(config_directory, "main.cf"), copy)
        with open(copy, "ab"):
            pass  # Without a main.cf Postfix's own programs end at once.
        cool(copy)

    def start(self, program: str, *arguments: str, stdout: IO[bytes] | None = None) -> Running:
        """Start a program."""
        errors = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115
        command = [self.programs[program], "-c", self.folder, *arguments]
        environment = {**os.environ, "LC_ALL": "C"}
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout or subprocess.DEVNULL,
            stderr=errors,
            env=environment,
        )
        return Running(process, errors, time.monotonic() + PATIENCE_SECONDS)

    @functools.cached_property
    def settings(self) -> dict[str, str]:
        """The values of the parameters that decide how tables are read.

        :raises ConfigError: main.cf cannot be read.
        """
        names = ("smtputf8_enable", "default_database_type")
        with tempfile.TemporaryFile(dir=self.folder) as out:
            said = self.start("postconf", "-x", *names, stdout=out).finish()
            out.seek(0)
            text = out.read().decode("utf-8", "replace")
        if said.code:
            raise ConfigError(f"postconf cannot read main.cf: {said.fatal}")
        pairs = (line.partition(" =") for line in text.splitlines())
        return {name: value.strip() for name, _equals, value in pairs}


def cool(path: str) -> None:
    """Make a file seem old enough that Postfix does not wait for it to stay as it is."""
    made = time.time() - COOL_SECONDS
    os.utime(path, (made, made))
