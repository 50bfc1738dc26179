# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own output, for machines that nobody has to trust."""

from __future__ import annotations

DOCUMENTATION = r"""
name: guarded
type: stdout
short_description: Ansible's own output, for machines that nobody has to trust
version_added: "0.1.0"
description:
  - Prints what P(ansible.builtin.default#callback) prints. Whatever a machine has put into it that
    commands a terminal has a sign in its place.
  - Bounds the memory of Ansible's processes, so that a machine that never ends its answer cannot
    take all of the controller's.
  - Of arguments that a role refuses it prints what is wrong, and not all that the role could be
    given.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout in configuration
"""

EXAMPLES = r"""
# ansible.cfg
# [defaults]
# stdout_callback = labs.mail.guarded
"""

from typing import Any

from ansible.plugins.callback.default import CallbackModule as Default

from ansible_collections.labs.mail.plugins.plugin_utils._answers.guard import guard
from ansible_collections.labs.mail.plugins.plugin_utils._preload import preload

SPECIFICATION = ("argument_spec_data", "validate_args_context")
"""What the validation of a role's arguments returns beside what is wrong with them."""

REPORTED = ("labs.mail.exercise_check", "labs.mail.exercise_outcome")
"""Tasks whose failures stand in the table that exercise_report prints."""


class CallbackModule(Default):
    """Print what the default callback prints, guarded."""

    CALLBACK_NAME = "labs.mail.guarded"

    def __init__(self) -> None:
        super().__init__()
        guard(self._display)
        preload()

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Say what failed, without a page about what a role takes."""
        if _is_reported(result):
            return
        for name in SPECIFICATION:
            result.result.pop(name, None)
        super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Say who could not be reached."""
        if not _is_reported(result):
            super().v2_runner_on_unreachable(result)


def _is_reported(result: Any) -> bool:
    """Tell whether the table of checks says it, for each machine."""
    return result.task.action in REPORTED
