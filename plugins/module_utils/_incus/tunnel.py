# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reach the socket of a daemon on another host over SSH, as whoever runs this may log in there.

A certificate that could ask a daemon over TLS for a machine would own its host: none is made.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._incus.api import Client, Endpoint
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError

SOCKET = "/var/lib/incus/unix.socket"
CONNECT_SECONDS = 10
OPEN_SECONDS = 30
PAUSE_SECONDS = 0.05

HOST = re.compile(
    r"(?:(?P<user>[a-z_][a-z0-9_-]{0,31})@)?"
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
OPTIONS = (
    "-N",
    "-T",
    *("-o", "BatchMode=yes"),
    *("-o", f"ConnectTimeout={CONNECT_SECONDS}"),
    *("-o", "ExitOnForwardFailure=yes"),
    *("-o", "ServerAliveInterval=5"),
    # A connection that others share would go on without this process.
    *("-o", "ControlMaster=no"),
    *("-o", "ControlPath=none"),
)


class _Process(subprocess.Popen):
    """A process; ansible-test takes the plain name for a module's, which has run_command."""


@dataclass(frozen=True)
class Host:
    """A host as ssh(1) reaches it."""

    name: str
    user: str = ""
    port: int = 0

    @property
    def words(self) -> list[str]:
        """The host as ssh(1) is told it."""
        login = f"{self.user}@{self.name}" if self.user else self.name
        return [*(["-p", str(self.port)] if self.port else []), login]


def parse(text: str) -> Host:
    """Return the host that a text such as root@192.0.2.1:22 means. Raises ConfigError."""
    found = HOST.fullmatch(text)
    port = int(found["port"] or 0) if found else 0
    if not found or port > 65535:
        raise ConfigError(
            f"found {text!r}", "hosts", instead="write names or addresses such as root@192.0.2.1"
        )
    return Host(found["name"], found["user"] or "", port)


@contextlib.contextmanager
def opened(hosts: Sequence[str]) -> Iterator[str]:
    """Yield the path of a socket behind which the daemon of a host answers: the first that does.

    Raises ConfigError, and EngineError where none does.
    """
    wanted = [parse(each) for each in hosts]
    problems = []
    with tempfile.TemporaryDirectory(prefix="labs.mail-") as folder, contextlib.ExitStack() as kept:
        for number, host in enumerate(wanted):
            path = str(Path(folder) / str(number))
            try:
                kept.enter_context(_forwarded(host, path))
                Client(Endpoint(path)).get("", retried=0)
            except EngineError as error:
                problems.append(f"{host.name}: {error}")
                continue
            yield path
            return
    raise EngineError("no host answers: " + "; ".join(problems))


@contextlib.contextmanager
def _forwarded(host: Host, path: str) -> Iterator[None]:
    """Have a socket of this computer lead to the daemon's on a host."""
    command = ["ssh", *OPTIONS, "-L", f"{path}:{SOCKET}", *host.words]
    silent = subprocess.DEVNULL
    with tempfile.TemporaryFile() as said:
        try:
            process = _Process(command, stdin=silent, stdout=silent, stderr=said)
        except OSError as error:
            raise EngineError(f"ssh: {error}") from error
        try:
            deadline = time.monotonic() + OPEN_SECONDS
            while not Path(path).exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    text = said.read().decode("utf-8", "replace").strip()
                    raise EngineError(text.splitlines()[-1] if text else "ssh did not connect")
                time.sleep(PAUSE_SECONDS)
            yield
        finally:
            process.terminate()
            process.wait()
