#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a lab's machines as containers of a Docker engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_machines
short_description: Run a lab's machines as containers of a Docker engine
version_added: "0.1.0"
description:
  - Creates and starts containers that behave like machines, with systemd as process 1 and
    sshd, on a network of their own, or removes all that a lab has on the engine.
  - A machine that exists is started where it is stopped and otherwise left alone. It is
    never replaced, since a student's work is in it.
author:
  - Mail Lab developers (@labs-mail)
requirements:
  - docker (the Docker SDK for Python), on the host that runs the module
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  lab:
    description:
      - Name of the lab. Its network and its containers bear it as a label, and only what
        bears it is ever touched.
    type: str
    required: true
  state:
    description:
      - With V(present) the network and the O(machines) exist and run.
      - With V(recreated) the O(machines) are created again, from their O(machines[].state_image)
        where there is one. F(/home) is carried over, but for the mail in it.
      - With V(snapshotted) an image O(machines[].state_image) is made of each of the O(machines) as
        it is.
      - With V(stopped) none of the lab's machines runs; V(present) starts them again as they were.
      - With V(absent) nothing of the lab is left on the engine.
    type: str
    choices: [present, recreated, snapshotted, stopped, absent]
    default: present
  subnet:
    description:
      - IPv4 network of the lab, such as V(172.30.177.0/24). Required with O(state=present) and
        O(state=recreated).
    type: str
  internal:
    description:
      - Whether the engine keeps the network from reaching anything else. Only machines
        with O(machines[].outside) then have a way out.
    type: bool
    default: true
  machines:
    description: The machines that must run.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the container.
        type: str
        required: true
      image:
        description: Image that it is made from.
        type: str
        required: true
      release:
        description: Debian release of the image, such as V(12).
        type: str
        required: true
      address:
        description: Its IPv4 address on the lab's network.
        type: str
        required: true
      outside:
        description: Whether it is on the engine's default network too, and so reaches the Internet.
        type: bool
        default: false
      state_image:
        description:
          - Image of the machine in a state, whose name ends with C(-) and a digest of all that
            makes the state. It is taken only where it was made from the same O(machines[].image).
        type: str
        default: ""
      files:
        description: Files that this machine alone is born with, as O(files) has them.
        type: dict
        default: {}
      capabilities:
        description:
          - Capabilities of Linux, such as V(NET_ADMIN), that the machine keeps. By default its root
            may neither mount nor change the network, create device nodes or send raw packets.
        type: list
        elements: str
        default: []
      open_ports:
        description: Ports at which the other machines reach this one, beside O(open_ports).
        type: list
        elements: str
        default: []
      hostname:
        description:
          - Host name of the machine, O(machines[].name) when it is empty. Who is root there cannot
            change it without the capability V(SYS_ADMIN).
        type: str
        default: ""
  open_ports:
    description: Ports, such as V(25) or V(53/udp), at which machines reach each other, with O(walls).
    type: list
    elements: str
    default: ["25", "80", "110", "143", "465", "587", "993", "995"]
  walls:
    description:
      - Whether the machines of the lab reach nothing but each other at O(open_ports) and
        O(machines[].open_ports), and nothing of the host by any of its addresses. Rules of
        iptables(8) on the host see to this; they are root's to make, and go with O(state=absent).
      - Where they cannot be made, the module warns.
    type: bool
    default: false
  limits:
    description: What a machine that is created may take of the host.
    type: dict
    default: {}
    suboptions:
      memory:
        description: Memory, such as V(2g); when empty, all that there is.
        type: str
        default: 2g
      processes:
        description: Processes and threads; V(0) is no limit.
        type: int
        default: 1024
      file:
        description: Size of the largest file, such as V(4g); when empty, there is no limit.
        type: str
        default: 4g
      disk:
        description:
          - All that the machine writes, such as V(20g), where the engine's storage driver can
            limit it, such as overlay2 on XFS with project quotas; when empty, there is no limit.
        type: str
        default: ""
  keep_homes:
    description: Whether F(/home) is carried over to machines that are recreated.
    type: bool
    default: true
  uids:
    description:
      - Number of each account that has a home, with O(state=recreated), by its name; its group has
        the same. What belongs to whoever has the home before belongs to this account afterwards.
    type: dict
    default: {}
  files:
    description:
      - Files that every new machine is born with, such as the keys of sshd; the content by path.
      - They belong to root and have mode V(0600).
    type: dict
    default: {}
  wait_timeout:
    description: Seconds to wait until sshd answers on every machine that was started.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Run two machines
  labs.mail.docker_machines:
    lab: maillab
    subnet: 172.30.177.0/24
    machines:
      - {name: maillab-student1, image: "maillab/machine:12", release: "12", address: 172.30.177.11}
      - {name: maillab-student2, image: "maillab/machine:12", release: "12", address: 172.30.177.12}

