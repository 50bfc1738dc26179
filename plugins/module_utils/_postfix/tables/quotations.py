# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages about tables of secrets, without what they quote of these."""

from __future__ import annotations

import re

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

MASK = "********"

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\{.*\}""", re.S)


def without_quotations(text: str, keys: frozenset[str] = frozenset()) -> str:
    """Return a message without what stands in it between quotes or braces, save these keys."""
    return _QUOTED.sub(lambda match: match[0] if match[0][1:-1] in keys else MASK, text)


def hide_quotations(error: ConfigError, keys: frozenset[str] = frozenset()) -> None:
    """Take out of an error what it quotes, which may be a secret."""
    error.found = without_quotations(error.found, keys)
    error.instead = without_quotations(error.instead, keys)
    error.args = (error.found,)
