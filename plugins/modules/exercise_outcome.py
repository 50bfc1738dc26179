#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End a machine's run as its checks ended."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exercise_outcome
short_description: End a machine's run as its checks ended
version_added: "0.1.0"
description:
  - Fails for a machine where a check did not pass. Where something could not be checked it says
    unreachable instead, so that C(ansible-playbook) ends with 2 for what is wrong and 4 for what is
    not known, and counts each on the machine that it is about.
author:
  - Mail Lab developers (@labs-mail)
attributes:
  action:
    support: full
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
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
options:
  outcome:
    description: How the machine's checks ended, as RV(labs.mail.exercise_report#module:outcomes) tells.
    type: str
    choices: [passed, failed, unchecked]
    required: true
"""

EXAMPLES = r"""
- name: Count machines with a check that did not pass as failed
  labs.mail.exercise_outcome:
    outcome: "{{ reported.outcomes[inventory_hostname] }}"
"""

RETURN = r"""
msg:
  description: Whether all checks passed.
  returned: always
  type: str
  sample: All checks passed.
"""

# It runs on the controller: plugins/action/exercise_outcome.py.