- name: Recreate a machine, from an image of its state where there is one
  labs.mail.docker_machines:
    lab: maillab
    state: recreated
    subnet: 172.30.177.0/24
    machines:
      - name: maillab-student1
        image: maillab/machine:12
        release: "12"
        address: 172.30.177.11
        state_image: "maillab/state:maillab-student1.queues.start-{{ query('labs.mail.state_key') | first }}"

- name: Remove all of the lab
  labs.mail.docker_machines:
    lab: maillab
    state: absent
"""

RETURN = r"""
created:
  description: Names of the containers that were created.
  returned: success
  type: list
  elements: str
  sample: [maillab-student1]
started:
  description: Names of the containers that existed and were started.
  returned: success
  type: list
  elements: str
stopped:
  description: Names of the containers that ran and were stopped.
  returned: with O(state=stopped)
  type: list
  elements: str
removed:
  description: Names of the containers that were removed.
  returned: success
  type: list
  elements: str
in_state:
  description: Names of the containers that were made from the images of their states.
  returned: with O(state=recreated)
  type: list
  elements: str
snapshotted:
  description: The images that were made.
  returned: with O(state=snapshotted)
  type: list
  elements: str
"""

import traceback

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.labs.mail.plugins.module_utils._docker import recreate as _docker_recreate
from ansible_collections.labs.mail.plugins.module_utils._docker.confinement import Limits
from ansible_collections.labs.mail.plugins.module_utils._docker.engine import Engine, EngineError
from ansible_collections.labs.mail.plugins.module_utils._docker.plan import (
    Machine,
    plan_absent,
    plan_present,
    plan_recreated,
    plan_stopped,
)
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine.homes import read_uids

try:
    import docker

    DOCKER_IMPORT_ERROR = None
except ImportError:
    docker = None
    DOCKER_IMPORT_ERROR = traceback.format_exc()


def build_walls(module: AnsibleModule, engine: Engine, machines: list[Machine]) -> None:
    """Put the lab's network behind walls where that is asked for, and warn where it cannot be."""
    params = module.params
    if params["walls"]:
        problem = engine.build_walls(params["subnet"], params["open_ports"], machines)
        if problem:
            module.warn(
                f"The lab {params['lab']} has no walls ({problem}): its machines reach the ports of "
                "this computer and all of each other's. Run this as root, or close these ports."
            )


def present(module: AnsibleModule, engine: Engine) -> dict:
    """Make the machines run and return the result."""
    machines = [Machine(**machine) for machine in module.params["machines"]]
    plan = plan_present(module.params["lab"], machines, engine.containers())
    network = engine.missing_network(module.params["subnet"], module.params["internal"])
    if not module.check_mode:
        engine.raise_inotify_limit(len(machines))
        if network:
            engine.create_network(network)
        build_walls(module, engine, machines)
        engine.start(plan.create, plan.start, module.params["files"])
        started = set(plan.start) | {machine.name for machine in plan.create}
        engine.wait_for_sshd(
            {m.name: m.address for m in machines if m.name in started},
            module.params["wait_timeout"],
        )
    created = [machine.name for machine in plan.create]
    before = {"running": sorted(plan.keep)}
    after = {"running": sorted(plan.keep + plan.start + created)}
    return {
        "changed": plan.changed or bool(network),
        "created": created,
        "started": plan.start,
        "removed": [],
        "diff": {"before": before, "after": after},
    }


