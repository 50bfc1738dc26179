# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End a module with what an engine found wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def fail(module: AnsibleModule, error: ConfigError, **result: Any) -> NoReturn:
    """End the module with what an engine found wrong, where, and what to do about it."""
    parts = ("path", "line", "column", "instead")
    result.update((part, getattr(error, part)) for part in parts if getattr(error, part))
    module.fail_json(msg=str(error), **result)
    raise SystemExit  # fail_json never returns, which its missing types do not say
