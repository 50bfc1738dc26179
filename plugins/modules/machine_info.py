#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return the state of a machine, and a digest of it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: machine_info
short_description: Return the state of a machine, and a digest of it
version_added: "0.1.0"
description:
  - Looks at packages, files with their modes, owners and contents, the records of lookup tables,
    accounts and the owners of their homes, units, the ports that are served, processes that no unit
    started or that are stopped, mail queues, mailboxes and the network.
  - A machine that was provisioned afresh and one that was reset have the same digest. What is in
    F(/home), F(/root) and F(/tmp), logs, and what differs from one installation to the next, such as
    keys and the numbers of accounts, is not in it.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  platform:
    support: full
    platforms: debian
options:
  details:
    description: Whether to return RV(state), which is large.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Compute the digest of the machine's state
  labs.mail.machine_info:
  register: machine_now

- name: Show it
  ansible.builtin.debug:
    var: machine_now.digest
"""

RETURN = r"""
digest:
  description: SHA-256 digest of all parts.
  returned: success
  type: str
  sample: 7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a
parts:
  description: The digest of each part, by its name.
  returned: success
  type: dict
state:
  description: What was seen, part by part.
  returned: with O(details=true)
  type: dict
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._machine.digest import digest_of, parts
from ansible_collections.labs.mail.plugins.module_utils._system.processes import processes
from ansible_collections.labs.mail.plugins.module_utils._system.runtime import runner


def main() -> None:
    module = AnsibleModule(
        argument_spec={"details": {"type": "bool", "default": False}}, supports_check_mode=True
    )
    state = parts(runner(module), processes(), os.getpid())
    digests = {name: digest_of(part) for name, part in state.items()}
    details = {"state": state} if module.params["details"] else {}
    module.exit_json(changed=False, digest=digest_of(digests), parts=digests, **details)


if __name__ == "__main__":
    main()
