#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give homes to the accounts that have them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: homes
short_description: Give homes to the accounts that have them
version_added: "0.1.0"
description:
  - An account that is made anew often has another number than before. This gives it the home that
    is still there, with the files in it that belonged to whoever had the home.
  - Only homes in C(/home) are looked at, and only of accounts that there are.
author:
  - Mail Lab developers (@labs-mail)
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    support: none
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  platform:
    support: full
    platforms: posix
    description: Target OS/families that can be operated against.
options: {}
"""

EXAMPLES = r"""
- name: Give accounts that were made anew their homes
  labs.mail.homes:
"""

RETURN = r"""
given:
  description: The homes that belonged to somebody else.
  returned: success
  type: list
  elements: str
  sample: [/home/prof]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._machine.homes import (
    give,
    owners,
    strange_homes,
)


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    accounts = owners()
    wrong = strange_homes(accounts)
    if not module.check_mode:
        for home in wrong:
            give(home, *accounts[home])
    module.exit_json(changed=bool(wrong), given=wrong)


if __name__ == "__main__":
    main()
