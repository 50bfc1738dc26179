# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep the digest of a machine's baseline where nobody on the machine can change it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import returns_of

DIGEST = re.compile(r"[0-9a-f]{64}")


class ActionModule(DocumentedAction):
    """Run the module machine_baseline, and hold the machine's baseline against its record."""

    returns = returns_of("machine_baseline")

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict:
        """Return the module's result, with a warning where the baseline was altered."""
        given = dict(self._task.args)
        host = str((task_vars or {}).get("inventory_hostname", ""))
        record = Path(given.pop("record", None) or "/nonexistent", host.replace("/", "_"))
        keeps = record.parent != Path("/nonexistent")
        anew = boolean(given.pop("anew", False), strict=False)
        known = "" if anew or not keeps else _read(record)
        given.update(digest=known)
        self._task.args = given
        result = super().run(tmp, task_vars)
        if keeps and not self._task.check_mode and not result.get("failed"):
            found = str(result.get("digest") or "")
            if anew:
                record.unlink(missing_ok=True)
            if not known and DIGEST.fullmatch(found):
                record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                record.write_text(f"{found}\n")
        if result.get("outcome") == "altered":
            result.setdefault("warnings", []).append(
                f"{host}: what was saved of this machine before the lab was changed or deleted "
                "since by whoever is root on it, so it cannot be reset by converging: recreate it "
                f"(./lab reset {host} --by recreate). If it was installed again meanwhile, remove "
                f"{record}."
            )
        return result


def _read(record: Path) -> str:
    """Return the digest that was kept of a machine, empty where none was."""
    try:
        return record.read_text().strip()
    except FileNotFoundError:
        return ""
