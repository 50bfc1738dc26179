# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine may take of the host that it shares."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError


@dataclass(frozen=True)
class Limits:
    """What a container may take of the host's memory, processes and disk.

    ``memory`` is a size such as 2g, swap included; ``processes`` counts threads too; ``file`` is
    the size of the largest file, and ``disk`` that of all that the machine writes, where the
    engine's storage driver can limit it. Empty or 0 is no limit.
    """

    memory: str = "2g"
    processes: int = 1024
    file: str = "4g"
    disk: str = ""


def size_of(text: str, name: str) -> int:
    """Return the bytes of a size such as 512m or 4g. Raises ConfigError."""
    found = re.fullmatch(r"([0-9]{1,15})([kmg]?)", str(text).lower())
    if not found:
        raise ConfigError(
            f"found {text!r}", f"limits.{name}", instead="write a size such as 512m or 4g"
        )
    return int(found[1]) << {"": 0, "k": 10, "m": 20, "g": 30}[found[2]]
