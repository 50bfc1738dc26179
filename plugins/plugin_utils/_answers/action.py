# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module of the collection, and hand on what is documented of the machine's answer."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import (
    AnswerError,
    read,
)

TIMEOUT = "TaskTimeoutError"
"""What ansible-core raises where a task takes longer than its ``timeout``."""

OF_ASYNC = ("started", "finished", "ansible_job_id", "results_file")
"""What the wrapper of a task that goes on by itself returns, in place of the module."""


class DocumentedAction(ActionBase):
    """An action plugin for the module of its own name: it names what that returns."""

    _supports_async = True
    _supports_check_mode = True

    returns: dict[str, Any]
    """What the module documents; read once, before Ansible forks for the machines."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict:
        """Return what is documented of the module's result.

        Raises AnsibleConnectionFailure where Mitogen loses the machine in mid-task: it has errors
        of its own for that, which Ansible would take for faults of the task.
        """
        super().run(tmp, task_vars)
        alone = self._task.async_val and not self._connection.has_native_async
        try:
            answer = self._execute_module(task_vars=task_vars, wrap_async=alone)
        except BaseException as error:
            # ansible-core has the class of its deadline in another place in each release.
            if type(error).__name__ == TIMEOUT:
                return {
                    "failed": True,
                    "msg": f"the machine did not answer within {self._task.timeout} s",
                }
            if type(error).__module__.partition(".")[0] == "mitogen":
                raise AnsibleConnectionFailure(f"the connection was lost: {error}") from error
            raise
        if alone and "ansible_job_id" in answer:
            return {"changed": True, **{key: answer[key] for key in OF_ASYNC if key in answer}}
        if self._task.check_mode and answer.get("skipped") is True:
            return {"skipped": True, "msg": "the module does nothing in check mode"}
        return self.believed(answer)

    def believed(self, answer: Any) -> dict[str, Any]:
        """Return what is documented of an answer; failed where it is none of the module's."""
        try:
            return self.checked(read(answer, self.returns))
        except AnswerError as error:
            return {
                "failed": True,
                "msg": f"the machine's answer is none that this module gives: {error}",
            }

    def checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Hold an answer against what was asked, where a module can do so. Raises AnswerError."""
        return answer
