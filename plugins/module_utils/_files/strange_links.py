# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse links by which somebody else leads root to what is not his own.

The kernel does so in directories that all may write to (proc_sys_fs(5), protected_symlinks); an
account may put a link into its own home as well.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

ROOT = 0


def refuse_strange_links(path: str, lstat: Callable[[str], os.stat_result] = os.lstat) -> None:
    """Raise ConfigError where a link in a path is another account's, and its target is not."""
    trusted = (ROOT, os.geteuid())
    place = os.path.abspath(path)
    while place != "/":
        found = _found(place, lstat)
        if found and stat.S_ISLNK(found.st_mode) and found.st_uid not in trusted:
            target = os.path.realpath(place)
            # What is not there yet belongs to whoever has its directory.
            whose = _found(target, lstat) or _found(os.path.dirname(target), lstat)
            if not whose or whose.st_uid != found.st_uid:
                raise ConfigError(
                    f"is a link to {target}, made by the account of number {found.st_uid}, "
                    "which does not own that; remove the link",
                    place,
                )
        place = os.path.dirname(place)


def _found(place: str, lstat: Callable[[str], os.stat_result]) -> os.stat_result | None:
    try:
        return lstat(place)
    except OSError:
        return None
