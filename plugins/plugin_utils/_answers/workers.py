# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End Ansible's workers with the process that forked them.

A worker has a session of its own. Where ansible-playbook is killed it waits for an answer that
nobody sends any more, for ever.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
"""From prctl(2): the signal that a process gets when its parent ends."""


def end_with_their_parent() -> None:
    """Have each worker end so. Only Linux has a signal for it."""
    worker = importlib.import_module("ansible.executor.process.worker").WorkerProcess
    run = worker.run
    if sys.platform != "linux" or hasattr(run, "ends_with_its_parent"):
        return

    def run_with_its_parent(process: Any) -> None:
        end_with(process._parent_pid)
        run(process)

    vars(run_with_its_parent)["ends_with_its_parent"] = True
    worker.run = run_with_its_parent


def end_with(parent: int) -> None:
    """Have SIGTERM end this process when its parent ends; at once where that has ended already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
