#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a systemd unit with the configuration that is on disk."""

from __future__ import annotations

DOCUMENTATION = r"""
module: systemd_unit
short_description: Run a systemd unit with the configuration that is on disk
version_added: "0.1.0"
description:
  - Starts and enables a unit, and reloads or restarts it where its configuration is newer than
    what it loaded. A handler would be lost where a run is interrupted between a change and the
    end of the play; this looks at the files instead, so that the next run makes up for it.
  - The configuration is checked before the unit loads it, and the ports that it must serve are
    waited for. A port that another program holds is an error that names the program.
  - Units of O(instead_of) that hold such a port make way for it.
  - systemd is made to read its units anew where a file of the unit in C(/etc/systemd/system) is
    newer than what it has read.
author:
  - Mail Lab developers (@labs-mail)
attributes:
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
  name:
    description: Name of the unit.
    type: str
    required: true
  state:
    description:
      - V(started) runs it and enables it at boot.
      - V(stopped) stops and disables it; a unit that does not exist is stopped.
    type: str
    choices: [started, stopped]
    default: started
  enabled:
    description: Whether it is enabled at boot too, with O(state=started).
    type: bool
    default: true
  configuration:
    description: Files, and folders with all below them, that it reads when it loads.
    type: list
    elements: path
    default: []
  on_change:
    description: What makes it load a changed configuration.
    type: str
    choices: [reload, restart]
    default: restart
  changing:
    description:
      - Whether an earlier task of this run changed the configuration. Check mode cannot see that
        in the files.
    type: bool
    default: false
  check:
    description: Command that fails where the configuration cannot be loaded. It is run before the unit loads it.
    type: list
    elements: str
    default: []
  ports:
    description: TCP ports that it listens on once it runs.
    type: list
    elements: int
    default: []
  instead_of:
    description:
      - Units that are stopped where one of O(ports) is held by them, before this one takes it. A
        later task brings them to what they are to be now.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for O(ports).
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Run Postfix
  labs.mail.systemd_unit:
    name: postfix
    configuration: [/etc/postfix]
    on_change: reload
    check: [postfix, check]
    ports: [25]
"""

RETURN = r"""
action:
  description: What was done with the unit, V(start), V(stop), V(reload), V(restart) or nothing.
  returned: success
  type: str
  sample: reload
"""

import os
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._system.listeners import (
    Listener,
    listeners,
    real_uid,
)
from ansible_collections.labs.mail.plugins.module_utils._system.systemd import (
    PROPERTIES,
    Actions,
    decide,
    in_unit,
    newest,
    parse_show,
)

STAMPS = Path("/run/labs-mail")
"""Empty files, one a unit, as old as the last time the unit loaded its configuration."""

PATIENCE = 1.0
"""Seconds in which a port becomes free whose server is letting go of it."""

UNITS = Path("/etc/systemd/system")
"""The units that were written on this machine, and what was written over those of packages."""


def systemctl(module: AnsibleModule, *words: str) -> str:
    """Run systemctl; where it fails, fail with what the unit logged last."""
    command = ["systemctl", *words]
    code, output, error = module.run_command(command)
    if code != 0:
        unit = words[-1]
        log = module.run_command(["journalctl", "--no-pager", "-qn", "10", "-ocat", "-u", unit])[1]
        module.fail_json(msg=f"{' '.join(command)}: {error.strip()}", stderr=log)
    return output


def taken_ports(module: AnsibleModule, verb: str) -> list[Listener]:
    """Return who holds a port that the unit is about to serve.

    In a container root may see no process that has become another user: a port whose holder is
    unknown can be that of the unit that runs already.
    """
    wanted, name = module.params["ports"], module.params["name"]
    return [
        listener
        for listener in listeners()
        if listener.port in wanted
        and (listener.pid or verb == "start")
        and not in_unit(listener.pid, name)
    ]


def holds(module: AnsibleModule, unit: str, listener: Listener) -> bool:
    """Tell whether a unit has a socket: by its program, or else by the account that made it."""
    if listener.pid:
        return in_unit(listener.pid, unit)
    main_pid = systemctl(module, "show", "--property=MainPID", unit).strip().partition("=")[2]
    return real_uid(int(main_pid or 0)) == listener.uid


