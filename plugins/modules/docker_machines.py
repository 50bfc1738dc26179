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
  - labs.mail.machines
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
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
published:
  description: Names of the containers that existed and publish other ports now.
  returned: with O(state=present)
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
  returned: with O(state=snapshotted) and O(state=templated)
  type: list
  elements: str
"""

import traceback

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.labs.mail.plugins.module_utils._docker import recreate
from ansible_collections.labs.mail.plugins.module_utils._docker.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._provider.arguments import (
    ARGUMENTS,
    REQUIRED_IF,
)
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.limits import Limits
from ansible_collections.labs.mail.plugins.module_utils._provider.states import reach

try:
    import docker

    DOCKER_IMPORT_ERROR = None
except ImportError:
    docker = None
    DOCKER_IMPORT_ERROR = traceback.format_exc()


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=REQUIRED_IF, supports_check_mode=True
    )
    if docker is None:
        module.fail_json(msg=missing_required_lib("docker"), exception=DOCKER_IMPORT_ERROR)
    params = module.params
    try:
        engine = Engine(docker, params["lab"], Limits(**params["limits"]))
        result = reach(params, engine, recreate, check_mode=module.check_mode, warn=module.warn)
        module.exit_json(**result)
    except (ConfigError, EngineError) as error:
        module.fail_json(msg=str(error))
    except docker.errors.APIError as error:
        module.fail_json(msg=f"the container engine refused: {error.explanation or error}")


if __name__ == "__main__":
    main()
