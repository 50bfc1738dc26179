# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags that keep even root from changing a file: chattr(1), ioctl_iflags(2)."""

from __future__ import annotations

import array
import contextlib
import fcntl
import os

GET_FLAGS = 0x80086601
SET_FLAGS = 0x40086602
IMMUTABLE = 0x10
APPEND_ONLY = 0x20


def make_mutable(place: str) -> bool:
    """Take the flags from a file or a directory; return whether it had one.

    Where the file system knows no such flags there are none to take.
    """
    with contextlib.suppress(OSError):
        handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            flags = array.array("l", [0])
            fcntl.ioctl(handle, GET_FLAGS, flags)
            if flags[0] & (IMMUTABLE | APPEND_ONLY):
                flags[0] &= ~(IMMUTABLE | APPEND_ONLY)
                fcntl.ioctl(handle, SET_FLAGS, flags)
                return True
        finally:
            os.close(handle)
    return False
