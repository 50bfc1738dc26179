# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a program from asking DNS, whatever a row of a table has it ask.

In a network namespace of its own it would lack the machine's addresses, by which Postfix decides
what is local, and to make one takes a right that machines in containers do not have. A filter of
system calls takes none: the C library opens each socket with which it asks DNS as one that is
closed on exec (SOCK_CLOEXEC), which Postfix itself does with none, and that is denied.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import threading
from typing import Callable, TypeVar

T = TypeVar("T")

ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""What linux/audit.h calls each, and the number of its system call socket(2)."""

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
ALLOW, DENY = 0x7FFF0000, 0x00050000 | errno.EACCES

LOAD, EQUAL, BITS, RETURN = 0x20, 0x15, 0x45, 0x06
"""Instructions of the filter (linux/bpf_common.h): load a word, compare it, return."""

NUMBER, ARCHITECTURE, FAMILY, TYPE = 0, 4, 16, 24
"""Where struct seccomp_data has them, the lower halves of the arguments on both architectures."""

_LIBRARY = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def instructions(machine: str) -> bytes:
    """Return the filter for an architecture; none where its numbers are not known."""
    if machine not in ARCHITECTURES:
        return b""
    architecture, number = ARCHITECTURES[machine]
    steps = (
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 0, 7, architecture),
        (LOAD, 0, 0, NUMBER),
        (EQUAL, 0, 5, number),
        (LOAD, 0, 0, FAMILY),
        (EQUAL, 1, 0, socket.AF_INET),
        (EQUAL, 0, 2, socket.AF_INET6),
        (LOAD, 0, 0, TYPE),
        (BITS, 1, 0, socket.SOCK_CLOEXEC),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, DENY),
    )
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


FILTER = instructions(os.uname().machine)


def without_dns(start: Callable[[], T]) -> T:
    """Start a process to which the sockets with which DNS is asked are denied, and return it.

    A filter holds for the thread that sets it and what that starts, so that one of its own does
    both. Nothing of this happens between fork and exec, where another thread may hold whatever
    lock it takes: the child would wait for that for ever.
    """
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            _deny()
            found.append(start())
        except BaseException as error:  # it is raised where it belongs
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


def _deny() -> None:
    """Set the filter; a kernel without such filters leaves a thread as it was."""
    if FILTER:
        program = _Program(len(FILTER) // 8, FILTER)
        _LIBRARY.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _LIBRARY.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
