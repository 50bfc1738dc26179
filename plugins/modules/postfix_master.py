#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set services of Postfix's master.cf."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_master
short_description: Set services of Postfix's master.cf
version_added: "0.1.0"
description:
  - Brings any number of services to what is asked in one edit of C(master.cf), and changes no more
    of the file than the word or the C(-o) line that differs. Comments, order, layout, mode, owner
    and symbolic links stay.
  - Services are compared as Postfix reads them, so that another spelling of the same is no change.
  - The result is checked as C(master) itself reads it, which is stricter than C(postconf) and
    C(postfix check). What would stop C(master) is refused, with line and column.
  - The file is edited under the lock that C(postconf) takes, and replaced in one step.
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
  services:
    description:
      - The services by name and type, as C(postconf -M) spells them, such as V(smtp/inet),
        V(127.0.0.1:2626/inet), V([::1]:smtp/inet) or V(procmail/unix). Null takes a service out of
        the file.
      - What a service is to be is a mapping of the keys below. A key that is not given is left as
        it is; in a new service it is V(-), the default, and V(n) for the C(private) of C(inet).
      - C(state) is V(present) (the default), V(absent), or V(commented), which makes comments of the
        lines of the service. V(present) makes an entry of a commented one, in its place.
      - C(private), whether only Postfix itself can reach the service. V(n) for C(inet), always.
      - C(unpriv), whether it runs as C(mail_owner) and not as root.
      - C(chroot), whether it runs in the directory C(queue_directory). V(-) means V(n), but V(y)
        where C(compatibility_level) is below 1.
      - These three are V(y), V(n), V(-) or a boolean.
      - C(wakeup), after how many seconds the service is woken, such as V(60); with V(60?) only once
        it has been in use; V(0) never.
      - C(maxproc), how many processes of it may run; V(0) for any number; V(-) for
        C(default_process_limit).
      - C(command), the program, in the directory C(daemon_directory). A new service needs one.
      - C(options), parameters of C(main.cf) that have another value in this service, as a mapping;
        they become C(-o name=value). Values are those of M(labs.mail.postfix_main). Null takes an
        option away.
      - C(options_mode) is V(merge) (the default), which leaves other options as they are, or
        V(exact), which takes them away.
      - C(args), all other words after the command, as a list or as a text that is cut at white
        space. Options such as V(-v) are among them.
      - C(attributes), the words C(name=value) of C(pipe) and C(spawn) as a mapping, such as
        C(user), C(flags) and C(argv). C(argv) is a list, or a text that is cut at white space.
        Others are left as they are; null takes one away. It excludes C(args).
    type: dict
    required: true
  exclusive:
    description:
      - Whether what O(services) does not name becomes as in O(baseline), or goes where it is not in
        there, together with all that C(master) would stumble over; for a machine whose whole state
        is declared. Comments stay.
      - The keys of a service that are not given are those of the baseline too, or V(-).
    type: bool
    default: false
  baseline:
    description:
      - File with the services that there are with O(exclusive=true) beside those of O(services),
        such as C(/usr/share/postfix/master.cf.dist) on Debian, which the package's own C(master.cf)
        is a copy of.
      - C(master.cf) starts with its text where it is missing or empty, with O(exclusive=false) too.
    type: path
  on_problem:
    description:
      - What to do where the machine lacks what a service needs. These are a port that
        C(/etc/services) does not know and a host that is no address of the machine, of which
        C(master) dies, and a program that is not in C(daemon_directory).
      - What is wrong on any machine is always refused.
    type: str
    choices: [fail, warn]
    default: fail
  backup:
    description: Whether to keep a copy of a file that changes, beside it.
    type: bool
    default: false
seealso:
  - module: labs.mail.postfix_main
  - module: labs.mail.postfix_map
"""

EXAMPLES = r"""
- name: Send mail through a content filter on port 2525, and take it back on port 2626
  labs.mail.postfix_master:
    services:
      scan/unix:
        chroot: false
        maxproc: 16
        command: smtp
        options:
          smtp_send_xforward_command: true
      127.0.0.1:2626/inet:
        chroot: false
        maxproc: 16
        command: smtpd
        options:
          content_filter: ""
          mynetworks: [127.0.0.0/8]
          smtpd_recipient_restrictions: [permit_mynetworks, reject]

- name: Hand mail to a script
  labs.mail.postfix_master:
    services:
      ticket/unix:
        unpriv: false
        chroot: false
        command: pipe
        attributes:
          flags: Rq
          user: nobody
          argv: [/usr/local/bin/ticket, "${sender}", "${recipient}"]

- name: Offer submission, as the file's own commented entry has it, and no SMTP on port 25
  labs.mail.postfix_master:
    services:
      submission/inet:
        options:
          syslog_name: postfix/submission
          smtpd_tls_security_level: encrypt
      smtp/inet:
        state: commented

