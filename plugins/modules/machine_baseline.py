#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep what a machine was before the lab, and lay it down again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: machine_baseline
short_description: Keep what a machine was before the lab, and lay it down again
version_added: "0.1.0"
description:
  - Keeps, once, all files of a machine that no package can bring back, the mode and the owner of
    all others, and which units ran. Later it makes the machine what it was, whatever was done to it.
  - Processes that did not run then are killed, mounts, addresses, routes and rules of the packet
    filter that were not there are taken away, files, packages and accounts that were not there are
    removed, and those that are missing or changed are laid down again. dpkg is not asked what it
    thinks of a package that goes, so that nothing that is broken in one can stop it.
  - Logs, mail queues and mailboxes go. F(/home), F(/boot), F(/tmp), F(/var/cache) and what programs
    of the computer write down for themselves stay, and so do new files in F(/root).
  - It never asks a machine's own clock whether a file was changed, but compares what is in it,
    wherever the file system says that it may have been.
author:
  - Mail Lab developers (@labs-mail)
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  platform:
    support: full
    platforms: debian
    description: Target OS/families that can be operated against.
options:
  state:
    description:
      - V(kept) keeps what the machine is, where nothing was kept yet and the lab has not been on it.
      - V(restored) makes the machine what it was.
    type: str
    choices: [kept, restored]
    default: kept
  keep_homes:
    description:
      - Whether F(/home) stays, with O(state=restored). Mail in it goes all the same, and files by
        which mail is delivered elsewhere, such as F(.forward), get C(.before-reset) behind their names.
    type: bool
    default: true
  package_proxy:
    description: URL of the proxy that packages are fetched through where files of theirs are broken.
    type: str
    default: ""
  time:
    description: What time it is, in seconds since the epoch, for a machine whose clock is wrong.
    type: float
"""

EXAMPLES = r"""
- name: Keep what the machine was
  labs.mail.machine_baseline:

- name: Make the machine what it was
  labs.mail.machine_baseline:
    state: restored
    package_proxy: http://192.168.77.2:3142
"""

RETURN = r"""
removed:
  description: Files and folders that were not there.
  returned: success
  type: list
  elements: str
restored:
  description: Files, folders and links that were missing or changed.
  returned: success
  type: list
  elements: str
attributes:
  description: Those that had another mode or owner.
  returned: success
  type: list
  elements: str
packages:
  description: Packages that were fetched anew, since files of theirs were missing or changed.
  returned: success
  type: list
  elements: str
ended:
  description: Units that were stopped, processes that were killed, and what else was taken away.
  returned: success
  type: list
  elements: str
"""

import contextlib
import fcntl
import os
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io import fail
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.chattr import make_mutable
from ansible_collections.labs.mail.plugins.module_utils._machine import (
    baseline as _machine_baseline,
)
from ansible_collections.labs.mail.plugins.module_utils._machine import homes as _homes
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import FOLDER, tree
from ansible_collections.labs.mail.plugins.module_utils._system import (
    processes as _machine_processes,
)
from ansible_collections.labs.mail.plugins.module_utils._system import runtime as _machine_runtime

LOCK = "/run/labs-mail-reset.lock"
SIGN = "/etc/labs.mail"
"""What there is on a machine that the lab has been on."""

SHELLS = ("ssh.service", "sshd.service", "cron.service")
"""Services that run other people's programs beside their own."""

RELOADED = ("rsyslog.service", "cron.service", "ssh.service")
"""Services that were there, whose files may have been others when they were read."""

CLOCK_SECONDS = 30
"""How wrong a clock may be."""


def keep(module: AnsibleModule) -> dict[str, Any]:
    """Keep what the machine is, where it is the lab's first time."""
    if os.path.exists(SIGN) or _machine_baseline.kept() is not None:
        return {"changed": False}
    if not module.check_mode:
        _machine_baseline.keep(_machine_runtime.now(_machine_runtime.runner(module)))
    return {"changed": True}


