# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Believe of a machine's answer what fits to the checks that were asked for, or nothing."""

from __future__ import annotations

from typing import Any

from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction
from ansible_collections.labs.mail.plugins.plugin_utils._answers.check_results import as_asked
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import returns_of


class ActionModule(DocumentedAction):
    """Run the module exercise_check."""

    returns = returns_of("exercise_check")

    def checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the answer with a result for each check, or a failure without any."""
        if answer["failed"]:
            answer.pop("results", None)
            return answer
        results = as_asked(answer.get("results"), self._task.args["checks"])
        return {**answer, "results": results}
