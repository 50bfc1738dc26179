#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the reports of a class's checks."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exercise_report
short_description: Write the reports of a class's checks
version_added: "0.1.0"
description:
  - Prints a table of machines and checks, and writes what was seen on the controller as JSON, as
    JUnit's XML and as CSV, to C(<exercise>.json), C(<exercise>.xml) and C(<exercise>.csv).
  - Fails where a check did not pass. Where something could not be checked it says unreachable
    instead, so that C(ansible-playbook) ends with 2 for what is wrong and 4 for what is not known.
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
  exercise:
    description: Name of the exercise.
    type: str
    required: true
  checks:
    description: Its checks.
    type: list
    elements: dict
    required: true
  results:
    description: The RV(labs.mail.exercise_check#module:results) of each machine, by its name.
    type: dict
    required: true
  problems:
    description: Why a machine could not be checked at all, by its name.
    type: dict
    default: {}
  folder:
    description: Folder that the reports are written to.
    type: path
    required: true
  language:
    description: Language of the table and of what JUnit's XML says.
    type: str
    choices: [fr, en]
    default: fr
"""

EXAMPLES = r"""
- name: Write the reports
  labs.mail.exercise_report:
    exercise: smtp_server
    checks: "{{ exercise_now.checks }}"
    results: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, ['checked', 'results']))) }}"
    folder: reports
  run_once: true
"""

RETURN = r"""
msg:
  description: Whether all checks passed.
  returned: always
  type: str
  sample: All checks passed.
"""

# It runs on the controller: plugins/action/exercise_report.py.
