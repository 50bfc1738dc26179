#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a lab's machines as unprivileged containers of Incus or LXD."""

from __future__ import annotations

DOCUMENTATION = r"""
module: incus_machines
short_description: Run a lab's machines as unprivileged containers of Incus or LXD
version_added: "0.1.0"
description:
  - Creates and starts system containers of Incus 6.0 and later, or of LXD 5.0, with systemd and
    sshd, on a network of their own, or removes all that a lab has on the engine.
  - Each container has a range of user IDs of its own, so that a machine's root is nobody on the
    host. None can take another's address.
  - A machine that exists is started where it is stopped and otherwise left alone. It is
    never replaced, since a student's work is in it.
  - The lab is a restricted project of the engine, which bears its name.
  - Where the engine is a member of a cluster, new machines are spread over all members that are
    online, each on the one with the fewest machines; one that exists stays where it is. Of machines
    whose host does not answer nothing can be known or done. They are returned as RV(unreachable),
    and the others go on.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
  - labs.mail.machines
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
notes:
  - A machine's root has every capability over its own machine and none over the host, whatever
    O(machines[].capabilities) says.
options:
  engine:
    description: Which engine's socket on this computer is meant, where O(endpoint) names none.
    type: str
    choices: [incus, lxd]
    default: incus
  endpoint:
    description:
      - Path of the engine's socket, or its URL, such as V(https://192.0.2.1:8443).
      - By default the socket that E(INCUS_SOCKET) or E(INCUS_DIR) names, for LXD E(LXD_SOCKET) or
        E(LXD_DIR), and otherwise that of the distribution's package.
    type: str
    default: ""
  hosts:
    description:
      - Hosts of Incus that are reached over SSH, by keys, as root or as a member of the group
        C(incus-admin), such as V(root@192.0.2.1) or V(host1:2222). The first one whose engine
        answers is asked for all of them, over its socket.
      - They are taken instead of O(engine) and O(endpoint). The role P(labs.mail.incus_host#role)
        makes them a cluster.
    type: list
    elements: str
    default: []
  link:
    description:
      - Interface of each host of a cluster by which the lab's machines reach those on the others,
        which the role P(labs.mail.incus_host#role) makes. Each lab needs one of its own.
    type: str
    default: labs-mail1
  given_up:
    description:
      - Members of the cluster that do not answer and are given up. Where machines are to be created
        or removed, they are taken out of the cluster, and their machines are created on others.
        What was done on these is lost. A member that answers is never taken out.
    type: list
    elements: str
    default: []
  client_certificate:
    description: File of the certificate by which the engine at a URL knows its client.
    type: path
  client_key:
    description: File of its key.
    type: path
  server_certificate:
    description: File of the certificate by which the engine at a URL is known.
    type: path
  pool:
    description: Storage pool of the machines. Snapshots take no time with the driver btrfs or zfs.
    type: str
    default: labs-mail
  uplink:
    description:
      - Address of the engine's host on a network of its own by which machines with
        O(machines[].outside) reach the Internet, such as V(172.31.254.1/29). Required where there
        are any.
    type: str
    default: ""
  mirrors:
    description:
      - Names or addresses of the servers of which such machines may ask the web, and nothing
        else. Names are resolved whenever the module runs. By default all that is public.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Run two machines
  labs.mail.incus_machines:
    lab: maillab
    subnet: 172.30.177.0/24
    machines:
      - {name: maillab-student1, image: "maillab/machine:12", release: "12", address: 172.30.177.11}
      - {name: maillab-student2, image: "maillab/machine:12", release: "12", address: 172.30.177.12}

- name: Recreate a machine, from a snapshot of its state where there is one
  labs.mail.incus_machines:
    lab: maillab
    state: recreated
    subnet: 172.30.177.0/24
    machines:
      - name: maillab-student1
        image: maillab/machine:12
        release: "12"
        address: 172.30.177.11
        state_image: "maillab/state:maillab-student1.queues.start-{{ query('labs.mail.state_key') | first }}"

- name: Run machines on three hosts, which the role incus_host has made a cluster
  labs.mail.incus_machines:
    hosts: [root@192.0.2.1, root@192.0.2.2, root@192.0.2.3]
    lab: maillab
    subnet: 172.30.177.0/24
    machines:
      - {name: maillab-student1, image: "maillab/machine:12", release: "12", address: 172.30.177.11}
      - {name: maillab-student2, image: "maillab/machine:12", release: "12", address: 172.30.177.12}

- name: Remove all of the lab
  labs.mail.incus_machines:
    lab: maillab
    state: absent
"""

