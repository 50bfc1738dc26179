#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set parameters of Postfix's main.cf."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_main
short_description: Set parameters of Postfix's main.cf
version_added: "0.1.0"
description:
  - Gives any number of parameters their values in one edit of C(main.cf), and changes no more of
    the file than what differs. Comments, order, layout, mode, owner and symbolic links stay.
  - Values are compared as Postfix reads them, so that another spelling of the same is no change.
  - The file is edited under the lock that C(postconf) takes, and replaced in one step.
  - What Postfix's programs would not start with is refused before the file is touched. What was
    wrong before and is not for this edit to mend is a warning.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
  - ansible.builtin.files
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  config_directory:
    description: Directory of the Postfix instance.
    type: path
    default: /etc/postfix
  parameters:
    description:
      - The parameters by name. A value is a string, a number, a boolean (V(yes) or V(no) to
        Postfix), a list, whose elements are set apart by commas, or null, which takes the
        parameter out of the file so that Postfix's default holds.
      - With O(state=absent) and O(state=commented) the values are not looked at and may be null.
    type: dict
    required: true
  state:
    description:
      - V(present) gives the parameters their values.
      - V(absent) takes them out of the file.
      - V(commented) makes comments of their lines; V(present) makes the same lines entries again.
    type: str
    choices: [present, absent, commented]
    default: present
  exclusive:
    description:
      - Whether what O(parameters) does not name is taken out too, together with all that Postfix
        would stumble over; for a machine whose whole state is declared. Comments stay.
    type: bool
    default: false
  baseline:
    description:
      - File whose text C(main.cf) starts with where it is missing or empty, such as
        C(/usr/share/postfix/main.cf.debian).
    type: path
  on_duplicate:
    description:
      - What to do where the file sets one of O(parameters) more than once. Postfix reads the last.
      - V(last) leaves the others, with a warning; V(remove) takes them out; V(fail) fails.
      - With O(exclusive=true) they are taken out.
    type: str
    choices: [last, remove, fail]
    default: last
  on_unknown:
    description:
      - What to do with a name that neither C(postconf -d) lists nor the configuration refers to.
      - Where Postfix is not installed yet, neither names nor values are looked at.
    type: str
    choices: [warn, fail, ignore]
    default: warn
  backup:
    description: Whether to keep a copy of a file that changes, beside it.
    type: bool
    default: false
seealso:
  - module: labs.mail.postfix_master
  - module: labs.mail.postfix_map
"""

EXAMPLES = r"""
- name: Deliver local mail through procmail, and relay for nobody else
  labs.mail.postfix_main:
    parameters:
      mailbox_command: /usr/bin/procmail
      mydestination: [$myhostname, student1.test, localhost]
      mynetworks: [127.0.0.0/8, "[::1]/128"]
      relayhost: ""
      biff: false
      content_filter: null

- name: Declare the whole of main.cf
  labs.mail.postfix_main:
    parameters: "{{ postfix_parameters }}"
    exclusive: true
    baseline: /usr/share/postfix/main.cf.debian
    on_unknown: fail

- name: Set a second instance's name aside for now
  labs.mail.postfix_main:
    config_directory: /etc/postfix-out
    parameters:
      myhostname:
    state: commented
    backup: true
"""

RETURN = r"""
backup_file:
  description: Copy of the file as it was.
  returned: changed and O(backup=true)
  type: str
  sample: /etc/postfix/main.cf.4242.2026-11-24@10:00:00~
changed_parameters:
  description: The parameters that were not as asked.
  returned: success
  type: list
  elements: str
  sample: [mailbox_command]
reload_needed:
  description: Whether a running Postfix has something new to read.
  returned: success
  type: bool
  sample: true
