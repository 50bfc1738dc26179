# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a lab's machines to a state, on whatever engine runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.labs.mail.plugins.module_utils._machine.homes import read_uids
from ansible_collections.labs.mail.plugins.module_utils._provider.inotify import raise_inotify_limit
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    LABEL_LAB,
    Container,
    Machine,
    plan_absent,
    plan_present,
    plan_recreated,
    plan_stopped,
    refuse_impossible,
)


class Engine(Protocol):
    """What is asked of an engine for one lab; all of it raises EngineError."""

    is_here: bool
    """Whether the machines run on this computer's kernel."""

    def containers(self) -> list[Container]:
        """Return every container of the engine, stopped ones too."""

    def missing_network(self, subnet: str, internal: bool) -> Any:
        """Return the definition of the lab's network, or None if it exists as asked."""

    def create_network(self, definition: Any) -> None:
        """Create the lab's network."""

    def has_network(self) -> bool:
        """Tell whether the lab's network exists."""

    def build_walls(self, subnet: str, ports: list[str], machines: list[Machine]) -> str:
        """Put the lab's network behind walls; return why it could not be, or nothing."""

    def start(self, create: list[Machine], start: list[str], files: dict[str, str]) -> None:
        """Create and start machines."""

    def wait_for_sshd(self, addresses: dict[str, str], timeout: int) -> None:
        """Wait until sshd answers on machines, which have these addresses by their names."""

    def publish(self, machine: Machine, published: Mapping[str, int], check_mode: bool) -> None:
        """Have a machine publish its ports, and no more those that it has published until now."""

    def stop(self, names: list[str]) -> None:
        """Stop machines, each as by its power button."""

    def discard(self, name: str) -> None:
        """Remove a machine, where it is there."""

    def remove(self, names: list[str]) -> None:
        """Remove machines, and what else the lab has."""


class Recreation(Protocol):
    """How an engine recreates machines: a module of functions."""

    def usable(self, engine: Any, machine: Machine) -> str:
        """Return by what a machine can come in its state; empty where there is nothing."""

    def recreate(
        self,
        engine: Any,
        machines: list[Machine],
        homes: dict[str, str],
        files: dict[str, str],
        uids: Mapping[str, int] | None,
    ) -> list[str]:
        """Recreate machines; return the names of those that came in their state already."""

    def snapshot(self, engine: Any, machines: list[Machine]) -> list[str]:
        """Keep machines in their states; return the names of what was kept."""

    def make_templates(self, engine: Any, machines: list[Machine]) -> None:
        """Make images of machines that were generalized, and remove the machines."""


@dataclass(frozen=True)
class Run:
    """What a module was asked, and the engine that it asks."""

    params: Mapping[str, Any]
    engine: Engine
    recreation: Recreation
    check_mode: bool
    warn: Callable[[str], None]

    @property
    def machines(self) -> list[Machine]:
        """The machines that were named."""
        return [Machine(**machine) for machine in self.params["machines"]]

    def within_reach(self) -> tuple[list[Machine], list[str]]:
        """Return the machines that were named, and the names of those whose host is silent."""
        gone = {each.name for each in self.engine.containers() if each.lost}
        lost = [each.name for each in self.machines if each.name in gone]
        return [each for each in self.machines if each.name not in gone], lost

    def prepare(self, machines: list[Machine], network: Any) -> None:
        """Make what machines need before they start."""
        if self.engine.is_here:
            raise_inotify_limit(len(machines))
        if network:
            self.engine.create_network(network)

    def build_walls(self, machines: list[Machine]) -> None:
        """Put the network behind walls where that is asked for, and warn where it cannot be."""
        params = self.params
        if params["walls"]:
            problem = self.engine.build_walls(params["subnet"], params["open_ports"], machines)
            if problem and not self.engine.is_here:
                self.warn(
                    f"The lab {params['lab']} has no walls ({problem}): its machines reach all "
                    "ports of each other, and none of a host."
                )
                return
            if problem:
                self.warn(
                    f"The lab {params['lab']} has no walls ({problem}): its machines reach the "
                    "ports of this computer and all of each other's. Run this as root, or close "
                    "these ports."
                )


def reach(
    params: Mapping[str, Any],
    engine: Engine,
    recreation: Recreation,
    *,
    check_mode: bool,
    warn: Callable[[str], None],
) -> dict[str, Any]:
    """Bring the lab to the state that is asked for; return the module's result."""
    return STATES[params["state"]](Run(params, engine, recreation, check_mode, warn))


