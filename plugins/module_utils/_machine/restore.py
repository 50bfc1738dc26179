# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a machine what its baseline says: stop, restore files, reinstall packages, start."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.chattr import make_mutable
from ansible_collections.labs.mail.plugins.module_utils._machine import homes
from ansible_collections.labs.mail.plugins.module_utils._machine.baseline import (
    Baseline,
    Plan,
    compare,
    lay_down,
    remove,
)
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import tree
from ansible_collections.labs.mail.plugins.module_utils._system import processes, runtime
from ansible_collections.labs.mail.plugins.module_utils._system.runtime import Run

LOCK = "/run/labs-mail-reset.lock"

SHELLS = ("ssh.service", "sshd.service", "cron.service")
"""Services that run other people's programs beside their own."""

RELOADED = ("rsyslog.service", "cron.service", "ssh.service")
"""Services that were there, whose files may have been others when they were read."""

CLOCK_SECONDS = 30
"""How wrong a clock may be."""


class BusyError(Exception):
    """Another run is resetting this machine."""


@dataclass
class Restored:
    """What was different from the baseline, and is no more."""

    plan: Plan
    ended: list[str] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    """Homes and mail that were removed, rules that were renamed, homes that got another owner."""

    @property
    def changed(self) -> bool:
        """Whether anything was different."""
        return self.plan.differs or bool(self.cleared or self.ended)

    @property
    def names(self) -> list[str]:
        """All that was different, a name each."""
        plan = self.plan
        return [*plan.remove, *plan.restore, *plan.attributes, *plan.packages, *self.ended]


@contextlib.contextmanager
def alone(lock: str = LOCK) -> Iterator[None]:
    """Let no other run touch the machine meanwhile. Raises BusyError."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BusyError from None
    finally:
        os.close(handle)


def look(before: Baseline) -> Restored:
    """Return what restore() would change, and change nothing."""
    return Restored(compare(before, tree()))


def restore(
    before: Baseline,
    run: Run,
    *,
    proxy: str = "",
    now: float | None = None,
    keep_homes: bool = True,
    uids: Mapping[str, int] | None = None,
) -> Restored:
    """Make the machine what it was.

    :arg proxy: URL through which packages are fetched.
    :arg now: the time, in seconds since the epoch.
    :arg uids: the number of each account that is to have its home.
    :raises ConfigError: it cannot be restored.
    """
    set_clock(now)
    ended = stop(before.more, run)
    plan = restore_files(before)
    if plan.packages:
        reinstall(plan.packages, run, proxy)
        again = restore_files(before)
        if again.packages:
            raise ConfigError(
                f"files of {', '.join(again.packages)} are missing or changed, and fetching the "
                "packages again did not help: recreate the machine"
            )
    start(before.more, run)
    return Restored(plan, ended, restore_homes(keep_homes, uids or {}))


def set_clock(now: float | None) -> None:
    """Set the clock where it is wrong; that of a container is its computer's."""
    if now is not None and abs(time.time() - now) > CLOCK_SECONDS:
        with contextlib.suppress(OSError):
            time.clock_settime(time.CLOCK_REALTIME, now)


def stop(more: Mapping[str, Any], run: Run) -> list[str]:
    """End what did not run then; return what was ended."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        own = processes.service_in(file.read())
    units = [
        unit for unit in runtime.active_units(run) if unit not in more["units"] and unit != own
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
    found = processes.processes()
    services = {*more["units"], *runtime.of_systemd(each.service for each in found.values())}
    strangers = processes.strangers(found, os.getpid(), services, main)
    processes.kill(strangers)
    names = sorted({found[pid].name for pid in strangers})
    return [*units, *names, *runtime.put_back(dict(more), run)]


def restore_files(before: Baseline) -> Plan:
    """Make the files what they were, but for those of packages; return what differed."""
    for path, each in tree().items():
        if each.kind in "fd":
            make_mutable(path)
    plan = compare(before, tree())
    lay_down(plan, before)
    return plan


def reinstall(packages: list[str], run: Run, proxy: str = "") -> None:
    """Fetch packages and unpack them again. Raises ConfigError."""
    options = ["-o", f"Acquire::http::Proxy={proxy}"] if proxy else []
    options += ["-o", "DPkg::Lock::Timeout=300", "-qq", "-y"]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    for command in (["update"], ["install", "--reinstall", "--allow-downgrades", *packages]):
        code, output, error = run(*environment, "apt-get", *options, *command)
        if code != 0:
            said = " ".join((error or output).split())[-500:]
            raise ConfigError(
                f"apt-get {command[0]} failed while {', '.join(packages)} were to be fetched: run "
                f"this again once packages can be had, or recreate the machine. It says: {said}"
            )


def start(more: Mapping[str, Any], run: Run) -> None:
    """Run what ran then, by the files that there are again."""
    run("ldconfig")
    run("hostname", "-F", "/etc/hostname")
    run("systemctl", "daemon-reload")
    run("systemctl", "reset-failed")
    missing = runtime.missing(more["units"], runtime.active_units(run))
    if missing:
        run("systemctl", "start", *missing)
    run("systemctl", "try-reload-or-restart", *RELOADED)


def restore_homes(keep: bool, uids: Mapping[str, int], top: str = homes.HOMES) -> list[str]:
    """Clear mail out of homes, and give them their owners; or remove them. Return the paths."""
    if keep:
        return [*homes.clear_mail(top), *homes.give_all(uids, top)]
    found = list(homes.homes(top))
    for home in found:
        remove(home)
    return found
