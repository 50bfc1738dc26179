# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run postmap(1), postalias(1) and postconf(1), and understand what they say.

They exit with 0 after a warning about a line that they passed over, so that what they say counts.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import os
import re
import shutil
import time
from dataclasses import dataclass
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

COOL_SECONDS = 60
"""Age that copies pretend to have: Postfix waits until a file is 2 s old (dict.c, dict_thash.c)."""

Run = Callable[..., "tuple[int, bytes, bytes]"]
"""AnsibleModule.run_command, or what does the same: code, standard output, standard error."""

LIMITED = """
ulimit -f "$1"
ulimit -t "$2"
# What a program leaves when it dies may hold passwords.
ulimit -c 0
out=$3
shift 3
exec "$@" >"$out"
"""


WARNING = re.compile(r"warning: (?:\w+ map )?(?P<path>.+?), line (?P<line>\d+): (?P<text>.*)")
"""What is said of a line of a file."""


class NotInstalledError(ConfigError):
    """A program or a type of table is missing on this machine."""


@dataclass
class CommandResult:
    """How a program ended, what it answered, and what it said on its standard error, by lines."""

    code: int
    answer: bytes
    lines: list[str]

    @property
    def fatal(self) -> str | None:
        """Why it gave up; None where it did not."""
        if self.code < 0:
            return f"it died of signal {-self.code}"
        fatal = [line for line in self.lines if re.search(r": (?:fatal|panic|error): ", line)]
        return fatal[-1] if fatal else None

    def warnings(self) -> list[ConfigError]:
        """Return what was said of lines of files, each with the path that was said."""
        found = (WARNING.search(line) for line in self.lines)
        return [ConfigError(m["text"], m["path"], int(m["line"])) for m in found if m]

    def raise_where_not_installed(self, type_name: str, package: str) -> None:
        """Raise NotInstalledError where what was said is that a type of table is unknown."""
        if any("unsupported dictionary type" in line for line in self.lines):
            raise NotInstalledError(
                f"the type {type_name} is not installed",
                instead=f"install the Debian package {package}",
            )


@dataclass
class Running:
    """A program that has been started."""

    future: concurrent.futures.Future

    def ends_within(self, seconds: float) -> bool:
        """Wait a while for its end; tell whether it has come."""
        concurrent.futures.wait([self.future], seconds)
        return self.future.done()

    def wait(self) -> None:
        """Wait for its end, whatever that is."""
        concurrent.futures.wait([self.future])

    def finish(self) -> CommandResult:
        """Wait until it has ended."""
        code, answer, errors = self.future.result()
        return CommandResult(code, answer, errors.decode("utf-8", "backslashreplace").splitlines())


class Postfix:
    """The installed programs, and a copy of main.cf in ``folder`` that they need not wait for.

    :arg programs: the paths of postmap, postalias and postconf, by name.
    """

    def __init__(
        self, programs: dict[str, str], run: Run, config_directory: str, folder: str
    ) -> None:
        self.programs = programs
        self.main_cf = os.path.join(config_directory, "main.cf")
        self.run = run
        self.folder = folder
        self.pool = concurrent.futures.ThreadPoolExecutor()
        self.copy = copy = os.path.join(folder, "main.cf")
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(self.main_cf, copy)
        with open(copy, "ab"):
            pass  # Without a main.cf Postfix's own programs end at once.
        cool(copy)

    def start(self, program: str, *arguments: str) -> Running:
        """Start a program."""
        return self._start([self.programs[program], "-c", self.folder, *arguments])

    def start_limited(
        self, program: str, *arguments: str, out: str, size: int, seconds: int
    ) -> Running:
        """Start a program that may never end.

        :arg out: path of the file to which it writes its answer.
        :arg size: number of bytes that it may write there.
        :arg seconds: processor time that it may take.
        """
        limits = [str(1 + size // 512), str(seconds), out]
        command = [self.programs[program], "-c", self.folder, *arguments]
        return self._start(["/bin/sh", "-c", LIMITED, "sh", *limits, *command])

    def _start(self, command: list[str]) -> Running:
        given = {"encoding": None, "environ_update": {"LC_ALL": "C"}, "expand_user_and_vars": False}
        return Running(self.pool.submit(self.run, command, **given))

    @functools.cached_property
    def settings(self) -> dict[str, str]:
        """The values of the parameters that decide how tables are read.

        :raises ConfigError: main.cf cannot be read.
        """
        names = ("smtputf8_enable", "default_database_type")
        said = self.start("postconf", "-x", *names).finish()
        if said.code:
            why = (said.fatal or "").replace(self.copy, self.main_cf)
            raise ConfigError(f"postconf cannot read main.cf: {why}")
        text = said.answer.decode("utf-8", "replace")
        pairs = (line.partition(" =") for line in text.splitlines())
        return {name: value.strip() for name, _equals, value in pairs}


def cool(path: str) -> None:
    """Make a file seem old enough that Postfix does not wait for it to stay as it is."""
    made = time.time() - COOL_SECONDS
    os.utime(path, (made, made))
