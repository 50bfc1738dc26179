"""Several hosts as one engine: a cluster. What a dead one had comes up elsewhere."""

from __future__ import annotations

import atexit
import contextlib
import time
from pathlib import Path

import yaml
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._incus import cluster, tunnel
from ansible_collections.labs.mail.plugins.module_utils._incus.api import Endpoint
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from launcher import cluster_hosts, incus, inventory, playbook, positions
from launcher.cluster_hosts import Host
from launcher.language import tr
from launcher.positions import Position
from launcher.settings import Settings

SILENCE_SECONDS = 90
"""How long the others may take until they know that a host is dead."""

PAUSE_SECONDS = 1
VOTERS = 2
"""With so many hosts one alone has the vote."""

WORLD = "world"


class Provider(incus.Provider):
    """A cluster, by the first of its hosts that answers."""

    is_here = False

    def world_at(self, lab: str) -> str:
        """Return the name of the host that a lab's world is on."""
        return self._engine(lab).places()[f"{lab}-{WORLD}"]

    def lost(self, lab: str, silent: list[str]) -> list[str]:
        """Return the machines of a lab on hosts that are silent, once all others know these are.

        Raises EngineError.
        """
        deadline = time.monotonic() + SILENCE_SECONDS
        while any(
            each.name in silent and each.status != cluster.OFFLINE
            for each in cluster.members(self.client)
        ):
            if time.monotonic() > deadline:
                text = tr(
                    "{hosts} does not answer to ssh, but to the other hosts: look at it first."
                )
                raise EngineError(text.format(hosts=", ".join(silent)))
            time.sleep(PAUSE_SECONDS)
        found = self._engine(lab).containers()
        return [each.name.removeprefix(f"{lab}-") for each in found if each.lost]


def ensure(lab: Settings) -> Provider:
    """Return the cluster of a lab's hosts, which answers. Raises EngineError."""
    words = [host.word for host in cluster_hosts.of(lab.hosts)]
    kept = contextlib.ExitStack()
    atexit.register(kept.close)
    try:
        return Provider("incus", Endpoint(kept.enter_context(tunnel.opened(words))))
    except ConfigError as error:
        raise EngineError(str(error)) from error


def prepare(lab: Settings, console: Console) -> list[Host]:
    """Make the hosts that answer one cluster; return the others. Raises EngineError."""
    hosts = cluster_hosts.of(lab.hosts)
    there = cluster_hosts.answering(hosts)
    if not there:
        text = tr("none of the hosts {hosts} answers to ssh: start them, or see HOSTS.")
        raise EngineError(text.format(hosts=", ".join(host.name for host in hosts)))
    playbook.run("cluster", [host.name for host in there], inventory=_inventory(lab, hosts))
    if len(hosts) == VOTERS:
        text = tr(
            "  Two hosts have one voter: where {name} dies, nothing can be created or reset until "
            "it is back. Any one of three may die."
        )
        console.print(text.format(name=hosts[0].name), style="dim", soft_wrap=True)
    return [host for host in hosts if host not in there]


def _inventory(lab: Settings, hosts: list[Host]) -> Path:
    """Return the inventory of the hosts: the one that was named, or one that is written."""
    if lab.hosts.endswith((".yml", ".yaml")):
        return Path(lab.hosts)
    path = inventory.KEYS / "incus_hosts.yml"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(inventory.HEAD + yaml.safe_dump(cluster_hosts.inventory(hosts)))
    return path


def give_up(lab: Settings, provider: Provider, silent: list[Host], console: Console) -> list[str]:
    """Say which machines of silent hosts come up elsewhere; return these.

    They begin at the start of their exercise.
    """
    if not silent:
        return []
    names = ", ".join(host.name for host in silent)
    lost = provider.lost(lab.lab, [host.name for host in silent])
    if not lost:
        console.print(tr("  {hosts} does not answer.", hosts=names), style="red")
        return []
    text = tr(
        "  {hosts} does not answer: {machines} come up on other hosts, at the start of their "
        "exercise. What was saved of them comes back with ./lab restore."
    )
    console.print(text.format(hosts=names, machines=", ".join(lost)), style="red", soft_wrap=True)
    known = positions.read()
    positions.forget(lost)
    students = [name for name in lost if name in lab.names]
    positions.write(
        {
            name: Position(positions.where(name, known).exercise, "start", lab_reached=False)
            for name in students
        }
    )
    return lost


def write_way_in(lab: Settings, provider: Provider) -> None:
    """Say by which host the machines are reached, now that the world is on one."""
    at = provider.world_at(lab.lab)
    host = next(each for each in cluster_hosts.of(lab.hosts) if each.name == at)
    inventory.write_way_in(lab, host.address)
