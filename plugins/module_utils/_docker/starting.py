# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a machine: its container, and then its mounts, for which it waits before systemd starts."""

from __future__ import annotations

import inspect
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._docker import mounts
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    LABEL_BASE,
    LABEL_LAB,
)

CAPABILITIES = ("SYS_ADMIN", "SYS_CHROOT", "SYS_PTRACE")
"""What it takes to enter the mounts of another container, and to change them."""


def start(container: Any, client: Any, sdk: Any) -> None:
    """Start a machine that was created or stopped.

    Raises EngineError, and what the engine raises where it refuses.
    """
    container.start()
    container.reload()
    if not _is_prepared_from_outside(container):
        return
    try:
        client.containers.run(
            # Not the image of a state, which is a student's.
            container.labels.get(LABEL_BASE) or container.attrs["Image"],
            [
                "python3",
                "-I",
                "-c",
                inspect.getsource(mounts),
                str(container.attrs["State"]["Pid"]),
            ],
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES),
            # The engine's own profile of AppArmor would refuse the mounts.
            security_opt=["apparmor=unconfined"],
            network_mode="none",
            pid_mode="host",
            userns_mode="host",
            # Where this run is interrupted, taking the lab down removes it.
            labels={name: each for name, each in container.labels.items() if name == LABEL_LAB},
            remove=True,
        )
    except sdk.errors.ContainerError as error:
        said = (error.stderr or b"").decode("utf-8", "replace").strip()
        raise EngineError(f"{container.name} cannot be started: {said}") from error


def waits(container: Any, sdk: Any) -> bool:
    """Tell whether a machine that runs still waits for its mounts: its start was interrupted."""
    if not _is_prepared_from_outside(container):
        return False
    try:
        seen = container.top()
    except sdk.errors.APIError:  # It has stopped by now.
        return True
    pid, command = seen["Titles"].index("PID"), seen["Titles"].index("CMD")
    first = str(container.attrs["State"]["Pid"])
    return any(row[pid] == first and mounts.READY in row[command] for row in seen["Processes"])


def _is_prepared_from_outside(container: Any) -> bool:
    """Tell that from one of a release whose machines made their mounts themselves."""
    return mounts.READY in " ".join(container.attrs["Config"]["Cmd"] or ())
