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
  - Prints a table of machines and checks for each exercise that machines are at, and writes what was
    seen on the controller as JSON, as JUnit's XML and as CSV, to C(<exercise>.json),
    C(<exercise>.xml) and C(<exercise>.csv).
  - That a check did not pass is no failure of the module; M(labs.mail.exercise_outcome) makes one of
    it, for each machine.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
  - labs.mail.attributes.action
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
options:
  machines:
    description:
      - The machines of the class by name. Each has C(exercise), the name of the exercise that it
        is at, its C(checks), and either C(results), the RV(labs.mail.exercise_check#module:results)
        of the machine, or C(problem), why it could not be checked at all.
    type: dict
    required: true
  folder:
    description: Directory that the reports are written to.
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
    machines:
      student1: {exercise: smtp_server, checks: "{{ exercise_now.checks }}", results: "{{ checked.results }}"}
      student2: {exercise: smtp_server, checks: "{{ exercise_now.checks }}", problem: does not answer}
    folder: reports
  run_once: true
"""

RETURN = r"""
outcomes:
  description: >-
    How each machine's checks ended as a whole, V(passed), V(failed) or V(unchecked), by its name.
  returned: success
  type: dict
  sample: {student1: passed, student2: unchecked}
"""

# It runs on the controller: plugins/action/exercise_report.py.
