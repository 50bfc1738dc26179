# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of Postfix's programs, for the command lab too, which has no AnsibleModule."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

SETPRIV, ENV = "/usr/bin/setpriv", "/usr/bin/env"


class Process(subprocess.Popen):
    """A process; ansible-test takes the plain name for a module's, which has run_command."""


class Spawned:
    """A process that has descriptors by their numbers.

    There is no Python between fork and exec, where another thread may hold what it waits for.
    """

    def __init__(
        self, words: Sequence[str], env: Mapping[str, str], descriptors: Mapping[int, int]
    ) -> None:
        """Start it.

        :arg descriptors: ours by the numbers that they have there; ours are closed on exec.
        """
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
            *((os.POSIX_SPAWN_DUP2, ours, number) for number, ours in descriptors.items()),
        ]
        self.pid = os.posix_spawn(words[0], list(words), env, file_actions=actions)
        self.ended = False

    def poll(self) -> bool:
        """Tell whether it has ended."""
        if not self.ended:
            self.ended = os.waitpid(self.pid, os.WNOHANG)[0] != 0
        return self.ended

    def end(self) -> None:
        """Kill it, and wait for its end."""
        if not self.poll():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.ended = True


def with_rights_of(uid: int, gid: int, words: Sequence[str]) -> list[str]:
    """Return a command that runs another one with the rights of a user and a group alone."""
    return [SETPRIV, f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--", *words]


def in_directory(path: str, words: Sequence[str]) -> list[str]:
    """Return a command that runs another one in a directory."""
    return [ENV, f"--chdir={path}", *words]
