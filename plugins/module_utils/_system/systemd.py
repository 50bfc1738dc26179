# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what a systemd unit needs so that it runs with the configuration that is on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROPERTIES = ("ActiveState", "UnitFileState", "ActiveEnterTimestamp")
NOTHING_TO_ENABLE = ("static", "generated", "indirect", "alias")


@dataclass(frozen=True)
class Unit:
    """What `systemctl show` says of a unit.

    ``enabled`` is None where there is nothing to enable or disable, since another unit starts it
    or a generator made it. ``loaded_at`` is in seconds since the epoch.
    """

    active: bool
    enabled: bool | None
    loaded_at: float


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
    """Return when the newest of these files and of the files in these folders was changed.

    The folders themselves do not count: a lock file that comes and goes changes them too.
    """
    times = [0.0]
    for path in paths:
        inside = [Path(top) / name for top, _folders, names in os.walk(path) for name in names]
        files = inside if path.is_dir() else [path]
        times += [file.lstat().st_ctime for file in files if file.exists()]
    return max(times)


def decide(
    unit: Unit, state: str, enabled: bool, on_change: str, changed_at: float, changing: bool
) -> Actions:
    """Decide what to do.

    ``changed_at`` is when the configuration changed last, and ``changing`` says that it changes
    in this run. A unit that was loaded before then gets ``on_change``, whatever became of the run
    that changed the files: no notification can be lost.
    """
    if state == "stopped":
        return Actions(disable=unit.enabled is True, verb="stop" if unit.active else "")
    verb = "start"
    if unit.active:
        verb = on_change if changing or changed_at > unit.loaded_at else ""
    return Actions(enable=enabled and unit.enabled is False, verb=verb)
