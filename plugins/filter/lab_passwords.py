# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Derive the passwords of a machine's accounts from the secret of a lab."""

from __future__ import annotations

DOCUMENTATION = r"""
name: lab_passwords
short_description: Derive the passwords of a machine's accounts from the secret of a lab
version_added: "0.1.0"
description:
  - Returns a password for each account, by HMAC-SHA256 of the names of machine and account, so that
    who knows one knows nothing of another.
author:
  - Mail Lab developers (@labs-mail)
positional: secret, machine
options:
  _input:
    description: The accounts.
    type: list
    elements: str
    required: true
  secret:
    description: The secret of the lab, which stays on the controller.
    type: str
    required: true
  machine:
    description: Name of the machine.
    type: str
    required: true
  words:
    description:
      - Whether a password is three words that can be read aloud, such as V(lusab-babad-gutih), for
        who types it from a card.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Create the accounts
  ansible.builtin.include_role:
    name: labs.mail.accounts
  vars:
    accounts_passwords: "{{ accounts | labs.mail.lab_passwords(secret, inventory_hostname) }}"
    accounts: [tech, prof]
    secret: "{{ lookup('ansible.builtin.file', 'secret') }}"
"""

RETURN = r"""
_value:
  description: The passwords by the names of the accounts.
  type: dict
"""

from collections.abc import Iterable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.plugin_utils import _lab_passwords


def lab_passwords(
    accounts: Iterable[str], secret: str, machine: str, words: bool = False
) -> dict[str, str]:
    """Return the passwords of accounts by their names."""
    try:
        return _lab_passwords.lab_passwords(secret, machine, accounts, words)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"lab_passwords": lab_passwords}
