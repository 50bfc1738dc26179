# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Number accounts by their names."""

from __future__ import annotations

DOCUMENTATION = r"""
name: account_uids
short_description: Number accounts by their names
version_added: "0.1.0"
description:
  - Returns the number (UID) of each account, by its name. Where an account names none, its number
    follows from its name, so that an account that is deleted and created again is the same one, and
    its home is its own.
author:
  - Mail Lab developers (@labs-mail)
positional: _input
options:
  _input:
    description: The accounts by name, as the role accounts takes them; each may have C(uid).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the numbers of two accounts
  ansible.builtin.debug:
    msg: "{{ {'tech': {}, 'prof': {'uid': 1001}} | labs.mail.account_uids }}"
"""

RETURN = r"""
_value:
  description: The numbers by the names of the accounts.
  type: dict
  sample: {tech: 33166, prof: 1001}
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

FIRST = 20_000
"""Above what Debian gives accounts by itself (login.defs(5))."""

COUNT = 39_000
"""So many numbers stay below UID_MAX."""


def account_uids(accounts: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of each account."""
    if not isinstance(accounts, Mapping):
        raise AnsibleFilterError(f"accounts are {accounts!r}; write a mapping by their names")
    found: dict[str, int] = {}
    for name, account in accounts.items():
        uid = (account or {}).get("uid")
        if uid is None:
            digest = hashlib.sha256(str(name).encode()).digest()
            uid = FIRST + int.from_bytes(digest[:4], "big") % COUNT
        same = next((other for other, number in found.items() if number == uid), None)
        if same is not None:
            raise AnsibleFilterError(
                f"the accounts {same} and {name} have the same number {uid}; give one another uid"
            )
        found[str(name)] = uid
    return found


class FilterModule:
    """The filter plugin."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"account_uids": account_uids}
