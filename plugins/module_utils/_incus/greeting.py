# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until sshd answers on machines that this computer does not reach, as they see it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.several import with_each

PAUSE_SECONDS = 0.3
LONGEST = 10
ASK = 'exec 3<>/dev/tcp/127.0.0.1/22 && read -r -t 2 line <&3 && printf %s "$line"'


class Machines(Protocol):
    """What runs commands on machines."""

    def execute(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], seconds: int
    ) -> tuple[int, bytes]:
        """Run a command on a machine; return its exit code, and what it printed."""


def wait_within(machines: Machines, names: Mapping[str, str], timeout: int) -> None:
    """Wait until sshd greets on each machine; raises EngineError with what was seen last."""
    deadline = time.monotonic() + timeout

    def one(name: str) -> str:
        while True:
            try:
                _code, said = machines.execute(name, ["bash", "-c", ASK], {}, LONGEST)
            except EngineError as error:
                said = str(error).encode()
            seen = said.decode("ascii", "replace").strip()
            if seen.startswith("SSH-") or time.monotonic() > deadline:
                return seen or "it greeted nobody"
            time.sleep(PAUSE_SECONDS)

    silent = {
        name: seen
        for name, seen in zip(names, with_each(names, one))
        if not seen.startswith("SSH-")
    }
    if silent:
        reports = "; ".join(f"{name}: {seen}" for name, seen in sorted(silent.items()))
        raise EngineError(f"sshd did not answer within {timeout} s: {reports}")
