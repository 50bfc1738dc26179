# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the reports of a class's checks, and tell what is wrong from what could not be checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.report import (
    WORDS,
    Class,
    as_csv,
    as_json,
    as_junit,
    lines,
)


class ActionModule(ActionBase):
    """Write the reports on the controller."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict:
        """Print the table; failed where something is wrong, unreachable where it is not known."""
        super().run(tmp, task_vars)
        _result, given = self.validate_argument_spec(
            {
                "exercise": {"type": "str", "required": True},
                "checks": {"type": "list", "elements": "dict", "required": True},
                "results": {"type": "dict", "required": True},
                "problems": {"type": "dict", "default": {}},
                "folder": {"type": "path", "required": True},
                "language": {"type": "str", "choices": list(WORDS), "default": "fr"},
            }
        )
        seen = Class(given["exercise"], given["checks"], given["results"], given["problems"])
        language = given["language"]
        folder = Path(given["folder"]).expanduser()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for suffix, text in (
                ("json", as_json(seen)),
                ("csv", as_csv(seen)),
                ("xml", as_junit(seen, language)),
            ):
                (folder / f"{seen.exercise}.{suffix}").write_text(text, encoding="utf-8")
        except OSError as error:
            raise AnsibleActionFail(f"{error.filename}: {error.strerror}") from error
        self._display.display("\n".join(["", *lines(seen, language), ""]))
        if seen.unchecked:
            return {"unreachable": True, "msg": "Not everything could be checked."}
        if seen.wrong:
            return {"failed": True, "msg": "Some checks did not pass."}
        return {"changed": False, "msg": "All checks passed."}
