# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs listen on which TCP ports of this host, read from /proc (proc(5))."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LISTEN = "0A"
"""The state TCP_LISTEN in the fourth column of /proc/net/tcp."""


@dataclass(frozen=True)
class Listener:
    """A listening socket: its port, who made it, and the program where that is known."""

    port: int
    program: str = ""
    pid: int = 0
    uid: int = 0

    def __str__(self) -> str:
        """Return the program as an error message names it."""
        return f"{self.program} (process {self.pid})" if self.pid else "another program"


def listening_inodes(table: str) -> dict[str, tuple[int, int]]:
    """Return port and owner by the inode of each listening socket in a table like /proc/net/tcp."""
    rows = (line.split() for line in table.splitlines()[1:])
    return {
        row[9]: (int(row[1].rpartition(":")[2], 16), int(row[7]))
        for row in rows
        if row[3] == LISTEN
    }


def listeners(proc: Path = Path("/proc")) -> list[Listener]:
    """Return the listening sockets of this host, by port."""
    sockets: dict[str, tuple[int, int]] = {}
    for name in ("tcp", "tcp6"):
        table = proc / "net" / name
        if table.exists():
            sockets.update(listening_inodes(table.read_text()))
    found = {inode: Listener(port, uid=uid) for inode, (port, uid) in sockets.items()}
    for process in proc.glob("[0-9]*"):
        for inode in _socket_inodes(process) & found.keys():
            # A daemon's children share its socket: the oldest process is the daemon.
            if not found[inode].pid or int(process.name) < found[inode].pid:
                port, uid = sockets[inode]
                found[inode] = Listener(port, _name(process), int(process.name), uid)
    return sorted(found.values(), key=lambda listener: (listener.port, listener.pid))


def real_uid(pid: int, proc: Path = Path("/proc")) -> int:
    """Return who runs a process, which all may know; -1 where it does not run."""
    try:
        status = (proc / str(pid) / "status").read_text()
    except OSError:
        return -1
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Uid:"))


def _name(process: Path) -> str:
    """Return the name of a process's program."""
    try:
        return (process / "comm").read_text().strip()
    except OSError:  # It is gone since its sockets were seen.
        return "a program that has ended"


def _socket_inodes(process: Path) -> set[str]:
    """Return the inodes of the sockets that a process holds; none once it is gone."""
    inodes = set()
    try:
        for descriptor in (process / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    except OSError:
        pass
    return inodes
