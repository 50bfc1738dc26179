# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the collection's engines."""

from __future__ import annotations


class ConfigError(Exception):
    """Something in a file or in what is asked for cannot be taken as it is.

    ``found`` says what was found, and ``instead`` what to do about it, such as ``write yes or no``;
    it is empty where that is plain. ``path``, ``line`` and ``column`` (both counted from 1) say
    where, as far as that is known.
    """

    def __init__(
        self,
        found: str,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        *,
        instead: str = "",
    ) -> None:
        super().__init__(found)
        self.found = found
        self.path = path
        self.line = line
        self.column = column
        self.instead = instead

    @property
    def message(self) -> str:
        """What was found, and what to do about it."""
        return "; ".join(filter(None, (self.found, self.instead)))

    def __str__(self) -> str:
        """Return the message behind ``path:line:column: ``, as far as these are known."""
        place = [str(part) for part in (self.path, self.line, self.column) if part is not None]
        return ": ".join([":".join(place), self.message]) if place else self.message
