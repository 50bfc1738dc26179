# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep which tasks changed which machine, so that a test can hold check mode against a real run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: changes
type: aggregate
short_description: Keep which tasks changed which machine
description:
  - Writes the changed tasks of a run's play in check mode, of the first real one and of the last to
    three files in molecule's folder for the scenario.
"""

import json
import os
from pathlib import Path

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Collect the names of changed tasks by machine."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "changes"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.plays: list[tuple[bool, dict[str, list[str]]]] = []

    def v2_playbook_on_play_start(self, play):
        self.plays.append((play.check_mode, {}))

    def v2_runner_on_ok(self, result):
        if result.result.get("changed"):
            self.plays[-1][1].setdefault(result.host.get_name(), []).append(result.task.get_name())

    def v2_playbook_on_stats(self, stats):
        if "localhost" in stats.processed:
            return
        folder = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
        check = folder / "changes-in-check-mode.json"
        real, again = folder / "changes.json", folder / "changes-again.json"
        for file in (check, real, again):
            file.unlink(missing_ok=True)
        for check_mode, changes in self.plays:
            file = check if check_mode else again if real.exists() else real
            file.write_text(json.dumps(changes))
