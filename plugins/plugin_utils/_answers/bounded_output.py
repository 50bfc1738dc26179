# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop listening to a machine that prints without end.

Ansible and Mitogen take all that a machine prints until the deadline of the task or the connection,
and the processor that this takes is lacking for the machines that are honest. Neither has a limit
to set, so the one place of each through which all output comes gets one.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace
from typing import Any

from ansible.errors import AnsibleConnectionFailure

from ansible_collections.labs.mail.plugins.plugin_utils._answers.workers import end_with

MOST_OF_A_COMMAND = 32 << 20
"""Bytes that a machine may print for one command, over plain SSH."""

MOST_OF_A_GREETING = 64 << 10
"""Bytes that a machine may print before Mitogen's side of it has begun, or beside it."""

MOST_OF_A_CONNECTION = 128 << 20
"""Bytes that Mitogen's side of a machine may say as long as it is connected."""

PRICE_OF_A_MESSAGE = 4 << 10
"""Bytes that a message counts as beyond its own: whoever sends empty ones takes processor, too."""

BLOCK = 64 << 10


def endless(most: int) -> str:
    """Return the sentence about a machine that has printed more than so many bytes."""
    size = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
    return f"it prints without end: more than {size}, and nothing more is read of it"


def bound_ssh() -> None:
    """Bound what Ansible's connection plugin ssh takes of a command."""
    plugin = importlib.import_module("ansible.plugins.connection.ssh")
    vars(plugin)["subprocess"] = SimpleNamespace(**{**vars(subprocess), "Popen": BoundedProcess})


def bound_mitogen() -> None:
    """Bound what Mitogen takes of a connection, before and after its own side has begun there."""
    core = importlib.import_module("mitogen.core")
    if getattr(core.Stream, "is_bounded", False):
        return
    route = core.Router._async_route

    def receive(stream: Any, broker: Any) -> None:
        """Take what a stream has to say, unless its machine has said too much already."""
        block = stream.receive_side.read(stream.protocol.read_size)
        if not block:
            stream.on_disconnect(broker)
            return
        speaks = isinstance(stream.protocol, core.MitogenProtocol)
        # Without a connection it is one of the controller's own processes.
        bounded = stream.conn is not None
        most = MOST_OF_A_CONNECTION if speaks else MOST_OF_A_GREETING
        if bounded:
            taken = vars(stream).setdefault("taken", Counter())
            taken[speaks] += len(block)
            if taken[speaks] > most:
                _give_up(stream, broker, core.StreamError(endless(most)))
                return
        try:
            stream.protocol.on_receive(broker, block)
        except MemoryError:
            if not bounded:
                raise
            _give_up(stream, broker, core.StreamError(endless(most)))

    def count_message(router: Any, msg: Any, in_stream: Any = None) -> None:
        """Hand a message on, and count it."""
        taken = getattr(in_stream, "taken", None)
        if taken is not None:
            taken[True] += PRICE_OF_A_MESSAGE
        route(router, msg, in_stream)

    core.Stream.is_bounded = True
    core.Stream.on_receive = receive
    core.Router._async_route = count_message


def _give_up(stream: Any, broker: Any, error: Exception) -> None:
    """End a connection of Mitogen's; one that is being made fails with the reason."""
    connection = stream.conn
    if connection._timer.active:
        connection._timer.cancel()
        connection._fail_connection(error)
    elif not stream.receive_side.closed:
        stream.on_disconnect(broker)


class BoundedProcess(subprocess.Popen):
    """A process of which as much is read as an answer may have, and no more.

    It ends with the worker that began it: Ansible leaves it behind where a task takes too long, and
    it would stay for as long as the machine likes.
    """

    def __init__(self, command: Any, **options: Any) -> None:
        if sys.platform == "linux":
            options.setdefault("preexec_fn", functools.partial(end_with, os.getpid()))
        super().__init__(command, **options)
        self.left = MOST_OF_A_COMMAND
        for name in ("stdout", "stderr"):
            if getattr(self, name) is not None:
                setattr(self, name, _Output(self, getattr(self, name)))

    def take(self, block: bytes) -> bytes:
        """Count what was read; end the process and raise where it is too much."""
        self.left -= len(block)
        if self.left < 0:
            with contextlib.suppress(OSError):
                self.terminate()
            raise AnsibleConnectionFailure(endless(MOST_OF_A_COMMAND))
        return block


class _Output:
    """Standard output or error of a bounded process, as the plugin reads it."""

    def __init__(self, process: BoundedProcess, file: Any) -> None:
        self._process, self._file = process, file

    def read(self) -> bytes:
        """Return what is there, which may be a part; nothing at the end."""
        return self._process.take(os.read(self._file.fileno(), BLOCK))

    def fileno(self) -> int:
        """Return the number of the pipe, to wait for it."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the pipe."""
        self._file.close()
