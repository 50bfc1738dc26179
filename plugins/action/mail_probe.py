# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Believe of a machine's answer what it says of the probes that were asked for."""

from __future__ import annotations

from typing import Any

from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import (
    AnswerError,
    part,
    returns_of,
)

KINDS = ("greet", "send", "read")


class ActionModule(DocumentedAction):
    """Run the module mail_probe."""

    # The results stand by the names of probes, which are the caller's: each is documented alone.
    outcome = returns_of("mail_probe")["results"]["contains"]
    returns = {"results": {"type": "raw"}}

    def checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the answer with a result for each probe, or a failure without any."""
        results = answer.pop("results", None)
        if answer["failed"]:
            return answer
        names = [each["name"] for kind in KINDS for each in self._task.args.get(kind) or ()]
        if not isinstance(results, dict) or sorted(results) != sorted(names):
            raise AnswerError("other probes than those that were asked for")
        believed = {name: part(results[name], self.outcome) for name in names}
        if not all(isinstance(each.get("ok"), bool) for each in believed.values()):
            raise AnswerError("a probe without an outcome")
        return {**answer, "results": believed}