def take_ports(module: AnsibleModule, verb: str) -> None:
    """Stop the units that make way for this one; fail where a port is held all the same.

    A server that was told to let go of a port, by a reload, does so a moment later.
    """
    name, ports = module.params["name"], module.params["ports"]
    held = [listener for listener in listeners() if listener.port in ports]
    for other in module.params["instead_of"]:
        if any(holds(module, other, listener) for listener in held):
            systemctl(module, "stop", other)
    deadline = time.monotonic() + PATIENCE
    while taken := taken_ports(module, verb):
        if time.monotonic() > deadline:
            module.fail_json(
                msg=f"{name} cannot {verb}: port {taken[0].port} is taken by "
                f"{taken[0]}. Stop that program, or give one of the two another port."
            )
        time.sleep(0.05)


def reread_unit(module: AnsibleModule) -> None:
    """Make systemd read its units anew where a file of this one is newer than what it has read."""
    unit = module.params["name"].partition(".service")[0] + ".service"
    changed_at = newest([UNITS / unit, UNITS / f"{unit}.d"])
    if changed_at:
        shown = systemctl(module, "show", "--timestamp=unix", "--property=UnitsLoadTimestamp")
        if changed_at >= float(shown.partition("@")[2] or 0):
            systemctl(module, "daemon-reload")


def wait_for_ports(module: AnsibleModule) -> None:
    """Wait until the unit serves its ports; fail with what it logged last."""
    deadline = time.monotonic() + module.params["timeout"]
    missing = set(module.params["ports"])
    while missing:
        missing -= {listener.port for listener in listeners()}
        if missing and time.monotonic() > deadline:
            unit = module.params["name"]
            log = module.run_command(["journalctl", "--no-pager", "-qn", "10", "-ocat", "-u", unit])
            ports = ", ".join(map(str, sorted(missing)))
            module.fail_json(
                msg=f"{unit} was started, but nothing listens on port {ports} "
                f"{module.params['timeout']} s later; its last log lines follow.",
                stderr=log[1],
            )
        if missing:
            time.sleep(0.05)


def carry_out(module: AnsibleModule, actions: Actions) -> None:
    """Enable or disable the unit, check its configuration, and start, reload … it."""
    name, check = module.params["name"], module.params["check"]
    if actions.enable or actions.disable:
        systemctl(module, "enable" if actions.enable else "disable", "-q", name)
    if not actions.verb:
        return
    if actions.verb != "stop" and check:
        code, output, error = module.run_command(check)
        if code != 0:
            module.fail_json(
                msg=f"{name} was left as it is: its configuration is refused by "
                f"`{' '.join(check)}`, which says what follows.",
                stderr=error or output,
            )
    if actions.verb != "stop":
        take_ports(module, actions.verb)
    before = time.time()
    systemctl(module, actions.verb, name)
    wait_for_ports(module) if actions.verb != "stop" else None
    STAMPS.mkdir(mode=0o755, exist_ok=True)
    stamp = STAMPS / name
    stamp.touch()
    os.utime(stamp, (before, before))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
            "enabled": {"type": "bool", "default": True},
            "configuration": {"type": "list", "elements": "path", "default": []},
            "on_change": {"type": "str", "choices": ["reload", "restart"], "default": "restart"},
            "changing": {"type": "bool", "default": False},
            "check": {"type": "list", "elements": "str", "default": []},
            "ports": {"type": "list", "elements": "int", "default": []},
            "instead_of": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    params = module.params
    stamp = STAMPS / params["name"]
    if not module.check_mode:
        reread_unit(module)
    shown = systemctl(
        module, "show", "--timestamp=unix", f"--property={','.join(PROPERTIES)}", params["name"]
    )
    unit = parse_show(shown, stamp.stat().st_mtime if stamp.exists() else 0.0)
    actions = decide(
        unit,
        params["state"],
        params["enabled"],
        params["on_change"],
        newest([Path(path) for path in params["configuration"]]),
        params["changing"],
    )
    if not module.check_mode:
        carry_out(module, actions)
    module.exit_json(changed=actions.changed, action=actions.verb)


if __name__ == "__main__":
    main()
