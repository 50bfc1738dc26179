# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End a machine's run as its checks ended: failed, unreachable or well."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    FAILED,
    PASSED,
    UNCHECKED,
)

ENDS: dict[str, dict[str, Any]] = {
    PASSED: {"changed": False, "msg": "All checks passed."},
    FAILED: {"failed": True, "msg": "Some checks did not pass."},
    UNCHECKED: {"unreachable": True, "msg": "Not everything could be checked."},
}


class ActionModule(ActionBase):
    """Return what Ansible counts of each machine."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict:
        """Return the end that fits the outcome."""
        super().run(tmp, task_vars)
        _result, given = self.validate_argument_spec(
            {"outcome": {"type": "str", "required": True, "choices": list(ENDS)}}
        )
        return dict(ENDS[given["outcome"]])