def restore(module: AnsibleModule) -> dict[str, Any]:
    """Make the machine what it was."""
    before = _machine_baseline.kept()
    if before is None:
        raise ConfigError(
            "nothing was kept of what this machine was before the lab, or it was deleted since: "
            "converging cannot reset it. Recreate the machine",
            FOLDER,
        )
    ended = []
    if not module.check_mode:
        set_clock(module)
        ended = end(module, before.more)
        for path, each in tree().items():
            if each.kind in "fd":
                make_mutable(path)
    plan = _machine_baseline.compare(before, tree())
    result = {
        "removed": plan.remove,
        "restored": plan.restore,
        "attributes": plan.attributes,
        "packages": plan.packages,
        "ended": ended,
        "changed": plan.differs or bool(ended),
    }
    if module._diff:
        names = [*plan.remove, *plan.restore, *plan.attributes, *plan.packages, *ended]
        result["diff"] = {"before": "".join(f"{name}\n" for name in names), "after": ""}
    if module.check_mode:
        return result
    _machine_baseline.lay_down(plan, before)
    if plan.packages:
        fetch(module, plan.packages)
        again = _machine_baseline.compare(before, tree())
        _machine_baseline.lay_down(again, before)
        if again.packages:
            raise ConfigError(
                f"files of {', '.join(again.packages)} are missing or changed, and fetching the "
                "packages anew did not help: recreate the machine"
            )
    begin(module, before.more)
    cleared = _homes.clear_mail() if module.params["keep_homes"] else remove_homes()
    return {**result, "removed": [*plan.remove, *cleared], "changed": plan.differs or bool(cleared)}


def set_clock(module: AnsibleModule) -> None:
    """Set the clock where it is wrong; that of a container is its computer's."""
    wanted = module.params["time"]
    if wanted is not None and abs(time.time() - wanted) > CLOCK_SECONDS:
        with contextlib.suppress(OSError):
            time.clock_settime(time.CLOCK_REALTIME, wanted)


def end(module: AnsibleModule, more: dict[str, Any]) -> list[str]:
    """End what did not run then; return what was ended."""
    run = _machine_runtime.runner(module)
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        own = _machine_processes.service_in(file.read())
    units = [
        unit
        for unit in _machine_runtime.active_units(run)
        if unit not in more["units"] and unit != own
    ]
    if units:
        run("systemctl", "stop", "--no-block", *units)
        run("systemctl", "kill", "--signal=KILL", *units)
        run("systemctl", "stop", *units)
    main = {}
    for unit in SHELLS:
        pid = run("systemctl", "show", "--property=MainPID", "--value", unit)[1].strip()
        if pid.isdigit() and int(pid):
            main[unit] = int(pid)
    found = _machine_processes.processes()
    services = {
        *more["units"],
        *_machine_runtime.of_systemd(each.service for each in found.values()),
    }
    strangers = _machine_processes.strangers(found, os.getpid(), services, main)
    _machine_processes.kill(strangers)
    names = sorted({found[pid].name for pid in strangers})
    return [*units, *names, *_machine_runtime.put_back(more, run)]


def begin(module: AnsibleModule, more: dict[str, Any]) -> None:
    """Run what ran then, by the files that there are again."""
    run = _machine_runtime.runner(module)
    run("ldconfig")
    run("hostname", "-F", "/etc/hostname")
    run("systemctl", "daemon-reload")
    run("systemctl", "reset-failed")
    missing = _machine_runtime.missing(more["units"], _machine_runtime.active_units(run))
    if missing:
        run("systemctl", "start", *missing)
    run("systemctl", "try-reload-or-restart", *RELOADED)


def fetch(module: AnsibleModule, packages: list[str]) -> None:
    """Fetch packages anew and unpack them."""
    proxy = module.params["package_proxy"]
    options = ["-o", f"Acquire::http::Proxy={proxy}"] if proxy else []
    options += ["-o", "DPkg::Lock::Timeout=300", "-qq", "-y"]
    environment = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    for command in (["update"], ["install", "--reinstall", "--allow-downgrades", *packages]):
        code, output, error = module.run_command(
            ["apt-get", *options, *command], environ_update=environment
        )
        if code != 0:
            module.fail_json(
                msg=f"apt-get {command[0]} failed while {', '.join(packages)} were to be fetched "
                "anew: run this again once packages can be had, or recreate the machine.",
                stderr=(error or output)[-2000:],
            )


def remove_homes() -> list[str]:
    """Remove the homes of all accounts; return them."""
    found = list(_homes.homes())
    for home in found:
        _machine_baseline.remove(home)
    return found


@contextlib.contextmanager
def alone() -> Any:
    """Let no other run of this module touch the machine meanwhile. Raises ConfigError."""
    handle = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(
            "another run is resetting this machine: wait until it has ended, and run this again"
        ) from None
    try:
        yield
    finally:
        os.close(handle)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"choices": ["kept", "restored"], "default": "kept"},
            "keep_homes": {"type": "bool", "default": True},
            "package_proxy": {"type": "str", "default": ""},
            "time": {"type": "float"},
        },
        supports_check_mode=True,
    )
    try:
        with alone():
            run = keep if module.params["state"] == "kept" else restore
            module.exit_json(**run(module))
    except ConfigError as error:
        fail(module, error)
    except OSError as error:
        module.fail_json(msg=f"the machine cannot be reset: {error}")


if __name__ == "__main__":
    main()