restart_needed:
  description: Whether a reload is not enough, since master reads a changed parameter only when it starts.
  returned: success
  type: bool
  sample: false
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._ansible_io.file_edit import edit_file
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.reading import read_file
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import parser as main_cf
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.editor import (
    Change,
    comment_out,
    set_parameters,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.preflight import Preflight
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.request import (
    requested_value,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    read_postconf,
    unknown_names,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterTypes,
    ParameterValue,
)
from ansible_collections.labs.mail.plugins.module_utils._system import restart_notes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "config_directory": {"type": "path", "default": "/etc/postfix"},
            "parameters": {"type": "dict", "required": True},
            "state": {"choices": ["present", "absent", "commented"], "default": "present"},
            "exclusive": {"type": "bool", "default": False},
            "baseline": {"type": "path"},
            "on_duplicate": {"choices": ["last", "remove", "fail"], "default": "last"},
            "on_unknown": {"choices": ["warn", "fail", "ignore"], "default": "warn"},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    params = module.params
    if params["exclusive"] and params["state"] != "present":
        module.fail_json(
            msg="exclusive declares what there is, so that it goes with state=present only; "
            "a parameter that is not named is absent then."
        )
    path = os.path.join(params["config_directory"], "main.cf")
    try:
        change, result = edit(module, path)
    except ConfigError as error:
        fail(module, error)
    for warning in change.warnings:
        module.warn(f"{path}: {warning}")
    module.exit_json(
        changed_parameters=change.changed,
        reload_needed=change.reload_needed,
        restart_needed=change.restart_needed,
        **result,
    )


def edit(module: AnsibleModule, path: str) -> tuple[Change, dict[str, Any]]:
    """Edit the file, and return what was changed, with what the module returns of the edit."""
    params = module.params
    baseline = read_file(params["baseline"]) if params["baseline"] else None
    wanted = {
        name: requested_value(name, value if params["state"] == "present" else None)
        for name, value in params["parameters"].items()
    }
    postconf = module.get_bin_path("postconf", opt_dirs=["/usr/sbin"])
    types = ParameterTypes(read_postconf(postconf, module.run_command))

    def decide(before: bytes | None) -> Change:
        data = before if before and before.strip() else baseline or b""
        if params["state"] == "commented":
            change = comment_out(data, wanted, path)
        else:
            change = set_parameters(
                data, wanted, params["exclusive"], params["on_duplicate"], path, types
            )
        refuse_slips(module, change, wanted, types, path)
        if change.data != before:
            change.rewritten = change.rewritten or data is not before
            ask_postfix(module, change, data, path)
        if change.restart_needed and not module.check_mode:
            restart_notes.note(path)
        return change

    attributes = module.load_file_common_arguments(params, path)
    return edit_file(module, path, decide, attributes, params["backup"])


def refuse_slips(
    module: AnsibleModule,
    change: Change,
    wanted: dict[str, ParameterValue | None],
    types: ParameterTypes,
    path: str,
) -> None:
    """Raise ConfigError for a value of the wrong type; warn of unknown names, or refuse them."""
    named = {name: value for name, value in wanted.items() if value is not None}
    wrong = [types.problem(name, value) for name, value in named.items()]
    master = read_file(os.path.join(module.params["config_directory"], "master.cf")) or b""
    unknown = unknown_names(
        named, types.defaults, main_cf.read(change.data), master.decode("utf-8", "replace")
    )
    if module.params["on_unknown"] == "fail":
        wrong += unknown
    elif module.params["on_unknown"] == "warn":
        change.warnings += unknown
    said = [problem for problem in wrong if problem]
    if said:
        raise ConfigError(". ".join(said), path)


def ask_postfix(module: AnsibleModule, change: Change, before: bytes, path: str) -> None:
    """Raise ConfigError where the installed Postfix would not start, and this edit is the reason.

    What it would not start with before either, such as a file that is still to come, is a warning.
    """
    postmap = module.get_bin_path("postmap", opt_dirs=["/usr/sbin"])
    if not postmap:
        return
    postfix = Preflight(postmap, module.run_command, module.tmpdir)
    refusal = postfix.refuses(change.data, path)
    if refusal is None:
        return
    earlier = postfix.refuses(before, path)
    if earlier is None or earlier.message != refusal.message:
        raise refusal
    change.warnings.append(f"{refusal.message}; that was so before")


if __name__ == "__main__":
    main()
