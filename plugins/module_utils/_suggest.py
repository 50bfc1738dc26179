# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Suggest the known word that a misspelt one is most like."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

AMONG_FEW = 0.6
"""How alike two words have to be, from 0 to 1, where there are some dozens of known ones."""

AMONG_MANY = 0.75
"""The same among hundreds, of which one is always a little like any word."""


def nearest(word: object, known: Iterable[str], cutoff: float = AMONG_MANY) -> str | None:
    """Return the known word that is most like this one; upper and lower case are one."""
    by_case = {name.lower(): name for name in known}
    near = difflib.get_close_matches(str(word).lower(), by_case, 1, cutoff)
    return by_case[near[0]] if near else None


def hint(word: object, known: Iterable[str], cutoff: float = AMONG_FEW) -> str:
    """Say which known word was meant or, where none is like this one, which there are."""
    known = list(known)
    near = nearest(word, known, cutoff)
    return f"did you mean {near}?" if near else f"write one of {', '.join(known)}"
