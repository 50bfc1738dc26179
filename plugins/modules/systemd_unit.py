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
  - A unit that is active and does not serve its ports, such as C(postfix.service) of Debian 12
    whose Postfix has died, is restarted.
  - A restart that is due is remembered until it was done. M(labs.mail.postfix_main) notes one that
    its change needs, and O(restart_if_changed) finds one by what the machine answers.
  - Units of O(instead_of) that hold such a port make way for it.
  - systemd reloads its units (C(systemctl daemon-reload)) where a file of the unit in C(/etc/systemd/system) is
    newer than what it has read; a socket's service is among them.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
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
    description: Files, and directories with all below them, that it reads when it loads.
    type: list
    elements: path
    default: []
  on_change:
    description: What makes it load a changed configuration.
    type: str
    choices: [reload, restart]
    default: restart
  restart_if_changed:
    description:
      - Command whose output says what a reload is not enough for. Where it answers otherwise than
        when the unit was started last, the unit is restarted, whoever changed the configuration.
      - Where nothing is known of that start, a configuration that was changed since is enough.
    type: list
    elements: str
    default: []
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
    description: TCP ports that it listens on as long as it runs.
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
  stop_command:
    description:
      - Command that stops what the unit runs where somebody started it without systemd, such as by
        C(postfix start) in a session. It is run where another program holds one of O(ports).
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for O(ports) after a start, this one or the last.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Run Postfix
  labs.mail.systemd_unit:
    name: postfix
    configuration: [/etc/postfix]
    on_change: reload
    restart_if_changed: [postconf, -hx, inet_interfaces, inet_protocols]
    check: [postfix, check]
    ports: [25]
    stop_command: [postfix, stop]
"""

RETURN = r"""
action:
  description: What was done with the unit, V(start), V(stop), V(reload), V(restart) or nothing.
  returned: success
  type: str
  sample: reload
