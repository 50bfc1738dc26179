# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Note that what is written to a file takes a restart of the unit that reads it.

A note is never removed: it counts as long as it is newer than the unit's last start.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

STATE = Path("/run/labs-mail")
"""It is empty after a boot, when every unit has just loaded what there is."""


def note(path: str) -> None:
    """Note that what is about to be written to a file takes a restart.

    Who cannot write there cannot restart a unit either, and so needs no note.
    """
    with contextlib.suppress(OSError):
        _notes().mkdir(mode=0o755, parents=True, exist_ok=True)
        (_notes() / file_name(path)).touch()
        os.utime(_notes() / file_name(path))


def noted_at(paths: list[Path]) -> float:
    """Return when a restart was noted last for one of these files, or for one below them."""
    times = [0.0]
    wanted = [os.path.realpath(path) for path in paths]
    for entry in _notes().iterdir() if _notes().is_dir() else ():
        path = _path(entry.name)
        if any(path == one or path.startswith(one.rstrip("/") + "/") for one in wanted):
            times.append(entry.stat().st_mtime)
    return max(times)


def file_name(path: str) -> str:
    """Return a file's path, or a unit's name, as the name of one file."""
    return os.path.realpath(path).replace("%", "%25").replace("/", "%2F") if "/" in path else path


def _notes() -> Path:
    return STATE / "restart"


def _path(name: str) -> str:
    return name.replace("%2F", "/").replace("%25", "%")
