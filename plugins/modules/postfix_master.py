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
  - ansible.builtin.files
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  platform:
    support: full
    platforms: posix
    description: Target OS/families that can be operated against.
options:
  config_directory:
    description: Folder of the Postfix instance.
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
      - C(chroot), whether it runs in the folder C(queue_directory). V(-) means V(n), but V(y)
        where C(compatibility_level) is below 1.
      - These three are V(y), V(n), V(-) or a boolean.
      - C(wakeup), after how many seconds the service is woken, such as V(60); with V(60?) only once
        it has been in use; V(0) never.
      - C(maxproc), how many processes of it may run; V(0) for any number; V(-) for
        C(default_process_limit).
      - C(command), the program, in the folder C(daemon_directory). A new service needs one.
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
        C(/etc/services) does not know and a host name without an address, of which C(master) dies,
        and a program that is not in C(daemon_directory).
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
    - Whether a reload is not enough, since a changed service listens on a port that master holds
      already for another one, and a reload opens new ports before it closes old ones.
  returned: success
  type: bool
  sample: false
"""

import os
import socket
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils import _file_edit
from ansible_collections.labs.mail.plugins.module_utils import _postfix_main as postfix_main
from ansible_collections.labs.mail.plugins.module_utils import _postfix_master_edit as master_edit
from ansible_collections.labs.mail.plugins.module_utils._ansible_io import edit_file, fail
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix_master_check import (
    errors,
    warnings,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix_service import wanted_service


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
        change, result, found = edit(module, path)
    except ConfigError as error:
        fail(module, error)
    for warning in found:
        module.warn(f"{path}: {warning}")
    module.exit_json(
        changed_services=change.changed,
        reload_needed=bool(change.changed),
        restart_needed=False,
        **result,
    )


def edit(module: AnsibleModule, path: str) -> tuple[master_edit.Change, dict[str, Any], list[str]]:
    """Edit the file; return what was changed, what the module returns of it, and warnings."""
    params = module.params
    baseline = _file_edit.read(params["baseline"]) if params["baseline"] else None
    services = [wanted_service(key, asked) for key, asked in params["services"].items()]
    change = master_edit.Change(b"")
    found: list[str] = []

    def decide(before: bytes | None) -> bytes:
        nonlocal change, found
        data = before if before and before.strip() else baseline or b""
        change = master_edit.set_services(
            data, services, params["exclusive"], baseline or b"", path
        )
        entries = master_edit.parse(change.data, path)[1]
        for entry in entries:
            for error in errors(entry, path, known_port):
                raise error
        found = warnings(entries, programs(params["config_directory"]), port_number)
        return change.data

    attributes = module.load_file_common_arguments(params, path)
    result = edit_file(module, path, decide, attributes, params["backup"])
    return change, result, found


def known_port(name: str) -> bool:
    """Tell whether the machine knows the name of a TCP port."""
    try:
        return bool(socket.getservbyname(name, "tcp"))
    except OSError:
        return False


def port_number(name: str) -> str:
    """Return the number of a port that may be a name."""
    return str(socket.getservbyname(name, "tcp")) if known_port(name) else name


def programs(config_directory: str) -> frozenset[str]:
    """Return the programs that master can start; none where there is no Postfix."""
    main_cf = _file_edit.read(os.path.join(config_directory, "main.cf")) or b""
    folder = postfix_main.read(main_cf).get("daemon_directory", "/usr/lib/postfix/sbin")
    return frozenset(os.listdir(folder)) if os.path.isdir(folder) else frozenset()


if __name__ == "__main__":
    main()