"""

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._system import restart_notes, restarts
from ansible_collections.labs.mail.plugins.module_utils._system.listeners import (
    Listener,
    listeners,
    real_uid,
)
from ansible_collections.labs.mail.plugins.module_utils._system.systemd import (
    PROPERTIES,
    Actions,
    Ports,
    Unit,
    decide,
    in_unit,
    newest,
    parse_show,
    ports_of,
)

PATIENCE = 1.0
"""Seconds in which a port becomes free whose server is letting go of it."""

UNITS = Path("/etc/systemd/system")
"""The units that were written on this machine, and what was written over those of packages."""


def stamp_of(unit: str) -> Path:
    """Return the empty file that is as old as the last time the unit loaded its configuration."""
    return restart_notes.STATE / unit


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
    """Stop what makes way for this unit; fail where a port is held all the same.

    A server that was told to let go of a port, by a reload, does so a moment later.
    """
    name, ports = module.params["name"], module.params["ports"]
    held = [listener for listener in listeners() if listener.port in ports]
    for other in module.params["instead_of"]:
        if any(holds(module, other, listener) for listener in held):
            systemctl(module, "stop", other)
    if module.params["stop_command"] and taken_ports(module, verb):
        # It fails where nothing of it runs: then who holds the port is somebody else, as said below.
        module.run_command(module.params["stop_command"])
    deadline = time.monotonic() + PATIENCE
    while taken := taken_ports(module, verb):
        if time.monotonic() > deadline:
            module.fail_json(
                msg=f"{name} cannot {verb}: port {taken[0].port} is taken by "
                f"{taken[0]}. Stop that program, or give one of the two another port."
            )
        time.sleep(0.05)


def unit_files(name: str) -> list[Path]:
    """Return where the files of a unit are: of a socket, those of the service that it starts too."""
    service = name.removesuffix(".service").removesuffix(".socket") + ".service"
    return [UNITS / f"{unit}{end}" for unit in (name, service) for end in ("", ".d")]


def reread_unit(module: AnsibleModule) -> None:
    """Have systemd reload its units where a file of this one is newer than what it has read."""
    changed_at = newest(unit_files(module.params["name"]))
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


def look_at_ports(module: AnsibleModule, unit: Unit, patient: bool) -> Ports:
    """Return what the unit makes of its ports.

    A patient look gives it time where it was started just now.
    """
    wanted = module.params["ports"]
    if not unit.active or module.params["state"] == "stopped" or not wanted:
        return Ports.SERVED
    now = time.time()
    left = min(
        max(unit.loaded_at + module.params["timeout"] - now, PATIENCE),
        float(module.params["timeout"]),
    )
    deadline = time.monotonic() + (left if patient else 0)
    while True:
        ports = ports_of(unit.id or module.params["name"], wanted, listeners())
        if ports is Ports.SERVED or time.monotonic() > deadline:
            return ports
        time.sleep(0.05)


def restart_answer(module: AnsibleModule) -> str | None:
    """Return what says whether a reload is enough; None where nothing does."""
    command = module.params["restart_if_changed"]
    if not command or module.params["state"] == "stopped":
        return None
    try:
        code, output, error = module.run_command(command, handle_exceptions=False)
    except OSError:
        return None  # such as before it is installed, in check mode
    return output if code == 0 else None


@dataclass(frozen=True)
class Look:
    """What there is to decide by: the unit, its last start, and what says that a restart is due."""

    unit: Unit
    start: restarts.Start
    answer: str | None
    changed_at: float
    restart_due: bool
    ports: Ports

    def actions(self, params: Mapping[str, Any]) -> Actions:
        """Return what is to be done."""
        return decide(
            self.unit,
            params["state"],
            params["enabled"],
            params["on_change"],
            self.changed_at,
            params["changing"],
            self.restart_due,
            self.ports,
        )


def examine(module: AnsibleModule) -> Look:
    """Look at the unit, and ask what says whether a reload is enough."""
    name = module.params["name"]
    properties = f"--property={','.join(PROPERTIES)}"
    shown = systemctl(module, "show", "--timestamp=unix", properties, name)
    stamp = stamp_of(name)
    unit = parse_show(shown, stamp.stat().st_mtime if stamp.exists() else 0.0)
    start = restarts.last_start(name, unit.entered_at)
    answer = restart_answer(module)
    configuration = [Path(path) for path in module.params["configuration"]]
    # Check mode does not see in the files what changes in this run.
    changed_at = math.inf if module.params["changing"] else newest(configuration)
    noted_at = restart_notes.noted_at(configuration)
    restart_due = restarts.is_due(start, noted_at, answer, changed_at)
    # A unit that is about to load another configuration may never serve its ports with this one.
    patient = not restart_due and changed_at <= unit.loaded_at
    ports = look_at_ports(module, unit, patient)
    return Look(unit, start, answer, changed_at, restart_due, ports)


def carry_out(module: AnsibleModule, actions: Actions, answer: str | None) -> None:
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
    stamp = stamp_of(name)
    stamp.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    stamp.touch()
    os.utime(stamp, (before, before))
    if actions.verb in ("start", "restart"):
        shown = systemctl(
            module, "show", "--timestamp=unix", "--property=ActiveEnterTimestamp", name
        )
        entered = parse_show(shown).entered_at
        restarts.remember_start(name, restarts.Start(before, answer, entered))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
            "enabled": {"type": "bool", "default": True},
            "configuration": {"type": "list", "elements": "path", "default": []},
            "on_change": {"type": "str", "choices": ["reload", "restart"], "default": "restart"},
            "restart_if_changed": {"type": "list", "elements": "str", "default": []},
            "changing": {"type": "bool", "default": False},
            "check": {"type": "list", "elements": "str", "default": []},
            "ports": {"type": "list", "elements": "int", "default": []},
            "instead_of": {"type": "list", "elements": "str", "default": []},
            "stop_command": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    for port in module.params["ports"]:
        if not 0 < port < 65536:
            module.fail_json(msg=f"ports: there is no port {port}; write numbers from 1 to 65535")
    if not module.check_mode:
        reread_unit(module)
    look = examine(module)
    actions = look.actions(module.params)
    if not module.check_mode:
        carry_out(module, actions, look.answer)
        if look.unit.active and not actions.verb and look.start.answer != look.answer:
            known = replace(look.start, answer=look.answer)
            restarts.remember_start(module.params["name"], known)
    module.exit_json(changed=actions.changed, action=actions.verb)


if __name__ == "__main__":
    main()
