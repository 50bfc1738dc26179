# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an index differs from the text of its table."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Difference:
    """Records, as ``postmap -s`` prints them, that only the index has, and that only it lacks."""

    extra: list[bytes] = field(default_factory=list)
    lacking: list[bytes] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Tell whether the index differs from its text."""
        return bool(self.extra or self.lacking)
