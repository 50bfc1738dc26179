# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the mounts of machines from outside, so that nothing on them ever may.

Whoever may change mounts has the capability SYS_ADMIN, and with it the host. So no machine has it,
neither its process 1 nor what the engine executes there. The engine runs this file by itself, in a
container of the machines' image that sees the processes of the host. It enters the mounts of a
machine and executes nothing of what is there: the programs are its student's.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import sys
import time

SECONDS = 60

READY = "/run/labs.mail/mounts"
"""The FIFO at which process 1 of a machine waits until its mounts are made."""

OVER_OWN_FILES = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
"""The engine mounts these over the machine's own files. Unmounted, they are plain files: they can
be replaced by a rename and keep what the machine's administrator wrote."""

CGROUPS = "/sys/fs/cgroup"

CLONE_NEWNS, CLONE_NEWCGROUP = 0x00020000, 0x02000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 2, 4, 8, 32, 4096
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8
PLAIN = MS_NOSUID | MS_NODEV | MS_NOEXEC


def call(name: str, *arguments: object) -> None:
    """Call a function of the C library that returns -1 where it fails; raises OSError."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    words = [each.encode() if isinstance(each, str) else each for each in arguments]
    if function(*words) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", str(arguments[0]))


def mounted(pid: int) -> dict[str, str]:
    """Return the type of each file system that a process sees, by where it is mounted."""
    found = {}
    with open(f"/proc/{pid}/mountinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            about, _dash, source = line.partition(" - ")
            found[about.split()[4]] = source.split()[0]
    return found


def prepare(pid: int) -> None:
    """Make the mounts of the machine whose process 1 this is; raises OSError."""
    deadline = time.monotonic() + SECONDS
    while not is_fifo(f"/proc/{pid}/root{READY}"):
        if not os.path.exists(f"/proc/{pid}/root"):
            raise ProcessLookupError("it has stopped")
        if time.monotonic() > deadline:
            raise TimeoutError(f"process 1 was not ready within {SECONDS} s")
        time.sleep(0.02)
    before = mounted(pid)
    for kind, number in (("cgroup", CLONE_NEWCGROUP), ("mnt", CLONE_NEWNS)):
        with open(f"/proc/{pid}/ns/{kind}", "rb") as namespace:
            call("setns", namespace.fileno(), number)
    for path in OVER_OWN_FILES:
        if path in before:
            call("umount2", path, MNT_DETACH | UMOUNT_NOFOLLOW)
    if before.get(CGROUPS) == "cgroup2":
        # The machine's own part, which the engine mounts read-only; systemd must write to it.
        call("mount", "cgroup", CGROUPS, "cgroup2", MS_REMOUNT | MS_BIND | PLAIN, None)
    else:
        # The hierarchy that systemd keeps its units in, of which a machine sees its own part alone.
        call("umount2", CGROUPS, MNT_DETACH | UMOUNT_NOFOLLOW)
        call("mount", "cgroup", CGROUPS, "tmpfs", PLAIN, "mode=755")
        os.mkdir(f"{CGROUPS}/systemd")
        call("mount", "cgroup", f"{CGROUPS}/systemd", "cgroup", PLAIN, "none,name=systemd")
    descriptor = os.open(READY, os.O_WRONLY | os.O_NOFOLLOW)
    os.write(descriptor, b"\n")


def is_fifo(path: str) -> bool:
    """Tell whether there is a FIFO."""
    try:
        return stat.S_ISFIFO(os.lstat(path).st_mode)
    except OSError:
        return False


def main(pid: int) -> None:
    """Make the mounts of a machine; ends with 1 and the reason where they cannot be made."""
    # Its process 1 may have been replaced by one that never reads.
    signal.alarm(2 * SECONDS)
    try:
        prepare(pid)
    except OSError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main(int(sys.argv[1]))
