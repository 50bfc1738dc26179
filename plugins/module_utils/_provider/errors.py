# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine that runs machines does not do."""

from __future__ import annotations


class EngineError(Exception):
    """The engine does not answer or refused; the text says what to do."""
