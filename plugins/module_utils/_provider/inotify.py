# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let more than a handful of systemds run on one kernel (inotify(7))."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError

INOTIFY_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_NEEDED = 8192
MACHINES_BELOW_LIMIT = 10
"""systemd fails for want of inotify instances from about the 15th machine at the usual 128."""


def raise_inotify_limit(machines: int) -> None:
    """Let more than a handful of systemds run on this kernel (inotify(7))."""
    if machines <= MACHINES_BELOW_LIMIT or int(INOTIFY_LIMIT.read_text()) >= INOTIFY_NEEDED:
        return
    try:
        INOTIFY_LIMIT.write_text(f"{INOTIFY_NEEDED}\n")
    except OSError as error:
        raise EngineError(
            f"{machines} machines need more inotify instances than this kernel allows: "
            f"as root, sysctl fs.inotify.max_user_instances={INOTIFY_NEEDED}"
        ) from error
