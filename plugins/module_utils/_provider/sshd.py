# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until machines answer."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError


def wait_for_sshd(addresses: dict[str, str], timeout: int) -> None:
    """Wait until sshd greets on each address; raises EngineError with what was seen last."""
    deadline = time.monotonic() + timeout
    with ThreadPoolExecutor(max_workers=32) as pool:
        seen = pool.map(lambda item: (item[0], _greeting(item[1], deadline)), addresses.items())
    silent = {name: what for name, what in seen if not what.startswith("SSH-")}
    if silent:
        reports = "; ".join(f"{name}: {what}" for name, what in sorted(silent.items()))
        raise EngineError(f"sshd did not answer within {timeout} s: {reports}")


def _greeting(address: str, deadline: float) -> str:
    """Return sshd's greeting, or the last thing seen when the deadline (monotonic) passed."""
    while True:
        try:
            with socket.create_connection((address, 22), timeout=2) as connection:
                seen = connection.recv(64).decode("ascii", "replace").strip()
        except OSError as error:
            seen = str(error)
        if seen.startswith("SSH-") or time.monotonic() > deadline:
            return seen or "the connection was closed without a greeting"
        time.sleep(0.1)