- name: Declare the whole of master.cf
  labs.mail.postfix_master:
    services: "{{ postfix_services }}"
    exclusive: true
    baseline: /usr/share/postfix/master.cf.dist
"""

RETURN = r"""
backup_file:
  description: Copy of the file as it was.
  returned: changed and O(backup=true)
  type: str
  sample: /etc/postfix/master.cf.4242.2026-11-24@10:00:00~
changed_services:
  description: The services that were not as asked.
  returned: success
  type: list
  elements: str
  sample: [smtp/inet]
reload_needed:
  description: Whether a running Postfix has something new to read.
  returned: success
  type: bool
  sample: true
restart_needed:
  description:
    - Whether a reload is not enough. It always is; this is here so that a handler can treat the
      modules alike.
  returned: success
  type: bool
  sample: false
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._ansible_io.file_edit import (
    Content,
    edit_file,
)
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.reading import read_file
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import (
    parser as postfix_main,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import (
    Machine,
    collisions,
    needs,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.editor import (
    Change,
    set_services,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.host import this_machine
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import parse
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import (
    ServiceRequest,
    requested_service,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    read_postconf,
    unknown_names,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import ParameterTypes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "config_directory": {"type": "path", "default": "/etc/postfix"},
            "services": {"type": "dict", "required": True},
            "exclusive": {"type": "bool", "default": False},
            "baseline": {"type": "path"},
            "on_problem": {"choices": ["fail", "warn"], "default": "fail"},
            "backup": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    path = os.path.join(module.params["config_directory"], "master.cf")
    try:
        change, result = edit(module, path)
    except ConfigError as error:
        fail(module, error)
    for warning in change.warnings:
        module.warn(f"{path}: {warning}")
    module.exit_json(
        changed_services=change.changed,
        reload_needed=change.reload_needed,
        restart_needed=False,
        **result,
    )


def edit(module: AnsibleModule, path: str) -> tuple[Change, dict[str, Any]]:
    """Edit the file, and return what was changed, with what the module returns of the edit."""
    params = module.params
    services = [requested_service(key, asked) for key, asked in params["services"].items()]
    baseline = read_baseline(module)
    main_cf = read_file(os.path.join(params["config_directory"], "main.cf")) or b""
    values = postfix_main.read(main_cf, os.path.join(params["config_directory"], "main.cf"))
    postconf = module.get_bin_path("postconf", opt_dirs=["/usr/sbin"])
    defaults = read_postconf(postconf, module.run_command)
    classes = values.get("smtpd_restriction_classes", "").encode("utf-8", "surrogateescape")
    types = ParameterTypes(defaults, classes)
    machine = this_machine({**defaults, **values})
    refuse_wrong_values(services, types)
    attributes = module.load_file_common_arguments(params, path)
    if baseline is None and not services:
        # The package will bring the file just as it is asked for.
        return Change(b""), edit_file(module, path, Content, attributes, params["backup"])[1]

    def decide(before: bytes | None) -> Change:
        change = set_services(
            before or b"", services, params["exclusive"], baseline or b"", path, types
        )
        check(module, change, path, machine)
        change.warnings += unknown_options(services, defaults, values, change.data)
        return change

    return edit_file(module, path, decide, attributes, params["backup"])


def read_baseline(module: AnsibleModule) -> bytes | None:
    """Return the file that is laid under what is asked; empty where none is given.

    None stands for the one that is yet to come, in the check of a machine without Postfix.
    """
    path = module.params["baseline"]
    data = read_file(path) if path else b""
    if data is None:
        if not module.check_mode or os.path.isdir(module.params["config_directory"]):
            raise ConfigError("the baseline does not exist", path, instead="install Postfix first")
        return None
    parse(data, path)
    return data


def check(module: AnsibleModule, change: Change, path: str, machine: Machine) -> None:
    """Refuse, or warn of, what this machine lacks; warn of services in each other's way."""
    entries = parse(change.data, path)[1]
    for entry in entries:
        asked = entry.key in module.params["services"]
        for error in needs(entry, machine, None if asked else path):
            if module.params["on_problem"] == "fail":
                raise error
            change.warnings.append(error.message)
    change.warnings += collisions(entries, machine.port)


def refuse_wrong_values(services: list[ServiceRequest], types: ParameterTypes) -> None:
    """Raise ConfigError for the value of an option of which the service's program would die."""
    for service in services:
        for name, value in service.options.items():
            problem = types.problem(name, value) if value is not None else None
            if problem:
                raise ConfigError(f"{service.key}: -o {problem}")


def unknown_options(
    services: list[ServiceRequest], defaults: dict[str, str], values: dict[str, str], data: bytes
) -> list[str]:
    """Return a sentence for each option asked for that is no parameter."""
    return [
        f"{service.key}: {sentence}"
        for service in services
        for sentence in unknown_names(
            service.options, defaults, values, data.decode("utf-8", "replace")
        )
    ]


if __name__ == "__main__":
    main()
