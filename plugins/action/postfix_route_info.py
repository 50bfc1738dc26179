# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Believe nothing of a machine's answer but what the module documents."""

from __future__ import annotations

from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import returns_of


class ActionModule(DocumentedAction):
    """Run the module postfix_route_info."""

    returns = returns_of("postfix_route_info")
