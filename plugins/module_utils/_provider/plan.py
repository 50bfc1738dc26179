# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what must happen to an engine's containers so that a lab's machines run."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

LABEL_LAB = "labs.mail.lab"
LABEL_RELEASE = "labs.mail.release"
LABEL_BASE = "labs.mail.base"
"""What the image of a machine in its state is labelled with: the image that it was made from."""

ASIDE = "-before"
"""What the name of a container ends with that is put aside while its machine is made anew."""


@dataclass(frozen=True)
class Machine:
    """A machine that the lab wants.

    ``name`` is the container's, ``address`` its IPv4 address on the lab's network, ``release``
    the Debian release that ``image`` holds; ``outside`` gives it a way out of the lab as well.
    ``state_image`` is the image of the machine in its state, and ``class_image``
    that of a template of its class. ``files`` are its own, beside those of all;
    ``capabilities`` those that it has beyond every machine's, and
    ``open_ports`` the ports at which the others reach it, beyond those of every machine,
    ``reached_ports`` those at which it alone reaches all others, and ``published_ports`` its own at
    which the host's ports of other numbers reach it, by these;
    ``hostname`` is its own name, which it cannot change itself, where it is not the container's.
    """

    name: str
    image: str
    release: str
    address: str
    outside: bool = False
    state_image: str = ""
    class_image: str = ""
    files: dict[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    open_ports: tuple[str, ...] = ()
    reached_ports: tuple[str, ...] = ()
    published_ports: dict[str, int] = field(default_factory=dict)
    hostname: str = ""


@dataclass(frozen=True)
class Container:
    """A container that the engine has: its name, its labels, whether it runs, and its ports.

    ``published_ports`` are as a machine has them; it is ``lost`` where its host does not answer.
    """

    name: str
    labels: dict[str, str]
    running: bool
    published_ports: dict[str, int] = field(default_factory=dict)
    lost: bool = False


@dataclass
class Plan:
    """What to do: machines to create, names to start, names to leave as they are.

    Of those that exist, the machines of ``publish`` publish other ports, which ``published`` has by
    their names. Of those that are ``lost`` nothing can be known or done.
    """

    create: list[Machine] = field(default_factory=list)
    start: list[str] = field(default_factory=list)
    keep: list[str] = field(default_factory=list)
    publish: list[Machine] = field(default_factory=list)
    published: dict[str, dict[str, int]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.create or self.start or self.publish)


NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}")


def refuse_impossible(lab: str, subnet: str, wanted: list[Machine]) -> None:
    """Raise ConfigError where machines cannot be, before anything is made of them."""
    name = "write letters, digits, dots, hyphens and underscores, a letter or a digit first"
    if not NAME.fullmatch(lab):
        raise ConfigError(f"found {lab!r}", "lab", instead=name)
    try:
        net = ipaddress.IPv4Network(subnet)
    except ValueError as error:
        raise ConfigError(
            f"found {subnet!r} ({error})",
            "subnet",
            instead="write an IPv4 network such as 172.30.177.0/24",
        ) from None
    # The first address is the gateway's.
    taken = {net[0]: "the network itself", net[1]: "the gateway", net[-1]: "all of the network"}
    for machine in wanted:
        if not NAME.fullmatch(machine.name):
            raise ConfigError(f"found {machine.name!r}", "machines.name", instead=name)
        try:
            address = ipaddress.IPv4Address(machine.address)
        except ValueError:
            address = None
        if address is None or address not in net:
            raise ConfigError(
                f"found {machine.address!r}",
                f"{machine.name}: address",
                instead=f"write an address of {net}",
            )
        if address in taken:
            raise ConfigError(
                f"{address} is {taken[address]}'s already",
                f"{machine.name}: address",
                instead="give each machine one of its own",
            )
        taken[address] = machine.name


def plan_present(lab: str, wanted: list[Machine], found: list[Container]) -> Plan:
    """Compare the machines a lab wants with the engine's containers.

    Raises ConfigError where a wanted name belongs to a container that is not this lab's, or to a
    machine of another Debian release: neither is ever replaced, since a student's work is in it.
    """
    existing = {container.name: container for container in found}
    plan = Plan()
    for machine in wanted:
        container = existing.get(machine.name)
        if container is None:
            plan.create.append(machine)
            continue
        _refuse_foreign(lab, container)
        if container.lost:
            plan.lost.append(machine.name)
            continue
        release = container.labels.get(LABEL_RELEASE)
        if release != machine.release:
            raise ConfigError(
                f"{machine.name} runs Debian {release}, not {machine.release}: keep that release, "
                "or take the lab down first (what students did on it is then lost)"
            )
        (plan.keep if container.running else plan.start).append(machine.name)
        if container.published_ports != machine.published_ports:
            plan.publish.append(machine)
            plan.published[machine.name] = container.published_ports
    return plan


def ports_of(published: Mapping[str, int]) -> str:
    """Return published ports as sentences have them: each the host's, and the machine's own."""
    return ", ".join(f"{port}:{own}" for port, own in sorted(published.items())) or "no port"


def _refuse_foreign(lab: str, container: Container) -> None:
    if container.labels.get(LABEL_LAB) != lab:
        raise ConfigError(
            f"a container named {container.name} exists already and is not a machine of the lab "
            f"{lab!r}: remove it (docker rm -f {container.name}) or give the lab another name"
        )


def plan_recreated(lab: str, wanted: list[Machine], found: list[Container]) -> dict[str, str]:
    """Return the container that each machine's homes come from, by the machine's name.

    Where a run was interrupted, that is the one which was put aside, and not the new one. Raises
    ConfigError where a name belongs to a container that is not this lab's.
    """
    existing = {container.name: container for container in found}
    homes = {}
    for machine in wanted:
        for name in (machine.name, machine.name + ASIDE):
            if name in existing:
                _refuse_foreign(lab, existing[name])
                homes[machine.name] = name
    return homes


def plan_absent(lab: str, found: list[Container]) -> list[str]:
    """Return the names of the containers that are machines of the lab."""
    return sorted(c.name for c in found if c.labels.get(LABEL_LAB) == lab)


def plan_stopped(lab: str, found: list[Container]) -> list[str]:
    """Return the names of the containers that are running machines of the lab."""
    return sorted(c.name for c in found if c.labels.get(LABEL_LAB) == lab and c.running)
