# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the reports of a class's checks: a table and files for each exercise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.labs.mail.plugins.module_utils._checks.rendering import WORDS
from ansible_collections.labs.mail.plugins.module_utils._checks.words import colon
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.report import (
    ClassResults,
    as_csv,
    as_json,
    as_junit,
    by_exercise,
    lines,
)

EXERCISE = {"fr": "exercice", "en": "exercise"}


class ActionModule(ActionBase):
    """Write the reports on the controller."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict:
        """Print a table for each exercise, write its reports, and return each machine's outcome."""
        super().run(tmp, task_vars)
        _result, given = self.validate_argument_spec(
            {
                "machines": {"type": "dict", "required": True},
                "folder": {"type": "path", "required": True},
                "language": {"type": "str", "choices": list(WORDS), "default": "fr"},
            }
        )
        language = given["language"]
        folder = Path(given["folder"]).expanduser()
        outcomes: dict[str, str] = {}
        classes = by_exercise(given["machines"])
        for seen in classes:
            self._write(folder, seen, language)
            title = [colon(EXERCISE[language], seen.exercise, language)] if len(classes) > 1 else []
            self._display.display("\n".join(["", *title, *lines(seen, language), ""]))
            outcomes.update(seen.outcomes)
        return {"changed": False, "outcomes": outcomes}

    def _write(self, folder: Path, seen: ClassResults, language: str) -> None:
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