def recreated(module: AnsibleModule, engine: Engine) -> dict:
    """Recreate the machines and return the result."""
    machines = [Machine(**machine) for machine in module.params["machines"]]
    homes = plan_recreated(module.params["lab"], machines, engine.containers())
    network = engine.missing_network(module.params["subnet"], module.params["internal"])
    in_state = [each.name for each in machines if _docker_recreate.usable(engine, each)]
    if not module.check_mode:
        engine.raise_inotify_limit(len(machines))
        if network:
            engine.create_network(network)
        params = module.params
        uids = read_uids(params["uids"]) if params["keep_homes"] else None
        in_state = _docker_recreate.recreate(engine, machines, homes, params["files"], uids)
        engine.wait_for_sshd({m.name: m.address for m in machines}, params["wait_timeout"])
    return {
        "changed": bool(machines),
        "created": [machine.name for machine in machines],
        "started": [],
        "removed": sorted(homes.values()),
        "in_state": in_state,
        "diff": {
            "before": {"machines": sorted(homes.values())},
            "after": {"machines": [machine.name for machine in machines]},
        },
    }


def snapshotted(module: AnsibleModule, engine: Engine) -> dict:
    """Make images of the machines as they are and return the result."""
    machines = [Machine(**machine) for machine in module.params["machines"]]
    wanted = [
        each.state_image
        for each in machines
        if each.state_image and not _docker_recreate.usable(engine, each)
    ]
    if wanted and not module.check_mode:
        _docker_recreate.snapshot(engine, machines)
    return {
        "changed": bool(wanted),
        "created": [],
        "started": [],
        "removed": [],
        "snapshotted": wanted,
        "diff": {"before": {"images": []}, "after": {"images": wanted}},
    }


def stopped(module: AnsibleModule, engine: Engine) -> dict:
    """Stop the machines of the lab and return the result."""
    names = plan_stopped(module.params["lab"], engine.containers())
    if not module.check_mode:
        engine.stop(names)
    return {
        "changed": bool(names),
        "created": [],
        "started": [],
        "removed": [],
        "stopped": names,
        "diff": {"before": {"running": names}, "after": {"running": []}},
    }


def absent(module: AnsibleModule, engine: Engine) -> dict:
    """Remove what the lab has on the engine and return the result."""
    names = plan_absent(module.params["lab"], engine.containers())
    changed = bool(names) or engine.has_network()
    if changed and not module.check_mode:
        engine.remove(names)
    return {
        "changed": changed,
        "created": [],
        "started": [],
        "removed": names,
        "diff": {"before": {"machines": names}, "after": {"machines": []}},
    }


STATES = {
    "present": present,
    "recreated": recreated,
    "snapshotted": snapshotted,
    "stopped": stopped,
    "absent": absent,
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "lab": {"type": "str", "required": True},
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
            "subnet": {"type": "str"},
            "internal": {"type": "bool", "default": True},
            "machines": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "image": {"type": "str", "required": True},
                    "release": {"type": "str", "required": True},
                    "address": {"type": "str", "required": True},
                    "outside": {"type": "bool", "default": False},
                    "state_image": {"type": "str", "default": ""},
                    "files": {"type": "dict", "default": {}, "no_log": True},
                    "capabilities": {"type": "list", "elements": "str", "default": []},
                    "open_ports": {"type": "list", "elements": "str", "default": []},
                    "hostname": {"type": "str", "default": ""},
                },
            },
            "open_ports": {
                "type": "list",
                "elements": "str",
                "default": ["25", "80", "110", "143", "465", "587", "993", "995"],
            },
            "walls": {"type": "bool", "default": False},
            "limits": {
                "type": "dict",
                "default": {},
                "apply_defaults": True,
                "options": {
                    "memory": {"type": "str", "default": "2g"},
                    "processes": {"type": "int", "default": 1024},
                    "file": {"type": "str", "default": "4g"},
                    "disk": {"type": "str", "default": ""},
                },
            },
            "keep_homes": {"type": "bool", "default": True},
            "uids": {"type": "dict", "default": {}},
            "files": {"type": "dict", "default": {}, "no_log": True},
            "wait_timeout": {"type": "int", "default": 60},
        },
        required_if=[("state", "present", ["subnet"]), ("state", "recreated", ["subnet"])],
        supports_check_mode=True,
    )
    if docker is None:
        module.fail_json(msg=missing_required_lib("docker"), exception=DOCKER_IMPORT_ERROR)
    try:
        engine = Engine(docker, module.params["lab"], Limits(**module.params["limits"]))
        module.exit_json(**STATES[module.params["state"]](module, engine))
    except (ConfigError, EngineError) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
