# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what a systemd unit needs so that it runs with the configuration that is on disk."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._system.listeners import Listener

PROPERTIES = ("Id", "ActiveState", "UnitFileState", "ActiveEnterTimestamp")
NOTHING_TO_ENABLE = ("static", "generated", "indirect", "alias")


@dataclass(frozen=True)
class Unit:
    """What `systemctl show` says of a unit.

    ``enabled`` is None where there is nothing to enable or disable, since another unit starts it
    or a generator made it. ``loaded_at`` is when it loaded its configuration last and
    ``entered_at`` when it became active, in seconds since the epoch. ``id`` is the name under
    which its processes run, whatever alias it was asked for by.
    """

    active: bool
    enabled: bool | None
    loaded_at: float
    entered_at: float = 0.0
    id: str = ""


@dataclass(frozen=True)
class Actions:
    """What to do with a unit: ``verb`` is start, stop, reload, restart or empty."""

    enable: bool = False
    disable: bool = False
    verb: str = ""

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.enable or self.disable or bool(self.verb)


def parse_show(output: str, stamp: float = 0.0) -> Unit:
    """Read the output of ``systemctl show --timestamp=unix`` for PROPERTIES.

    ``stamp`` is when the configuration was last loaded by a reload, which systemd does not keep.
    """
    values = dict(line.partition("=")[::2] for line in output.splitlines())
    entered = values.get("ActiveEnterTimestamp", "").lstrip("@")
    file_state = values.get("UnitFileState", "")
    return Unit(
        active=values.get("ActiveState") in ("active", "reloading", "activating"),
        enabled=None if file_state in NOTHING_TO_ENABLE else file_state.startswith("enabled"),
        loaded_at=max(float(entered or 0), stamp),
        entered_at=float(entered or 0),
        id=values.get("Id", ""),
    )


def in_unit(pid: int, unit: str, proc: Path = Path("/proc")) -> bool:
    """Tell whether a process belongs to a service, by its control group (cgroups(7)).

    ``postfix`` has those of ``postfix@-`` too, which is what it starts.
    """
    try:
        groups = (proc / str(pid) / "cgroup").read_text().splitlines()
    except OSError:
        return False
    parts = {part for group in groups for part in group.split("/")}
    name = unit.partition(".service")[0]
    return any(part == f"{name}.service" or part.startswith(f"{name}@") for part in parts)


def newest(paths: list[Path]) -> float:
    """Return when the newest of these files and of the files in these directories was changed.

    The directories themselves do not count: a lock file that comes and goes changes them too.
    """
    times = [0.0]
    for path in paths:
        inside = [Path(top) / name for top, _folders, names in os.walk(path) for name in names]
        files = inside if path.is_dir() else [path]
        times += [file.lstat().st_ctime for file in files if file.exists()]
    return max(times)


class Ports(enum.Enum):
    """What a unit makes of the ports that it must serve."""

    SERVED = "served"
    MISSING = "missing"
    """It does not serve one of them, or another program does."""
    SILENT = "silent"
    """There are some, and nobody serves any of them."""


def ports_of(unit: str, wanted: list[int], found: list[Listener]) -> Ports:
    """Return what a unit makes of its ports.

    systemd itself holds the socket of what it starts at the first connection, and in a container
    root may not see who holds one.
    """
    held = [listener for listener in found if listener.port in wanted]
    own = {
        listener.port for listener in held if listener.pid in (0, 1) or in_unit(listener.pid, unit)
    }
    if own >= set(wanted):
        return Ports.SERVED
    return Ports.MISSING if held else Ports.SILENT


def decide(
    unit: Unit,
    state: str,
    enabled: bool,
    on_change: str,
    changed_at: float,
    changing: bool,
    restart_due: bool = False,
    ports: Ports = Ports.SERVED,
) -> Actions:
    """Decide what to do.

    ``changed_at`` is when the configuration changed last, and ``changing`` says that it changes
    in this run. A unit that was loaded before then gets ``on_change``, whatever became of the run
    that changed the files: no notification can be lost. A unit that is active and serves nothing,
    as a dead daemon's can be, is restarted, and so is one whose restart is due.
    """
    if state == "stopped":
        return Actions(disable=unit.enabled is True, verb="stop" if unit.active else "")
    verb = "start"
    if unit.active:
        verb = ""
        if restart_due or ports is Ports.SILENT:
            verb = "restart"
        elif changing or changed_at > unit.loaded_at:
            verb = on_change
        elif ports is Ports.MISSING:
            verb = "restart"
    return Actions(enable=enabled and unit.enabled is False, verb=verb)
