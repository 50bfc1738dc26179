# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Believe of a machine's answer what fits to the checks that were asked for, or nothing."""

from __future__ import annotations

from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.check_schema import read_checks
from ansible_collections.labs.mail.plugins.module_utils._checks.runner import new_word
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction
from ansible_collections.labs.mail.plugins.plugin_utils._answers.check_results import (
    Witness,
    as_asked,
)
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import returns_of


class ActionModule(DocumentedAction):
    """Run the module exercise_check, and hold its answer against the checks."""

    returns = returns_of("exercise_check")
    witness: Witness | None = None

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict:
        """Return what is believed of the machine's answer; what the world shares stays here."""
        given = dict(self._task.args)
        key, address = str(given.pop("world_key", "")), str(given.pop("address", ""))
        if key and not address:
            return {"failed": True, "msg": "address: with world_key, write the machine's address"}
        if key:
            word = str(given.get("word") or new_word())
            given["word"] = word
            self.witness = Witness(key, address, word)
        self._task.args = given
        return super().run(tmp, task_vars)

    def checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the answer with a result for each check, or a failure without any."""
        if answer["failed"]:
            answer.pop("results", None)
            return answer
        checks = self._task.args["checks"]
        if self.witness:
            try:
                checks = read_checks(checks)
            except ConfigError as error:
                return {"failed": True, "msg": str(error)}
        results = as_asked(answer.get("results"), checks, self.witness)
        return {**answer, "results": results}
