#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the checks of an exercise on a machine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exercise_check
short_description: Run the checks of an exercise on a machine
version_added: "0.1.0"
description:
  - Runs all checks of an exercise in their order, each until what it expects is seen, the mail log
    tells that it will not come, or its time is over. A check that needs one that did not pass is
    skipped.
  - Each check's messages bear a word of their own, so that neither older messages nor those of
    another machine are taken for them. They are removed at the end from the machine's mailboxes
    and queues, and from the world's.
  - That a check does not pass is no failure of the module; RV(results[].outcome) tells.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
options:
  checks:
    description: The checks, as C(exercise_now.checks) of the lookup P(labs.mail.exercise#lookup) has them.
    type: list
    elements: dict
    required: true
  world:
    description: Address of the host that writes to the machine from outside; without it, checks that need it cannot be run.
    type: str
  world_port:
    description: The port at which that host answers checks.
    type: int
    default: 4025
  password:
    description: Password of the machine's accounts, for checks that log in.
    type: str
    default: ""
  passwords:
    description: Passwords of single accounts by their names, instead of O(password).
    type: dict
    default: {}
  word:
    description:
      - What the messages of all checks bear, 16 hexadecimal digits that nobody else knows. When empty,
        a word is made up.
    type: str
    default: ""
  world_key:
    description:
      - Key that the controller shares with O(world), as the role P(labs.mail.check_server#role) has it.
        It stays on the controller.
      - With it, a check that the world alone answers is V(seen) in RV(results[].vouched_by), and one
        that passed without the world's word for it makes the whole answer one that is not believed.
    type: str
    default: ""
  address:
    description: Address of the machine, as O(world) sees it; required with O(world_key).
    type: str
    default: ""
  log:
    description: The mail log.
    type: path
    default: /var/log/mail.log
"""

EXAMPLES = r"""
- name: See how far the machine is
  labs.mail.exercise_check:
    checks: "{{ exercise_now.checks }}"
    world: "{{ hostvars.world.machine_address }}"
    password: "{{ accounts_password }}"
  register: checked
"""

RETURN = r"""
results:
  description: The outcome of each check, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The check.
      type: str
    title:
      description: What it is about, by language.
      type: dict
    outcome:
      description: >-
        V(passed); V(failed); V(skipped), since a check that it needs did not pass; or
        V(unchecked), where it could not be looked at.
      type: str
    tried:
      description: What was done in its last step, by language.
      type: dict
    expected:
      description: What that was to show, by language.
      type: dict
    seen:
      description: What was seen last, by language; a system's own words are the same in each.
      type: dict
    seconds:
      description: How long it took.
      type: float
    vouched_by:
      description: >-
        Who vouches for it, which the controller sets. V(verified) - it had the machine run the checks,
        and held the answer against them; whoever is root on the machine can still forge what it saw.
        V(seen) - the world saw it from outside, and has sealed what it saw.
      type: str
    seals:
      description: The world's seals of the steps that it answered; they stay on the controller.
      type: list
      elements: str
  sample:
    - name: greets
      title: {en: Postfix answers, fr: Postfix répond}
      outcome: failed
      tried: {en: Connect to port 25, fr: Se connecter au port 25}
      expected: {en: open, fr: ouvert}
      seen: {en: nothing listens there, fr: personne n'y écoute}
      seconds: 1.0
      vouched_by: verified
"""

from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._checks.check_schema import read_checks
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.runner import (
    check_machine,
    new_word,
)
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "checks": {"type": "list", "elements": "dict", "required": True},
            "world": {"type": "str"},
            "world_port": {"type": "int", "default": 4025},
            "password": {"type": "str", "default": "", "no_log": True},
            "passwords": {"type": "dict", "default": {}, "no_log": True},
            "word": {"type": "str", "default": ""},
            "world_key": {"type": "str", "default": "", "no_log": True},
            "address": {"type": "str", "default": ""},
            "log": {"type": "path", "default": "/var/log/mail.log"},
        },
    )
    params = module.params
    world = (params["world"], params["world_port"]) if params["world"] else None
    context = CheckContext(
        params["word"] or new_word(),
        world,
        params["password"],
        params["log"],
        passwords=params["passwords"],
    )
    try:
        checks = read_checks(params["checks"])
    except ConfigError as error:
        fail(module, error)
    results = [asdict(result) for result in check_machine(checks, context)]
    module.exit_json(changed=False, results=results)


if __name__ == "__main__":
    main()
