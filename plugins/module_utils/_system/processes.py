# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs on a machine that did not run there before, read from /proc (proc(5), cgroups(7))."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
GONE_SECONDS = 5


@dataclass(frozen=True)
class Process:
    """A process: who made it, its program's name, and the systemd service that it belongs to.

    One that is stopped, as by SIGSTOP, waits for another signal to go on.
    """

    parent: int
    name: str
    service: str = ""
    stopped: bool = False


def processes(proc: Path = PROC) -> dict[int, Process]:
    """Return the processes by their numbers; kernel threads are none."""
    found = {}
    for folder in proc.glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            before, after = (folder / "stat").read_text().rsplit(")", 1)
            state, parent = after.split()[:2]
            is_thread_of_kernel = int(parent) == 2 or folder.name == "2"
            if state not in "ZX" and not is_thread_of_kernel:
                service = service_in((folder / "cgroup").read_text())
                name = before.partition("(")[2]
                found[int(folder.name)] = Process(int(parent), name, service, state == "T")
    return found


def service_in(cgroup: str) -> str:
    """Return the service that a /proc/PID/cgroup names, empty where it names none."""
    parts = [part for line in cgroup.splitlines() for part in line.split("/")]
    return next((part for part in reversed(parts) if part.endswith(".service")), "")


def line_of(found: Mapping[int, Process], pid: int) -> list[int]:
    """Return a process, the one that made it, the one that made that, and so on."""
    line = [pid]
    while line[-1] in found and found[line[-1]].parent in found:
        line.append(found[line[-1]].parent)
    return line


def connection_of(found: Mapping[int, Process], pid: int, daemons: Collection[int]) -> set[int]:
    """Return all processes of the connection by which a process came, also beside its own line.

    :arg daemons: processes that are above connections, such as sshd's main one.
    """
    line = line_of(found, pid)
    top = [each for each in line if each not in daemons][-1:]
    return {*line, *(each for each in found if set(top) & set(line_of(found, each)))}


def strangers(
    found: Mapping[int, Process], me: int, services: Collection[str], main: Mapping[str, int]
) -> list[int]:
    """Return the processes that belong neither to the machine as it was nor to this run.

    :arg me: the number of this process. The connection that it came by is spared with it.
    :arg services: the services that were there, whose processes stay.
    :arg main: the main process of those services that start shells for people, such as sshd: of
        their other processes none stays.
    """
    daemons = {1, *main.values()}
    spared = daemons | connection_of(found, me, daemons)
    return sorted(
        pid
        for pid, process in found.items()
        if pid not in spared and (process.service not in services or process.service in main)
    )


def kill(pids: list[int], proc: Path = PROC) -> None:
    """Kill processes, and wait until they are gone or dead."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + GONE_SECONDS
    while set(pids) & processes(proc).keys() and time.monotonic() < deadline:
        time.sleep(0.02)