def present(run: Run) -> dict[str, Any]:
    """Make the machines run and return the result."""
    machines = run.machines
    refuse_impossible(run.params["lab"], run.params["subnet"], machines)
    plan = plan_present(run.params["lab"], machines, run.engine.containers())
    network = run.engine.missing_network(run.params["subnet"], run.params["internal"])
    for machine in plan.publish:
        run.engine.publish(machine, plan.published[machine.name], run.check_mode)
    if not run.check_mode:
        started = set(plan.start) | {machine.name for machine in plan.create}
        try:
            run.prepare(machines, network)
            run.build_walls(machines)
            run.engine.start(plan.create, plan.start, run.params["files"])
            run.engine.wait_for_sshd(
                {m.name: m.address for m in machines if m.name in started},
                run.params["wait_timeout"],
            )
        except Exception:
            take_back(run, [machine.name for machine in plan.create], bool(network))
            raise
    created = [machine.name for machine in plan.create]
    before: dict[str, Any] = {"running": sorted(plan.keep)}
    after: dict[str, Any] = {"running": sorted(plan.keep + plan.start + created)}
    if plan.publish:
        before["published_ports"] = plan.published
        after["published_ports"] = {each.name: each.published_ports for each in plan.publish}
    return {
        "changed": plan.changed or bool(network),
        "created": created,
        "started": plan.start,
        "published": [machine.name for machine in plan.publish],
        "unreachable": plan.lost,
        "removed": [],
        "diff": {"before": before, "after": after},
    }


def take_back(run: Run, created: list[str], network: bool) -> None:
    """Remove what a run that failed has made, so that it leaves things as they were."""
    lab = run.params["lab"]
    found = [each.name for each in run.engine.containers() if each.labels.get(LABEL_LAB) == lab]
    names = [name for name in created if name in found]
    if network:
        run.engine.remove(names)
    else:
        for name in names:
            run.engine.discard(name)


def recreated(run: Run) -> dict[str, Any]:
    """Recreate the machines and return the result."""
    machines, lost = run.within_reach()
    homes = plan_recreated(run.params["lab"], machines, run.engine.containers())
    network = run.engine.missing_network(run.params["subnet"], run.params["internal"])
    in_state = [each.name for each in machines if run.recreation.usable(run.engine, each)]
    if not run.check_mode:
        run.prepare(machines, network)
        params = run.params
        uids = read_uids(params["uids"]) if params["keep_homes"] else None
        in_state = run.recreation.recreate(run.engine, machines, homes, params["files"], uids)
        run.engine.wait_for_sshd({m.name: m.address for m in machines}, params["wait_timeout"])
    return {
        "changed": bool(machines),
        "created": [machine.name for machine in machines],
        "started": [],
        "removed": sorted(homes.values()),
        "in_state": in_state,
        "unreachable": lost,
        "diff": {
            "before": {"machines": sorted(homes.values())},
            "after": {"machines": [machine.name for machine in machines]},
        },
    }


def snapshotted(run: Run) -> dict[str, Any]:
    """Create images of the machines as they are and return the result."""
    machines, lost = run.within_reach()
    wanted = [
        each.state_image
        for each in machines
        if each.state_image and not run.recreation.usable(run.engine, each)
    ]
    if wanted and not run.check_mode:
        run.recreation.snapshot(run.engine, machines)
    return {
        "changed": bool(wanted),
        "created": [],
        "started": [],
        "removed": [],
        "snapshotted": wanted,
        "unreachable": lost,
        "diff": {"before": {"images": []}, "after": {"images": wanted}},
    }


def templated(run: Run) -> dict[str, Any]:
    """Make images of machines for others to start from, remove the machines; return the result."""
    there = {each.name for each in run.engine.containers()}
    machines = [each for each in run.machines if each.name in there and each.class_image]
    if machines and not run.check_mode:
        run.recreation.make_templates(run.engine, machines)
    names, images = [each.name for each in machines], [each.class_image for each in machines]
    return {
        "changed": bool(machines),
        "created": [],
        "started": [],
        "removed": names,
        "snapshotted": images,
        "diff": {"before": {"machines": names}, "after": {"images": images}},
    }


def stopped(run: Run) -> dict[str, Any]:
    """Stop the machines of the lab and return the result."""
    names = plan_stopped(run.params["lab"], run.engine.containers())
    if not run.check_mode:
        run.engine.stop(names)
    return {
        "changed": bool(names),
        "created": [],
        "started": [],
        "removed": [],
        "stopped": names,
        "diff": {"before": {"running": names}, "after": {"running": []}},
    }


def absent(run: Run) -> dict[str, Any]:
    """Remove what the lab has on the engine and return the result."""
    names = plan_absent(run.params["lab"], run.engine.containers())
    changed = bool(names) or run.engine.has_network()
    if changed and not run.check_mode:
        run.engine.remove(names)
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
    "templated": templated,
    "stopped": stopped,
    "absent": absent,
}