RETURN = r"""
created:
  description: Names of the machines that were created.
  returned: success
  type: list
  elements: str
  sample: [maillab-student1]
started:
  description: Names of the machines that existed and were started.
  returned: success
  type: list
  elements: str
published:
  description: Names of the machines that existed and publish other ports now.
  returned: with O(state=present)
  type: list
  elements: str
stopped:
  description: Names of the machines that ran and were stopped.
  returned: with O(state=stopped)
  type: list
  elements: str
unreachable:
  description: Names of the machines that were named and whose host does not answer.
  returned: with O(state=present), O(state=recreated) and O(state=snapshotted)
  type: list
  elements: str
places:
  description: The member of the cluster that each machine of the lab is on, by the machine's name.
  returned: success, where the engine is a member of a cluster
  type: dict
  sample: {maillab-student1: host1, maillab-student2: host2}
removed:
  description: Names of the machines that were removed.
  returned: success
  type: list
  elements: str
in_state:
  description: Names of the machines that were brought back to a snapshot of their states.
  returned: with O(state=recreated)
  type: list
  elements: str
snapshotted:
  description: The states of which snapshots were made.
  returned: with O(state=snapshotted) and O(state=templated)
  type: list
  elements: str
"""

import contextlib

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._incus import recreate, tunnel
from ansible_collections.labs.mail.plugins.module_utils._incus.api import Endpoint, socket_of
from ansible_collections.labs.mail.plugins.module_utils._incus.definition import LINK, Place
from ansible_collections.labs.mail.plugins.module_utils._incus.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._provider.arguments import (
    ARGUMENTS,
    REQUIRED_IF,
)
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.limits import Limits
from ansible_collections.labs.mail.plugins.module_utils._provider.states import reach


def engine_of(params: dict, endpoint: Endpoint) -> Engine:
    """Return the engine that the options name. Raises ConfigError, EngineError."""
    return Engine(
        endpoint,
        params["lab"],
        Place(
            params["subnet"] or "",
            params["uplink"],
            params["internal"],
            params["pool"],
            params["link"],
        ),
        Limits(**params["limits"]),
        params["mirrors"],
        is_here=not params["hosts"],
        given_up=params["given_up"],
    )


def endpoint_of(params: dict, until: contextlib.ExitStack) -> Endpoint:
    """Return where the engine is asked, as long as ``until``. Raises ConfigError, EngineError."""
    if any(machine["outside"] for machine in params["machines"]) and not params["uplink"]:
        raise ConfigError(
            "a machine has outside: true; write an address such as 172.31.254.1/29", "uplink"
        )
    if params["hosts"]:
        return Endpoint(until.enter_context(tunnel.opened(params["hosts"])))
    return Endpoint(
        params["endpoint"] or socket_of(params["engine"]),
        params["client_certificate"] or "",
        params["client_key"] or "",
        params["server_certificate"] or "",
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **ARGUMENTS,
            "engine": {"type": "str", "choices": ["incus", "lxd"], "default": "incus"},
            "endpoint": {"type": "str", "default": ""},
            "hosts": {"type": "list", "elements": "str", "default": []},
            "link": {"type": "str", "default": LINK},
            "given_up": {"type": "list", "elements": "str", "default": []},
            "client_certificate": {"type": "path"},
            "client_key": {"type": "path", "no_log": False},
            "server_certificate": {"type": "path"},
            "pool": {"type": "str", "default": "labs-mail"},
            "uplink": {"type": "str", "default": ""},
            "mirrors": {"type": "list", "elements": "str"},
        },
        required_if=REQUIRED_IF,
        supports_check_mode=True,
    )
    params = module.params
    try:
        with contextlib.ExitStack() as until:
            engine = engine_of(params, endpoint_of(params, until))
            result = reach(params, engine, recreate, check_mode=module.check_mode, warn=module.warn)
            places = {"places": engine.places()} if engine.members else {}
    except (ConfigError, EngineError) as error:
        module.fail_json(msg=str(error))
    for name in result.get("unreachable", []):
        module.warn(f"The host of {name} does not answer: nothing can be known of it, or done")
    module.exit_json(**result, **places)


if __name__ == "__main__":
    main()
