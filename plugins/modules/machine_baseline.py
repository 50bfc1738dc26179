#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Save what a machine was before the lab, and restore it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: machine_baseline
short_description: Save what a machine was before the lab, and restore it
version_added: "0.1.0"
description:
  - Saves, once, all files of a machine that no package can bring back, the mode and the owner of
    all others, and which units ran. Later it restores the machine, whatever was done to it.
  - Processes that did not run then are killed; mounts, addresses, routes and rules of the packet
    filter that were not there are removed; so are files, packages and accounts; and those that are
    missing or changed are restored. dpkg is not asked what it thinks of a package that goes, so that
    nothing that is broken in one can stop it.
  - Logs, mail queues and mailboxes go. F(/home), F(/boot), F(/tmp), F(/var/cache) and what programs
    of the computer write down for themselves stay, and so do new files in F(/root).
  - It never asks a machine's own clock whether a file was changed, but compares what is in it,
    wherever the file system says that it may have been.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  platform:
    support: full
    platforms: debian
options:
  state:
    description:
      - V(saved) saves what the machine is, where nothing was saved yet and the lab has not been on it.
        Of a machine that was made of a template, the baseline becomes its own.
      - V(restored) makes the machine what it was.
      - V(generalized) makes a template of the machine, of which an image is made for others. Its keys,
        passwords, logs and mail go. It fails where a private key is left that they would share.
    type: str
    choices: [saved, restored, generalized]
    default: saved
  keep_homes:
    description:
      - Whether F(/home) stays, with O(state=restored). Mail in it goes all the same, and files by
        which mail is delivered elsewhere, such as F(.forward), get C(.before-reset) behind their names.
    type: bool
    default: true
  uids:
    description:
      - Number of each account that has a home, with O(state=restored), by its name; its group has the
        same. What belongs to whoever has the home before belongs to this account afterwards.
    type: dict
    default: {}
  package_proxy:
    description: URL of the proxy that packages are fetched through where files of theirs are broken.
    type: str
    default: ""
  record:
    description:
      - Directory on the controller, in which the digest of what was saved is kept by the machine's name
        in the inventory. Whoever is root on the machine can change what was saved there; a machine whose
        baseline is not the one that was saved is not restored from it, and nothing is saved anew.
    type: path
  anew:
    description: Whether the machine is a new one, of which a digest in O(record) says nothing any more.
    type: bool
    default: false
  digest:
    description: The digest that what was saved must have. This is how O(record) hands it over.
    type: str
    default: ""
  time:
    description: What time it is, in seconds since the epoch, for a machine whose clock is wrong.
    type: float
"""

EXAMPLES = r"""
- name: Save what the machine was
  labs.mail.machine_baseline:

- name: Restore the machine
  labs.mail.machine_baseline:
    state: restored
    package_proxy: http://192.168.77.2:3142

- name: Make a template of a machine that nobody has worked on
  labs.mail.machine_baseline:
    state: generalized
"""

RETURN = r"""
outcome:
  description:
    - V(saved) where the machine is saved, V(restored) where it is what it was, V(generalized) where
      it is a template.
    - V(altered) where what was saved is no longer what it was, with O(state=saved).
    - V(busy) where another run is resetting it; V(impossible) where it cannot be restored. The module
      fails then, and RV(msg) has the reason.
  returned: always
  type: str
  sample: restored
msg:
  description: Why the machine cannot be restored, and what helps.
  returned: with V(busy) and V(impossible)
  type: str
digest:
  description: Digest of what is saved; empty where nothing is.
  returned: with O(state=saved)
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
removed:
  description: Files and directories that were not there.
  returned: with O(state=restored)
  type: list
  elements: str
restored:
  description: Files, directories and links that were missing or changed.
  returned: with O(state=restored)
  type: list
  elements: str
attributes:
  description: Those that had another mode or owner.
  returned: with O(state=restored)
  type: list
  elements: str
packages:
  description: Packages that were reinstalled, since files of theirs were missing or changed.
  returned: with O(state=restored)
  type: list
  elements: str
ended:
  description: Units that were stopped, processes that were killed, and what else was removed.
  returned: with O(state=restored)
  type: list
  elements: str
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine import (
    baseline,
    restore,
    template,
)
from ansible_collections.labs.mail.plugins.module_utils._machine.homes import read_uids
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import FOLDER
from ansible_collections.labs.mail.plugins.module_utils._system.runtime import now, runner

SIGN = "/etc/labs.mail"
"""What there is on a machine that the lab has been on."""


def saved(module: AnsibleModule) -> dict[str, Any]:
    """Save what the machine is, where it is the lab's first time."""
    known, found = module.params["digest"], baseline.saved_digest()
    if known and known != found:
        return {"changed": False, "outcome": "altered", "digest": found}
    # Once it is known here, only who is root there can have put the mark of a template there.
    if not known and template.is_of_template():
        if not module.check_mode:
            template.adopt(runner(module))
        return {"changed": True, "digest": baseline.saved_digest()}
    if os.path.exists(SIGN) or baseline.saved() is not None:
        return {"changed": False, "digest": found}
    if not module.check_mode:
        baseline.save(now(runner(module)))
    return {"changed": True, "digest": baseline.saved_digest()}


def restored(module: AnsibleModule) -> dict[str, Any]:
    """Make the machine what it was."""
    before = baseline.saved()
    if before is None:
        raise ConfigError(
            "nothing was saved of what this machine was before the lab, or it was deleted since: "
            "converging cannot reset it. Recreate the machine",
            FOLDER,
        )
    params = module.params
    if params["digest"] and params["digest"] != baseline.saved_digest():
        raise ConfigError(
            "what was saved of this machine before the lab was changed since by whoever is root on it: "
            "converging would bring back what he put there. Recreate the machine",
            FOLDER,
        )
    if module.check_mode:
        done = restore.look(before)
    else:
        done = restore.restore(
            before,
            runner(module),
            proxy=params["package_proxy"],
            now=params["time"],
            keep_homes=params["keep_homes"],
            uids=read_uids(params["uids"]),
        )
    plan = done.plan
    result = {
        "removed": [*plan.remove, *done.cleared],
        "restored": plan.restore,
        "attributes": plan.attributes,
        "packages": plan.packages,
        "ended": done.ended,
        "changed": done.changed,
    }
    if module._diff:
        result["diff"] = {"before": "".join(f"{name}\n" for name in done.names), "after": ""}
    return result


def generalized(module: AnsibleModule) -> dict[str, Any]:
    """Make a template of the machine."""
    if template.is_of_template():
        return {"changed": False}
    if not module.check_mode:
        template.generalize(runner(module))
    return {"changed": True}


STATES = {"saved": saved, "restored": restored, "generalized": generalized}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"choices": list(STATES), "default": "saved"},
            "keep_homes": {"type": "bool", "default": True},
            "uids": {"type": "dict", "default": {}},
            "package_proxy": {"type": "str", "default": ""},
            "record": {"type": "path"},
            "anew": {"type": "bool", "default": False},
            "digest": {"type": "str", "default": ""},
            "time": {"type": "float"},
        },
        supports_check_mode=True,
    )
    state = module.params["state"]
    try:
        with restore.alone():
            module.exit_json(**{"outcome": state, **STATES[state](module)})
    except restore.BusyError:
        module.fail_json(
            outcome="busy",
            msg="another run is resetting this machine: wait until it has ended, and run this again",
        )
    except ConfigError as error:
        fail(module, error, outcome="impossible")
    except OSError as error:
        module.fail_json(outcome="impossible", msg=f"the machine cannot be restored: {error}")


if __name__ == "__main__":
    main()
