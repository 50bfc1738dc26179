# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab asks of an Incus or LXD daemon: its networks, its machines, and their files."""

from __future__ import annotations

import contextlib
import ipaddress
import posixpath
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._incus import (
    definition,
    greeting,
    sources,
    user_ids,
)
from ansible_collections.labs.mail.plugins.module_utils._incus.api import (
    Client,
    Endpoint,
    NotThereError,
)
from ansible_collections.labs.mail.plugins.module_utils._incus.definition import Names, Place
from ansible_collections.labs.mail.plugins.module_utils._incus.members import Members
from ansible_collections.labs.mail.plugins.module_utils._incus.sftp import Sftp
from ansible_collections.labs.mail.plugins.module_utils._provider import walls
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.limits import Limits
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    LABEL_LAB,
    LABEL_RELEASE,
    Container,
    Machine,
)
from ansible_collections.labs.mail.plugins.module_utils._provider.several import with_each
from ansible_collections.labs.mail.plugins.module_utils._provider.sshd import wait_for_sshd

STOP_SECONDS = 60
PENDING = "Pending"
"""What a network is that the members of a cluster know of, and that was not created yet."""

SSH_DIRECTORY = ".ssh"


class Engine:
    """One lab on one daemon, or on all those of a cluster that it is a member of."""

    def __init__(
        self,
        endpoint: Endpoint,
        lab: str,
        place: Place,
        limits: Limits | None = None,
        mirrors: list[str] | None = None,
        *,
        is_here: bool = True,
        given_up: Sequence[str] = (),
    ) -> None:
        """Connect to the daemon; raises EngineError.

        ``given_up`` are members of the cluster: machines on one that does not answer are none any
        more, and where a machine is created or removed, it is taken out of the cluster.
        """
        self.lab = lab
        self.is_here = is_here
        self.names = Names(lab)
        self.place = place
        self.limits = limits or Limits()
        self.mirrors = mirrors
        self.host = Client(endpoint)
        self.client = self.host.of(self.names.project)
        self._creating = threading.Lock()
        try:
            about = self.host.get("")["environment"]
        except EngineError as error:
            raise EngineError(
                f"no engine answers ({error}): start it (systemctl start incus), or run as a user "
                "who may use it"
            ) from error
        here = is_here and not endpoint.place.startswith("https://")
        self._must_be_told = here and about.get("server") == "lxd"
        self.members = Members(self.host, given_up)

    def containers(self) -> list[Container]:
        """Every machine of the lab's project, stopped ones too."""
        silent, gone = self.members.silent, self.members.gone
        return [
            self._container(each, each.get("location") in silent)
            for each in self.instances()
            if each.get("location") not in gone and not sources.is_source(each["name"])
        ]

    def instances(self) -> list[dict[str, Any]]:
        """Whatever is in the lab's project: machines, and what these are copied from."""
        return self.client.get("/instances", recursion=1) if self._has_project() else []

    def _container(self, found: Mapping[str, Any], lost: bool) -> Container:
        # Of a machine on a silent host the daemon knows little more than that it is of the project.
        labels = {LABEL_LAB: self.lab} if lost else _labels(found["config"])
        ports = definition.published_by(found["devices"] or {})
        return Container(found["name"], labels, found["status"] == "Running", ports, lost)

    def places(self) -> dict[str, str]:
        """Return the member of the cluster that each machine of the lab is on."""
        return {
            each["name"]: each["location"]
            for each in self.instances()
            if not sources.is_source(each["name"])
        }

    def _has_project(self) -> bool:
        found = self.host.find(f"/projects/{self.names.project}")
        if found and found["config"].get(f"user.{LABEL_LAB}") != self.lab:
            raise EngineError(
                f"the engine has a project {self.names.project!r} already, which is not a lab's: "
                "give the lab another name"
            )
        return bool(found)

    def has_network(self) -> bool:
        """Whether anything of the lab but machines exists."""
        names = self.names
        paths = (
            f"/projects/{names.project}",
            f"/networks/{names.bridge}",
            f"/networks/{names.uplink}",
            f"/network-acls/{names.acl}",
        )
        return any(self.host.find(path) for path in paths)

    def missing_network(self, subnet: str, internal: bool) -> list[tuple[str, dict[str, Any]]]:
        """Return what is missing before machines can be made, in order: where, and as what.

        Raises EngineError where the lab has another subnet.
        """
        names = self.names
        wanted = [
            ("/projects", definition.project(names)),
            ("/networks", self._network(subnet, internal)),
        ]
        if self.place.uplink:
            wanted += [
                ("/network-acls", definition.acl(names, self._addresses())),
                ("/networks", definition.uplink(names, self.place.uplink)),
            ]
        missing = []
        for path, each_wanted in wanted:
            found = self.host.find(f"{path}/{each_wanted['name']}")
            if not found or found.get("status") == PENDING:
                missing.append((path, each_wanted))
            elif _addresses_of(each_wanted) != _addresses_of(found):
                raise EngineError(
                    f"the lab {self.lab} has the network {_addresses_of(found)} already: take it "
                    "down first, or give this one another name"
                )
            elif path == "/network-acls" and each_wanted["egress"] != found["egress"]:
                missing.append((path, each_wanted))
        return missing

    def _network(self, subnet: str, internal: bool) -> dict[str, Any]:
        """Return the network of the machines: on one host, or on those of a cluster."""
        if not self.members:
            return definition.network(self.names, subnet, internal)
        if not internal:
            raise ConfigError(
                "found false, and no host of a cluster passes on what machines send", "internal"
            )
        return definition.network_of_members(self.names, subnet)

    def create_network(self, missing: list[tuple[str, dict[str, Any]]]) -> None:
        """Create what is missing; raises EngineError where its addresses are taken."""
        self.members.evict_lost()
        for path, wanted in missing:
            there = self.host.find(f"{path}/{wanted['name']}")
            try:
                if self.members and path == "/networks":
                    link = self.place.link if wanted["name"] == self.names.bridge else ""
                    self.members.announce(wanted["name"], link)
                    self.host.ask("POST", path, wanted)
                elif there:
                    self.host.ask("PUT", f"{path}/{wanted['name']}", wanted)
                else:
                    self.host.ask("POST", path, wanted)
            except EngineError as error:
                raise EngineError(
                    f"the engine refused the lab's {path.strip('/')}: {error}. If its addresses "
                    "are in use here, give the lab others (SUBNET=…)"
                ) from error

    def _addresses(self) -> list[str] | None:
        """Return the addresses of the mirrors; None where none are named."""
        if self.mirrors is None:
            return None
        found: set[str] = set()
        for name in self.mirrors:
            with contextlib.suppress(OSError):
                found.update(
                    str(answer[4][0])
                    for answer in socket.getaddrinfo(name, 80, socket.AF_INET, socket.SOCK_STREAM)
                )
        return sorted(f"{address}/32" for address in found)

    def build_walls(self, subnet: str, ports: list[str], machines: list[Machine]) -> str:
        """Put the lab's network behind walls; return why it could not be, or nothing."""
        if not self.is_here:
            return "walls are built on this computer alone, and not on other hosts"
        more = {each.address: each.open_ports for each in machines if each.open_ports}
        sources = {each.address: each.reached_ports for each in machines if each.reached_ports}
        out = self.names.uplink if self.place.uplink else ""
        bridge = self.names.bridge
        try:
            walls.build(self.lab, bridge, subnet, ports, more, "ACCEPT", out, sources)
        except (walls.WallsError, OSError) as error:
            return str(error)
        return ""

    def start(self, create: list[Machine], start: list[str], files: dict[str, str]) -> None:
        """Create and start machines, several at a time; a half-made one is removed again."""

        def new(machine: Machine) -> None:
            self.create(machine, files)
            try:
                self.run(machine.name)
            except EngineError as error:
                # Why it did not start is what has to be known, not that it cannot be removed.
                with contextlib.suppress(EngineError):
                    self.discard(machine.name)
                raise EngineError(f"{machine.name} cannot be started: {error}") from error

        if create:
            self.members.evict_lost()
        with_each(create, new)
        with_each(start, self.run)

    def wait_for_sshd(self, addresses: dict[str, str], timeout: int) -> None:
        """Wait until sshd answers on machines, which have these addresses by their names."""
        if self.members or not self.is_here:
            greeting.wait_within(self, addresses, timeout)
        else:
            wait_for_sshd(addresses, timeout)

    def create(self, machine: Machine, files: dict[str, str], source: str = "") -> None:
        """Create a machine, and take a snapshot of it before it has ever run.

        :arg source: the snapshot of a state that it is to be a copy of; otherwise it is one of the
            template of its class, where there is one, or else made from its image.
        """
        # What has been in a state has these files as they are in it.
        own = {} if source else self.own_files(machine)
        source = source or sources.template(self, machine)
        if not source and not self.host.find(f"/images/aliases/{machine.image}"):
            raise EngineError(
                f"the image {machine.image} is missing: build it with "
                f"`make image ENGINE=incus DEBIAN={machine.release}`"
            )
        wanted = {
            "name": machine.name,
            "type": "container",
            "source": {"type": "image", "alias": machine.image},
            "profiles": [],
            **self.settings(machine),
        }
        if source:
            wanted["source"] = {"type": "copy", "source": source, "instance_only": True}
            wanted["config"][sources.COPY_OF] = source
        try:
            self._create(wanted, self.members.target(machine.name, self.places))
        except EngineError as error:
            raise EngineError(f"{machine.name} cannot be created: {error}") from error
        try:
            self.write(machine.name, {**own, **files, **machine.files})
            self.keep(machine.name, definition.BASE)
        except EngineError as error:
            self.discard(machine.name)
            raise EngineError(f"{machine.name} cannot be made: {error}") from error

    def _create(self, wanted: dict[str, Any], target: dict[str, Any]) -> None:
        if not self._must_be_told:
            self.client.ask("POST", "/instances", wanted, **target)
            return
        # One at a time, so that no two choose the same user IDs.
        with self._creating:
            known = self.host.get("/instances", recursion=1, **{"all-projects": "true"})
            bases = [each["config"].get("volatile.idmap.base", "0") for each in known]
            first = user_ids.free(user_ids.of_root(_subuid()), map(int, bases))
            if first is not None:
                wanted["config"]["security.idmap.base"] = str(first)
            self.client.ask("POST", "/instances", wanted, **target)

    def settings(self, machine: Machine) -> dict[str, Any]:
        """Return a machine's settings and devices."""
        found = definition.machine(self.names, machine, self.place, self.limits)
        if self.members:
            # One that publishes ports would only be stopped where its host is evacuated.
            found["config"]["cluster.evacuate"] = "migrate"
        return found

    def own_files(self, machine: Machine) -> dict[str, str]:
        """Return the files that are a machine's own on any engine."""
        name = machine.hostname or machine.name
        resolver = ""
        if machine.outside:
            resolver = f"nameserver {ipaddress.ip_interface(self.place.uplink).ip}\n"
        return {
            "/etc/hostname": f"{name}\n",
            "/etc/hosts": f"127.0.0.1\tlocalhost\n{machine.address}\t{name}\n",
            "/etc/resolv.conf": resolver,
        }

    @contextlib.contextmanager
    def files(self, name: str) -> Any:
        """Yield what reads and writes the files of a machine."""
        with self.client.upgraded(f"/instances/{name}/sftp", "sftp") as connection:
            yield Sftp(connection)

    def write(self, name: str, files: dict[str, str]) -> None:
        """Write files that belong to root; keys of ssh are for root alone."""
        with self.files(name) as sftp:
            for path, content in sorted(files.items()):
                _make_directories(sftp, posixpath.dirname(path))
                sftp.write(path, content.encode())
                public = path in ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
                sftp.set(path, 0, 0, 0o644 if public else 0o600)

    def run(self, name: str) -> None:
        """Start a machine."""
        self.state(name, "start")

    def halt(self, name: str) -> None:
        """Stop a machine at once, where it runs."""
        if self.status(name) != "Stopped":
            self.state(name, "stop", force=True)

    def stop(self, names: list[str]) -> None:
        """Stop machines, several at a time, each as by its power button, and then by force."""

        def one(name: str) -> None:
            try:
                self.state(name, "stop", timeout=STOP_SECONDS)
            except EngineError:
                self.halt(name)

        with_each(names, one)

    def state(self, name: str, action: str, **how: Any) -> None:
        """Start, stop or restart a machine."""
        self.client.ask("PUT", f"/instances/{name}/state", {"action": action, **how})

    def status(self, name: str) -> str:
        """Return what a machine does, such as Running or Stopped."""
        return self.client.get(f"/instances/{name}")["status"]

    def publish(self, machine: Machine, published: Mapping[str, int], check_mode: bool) -> None:
        """Have a machine publish its ports, and no more those that it has published until now."""
        if published == machine.published_ports or check_mode:
            return
        path = f"/instances/{machine.name}"
        known = self.client.get(path)
        others = {name: each for name, each in known["devices"].items() if each["type"] != "proxy"}
        known["devices"] = {**others, **definition.publishing(machine)}
        self.client.ask("PUT", path, known)

    def unplug(self, name: str, description: str = "") -> None:
        """Take a machine off its networks, so that another one can have its addresses."""
        path = f"/instances/{name}"
        known = {**self.client.get(path), "description": description}
        known["devices"] = {
            device: about for device, about in known["devices"].items() if about["type"] != "nic"
        }
        self.client.ask("PUT", path, known)

    def rename(self, name: str, new: str) -> None:
        """Give a machine that is stopped another name."""
        self.client.ask("POST", f"/instances/{name}", {"name": new})

    def execute(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], seconds: int
    ) -> tuple[int, bytes]:
        """Run a command on a machine; return its exit code, and what it printed."""
        asked = {
            "command": list(command),
            "environment": dict(environment),
            "record-output": True,
            "interactive": False,
            "wait-for-websocket": False,
        }
        path = f"/instances/{name}"
        done = self.client.ask("POST", f"{path}/exec", asked, patience=seconds)["metadata"]
        printed = b""
        for log in (done.get("output") or {}).values():
            place = log.partition("?")[0].removeprefix("/1.0")
            printed += self.client.download(place)
            with contextlib.suppress(EngineError):
                self.client.ask("DELETE", place)
        return int(done["return"]), printed

    def keep(self, name: str, snapshot: str) -> None:
        """Take a snapshot of a machine, over one of the same name."""
        self.forget(name, snapshot)
        self.client.ask("POST", f"/instances/{name}/snapshots", {"name": snapshot})

    def forget(self, name: str, snapshot: str) -> None:
        """Remove a snapshot, where there is one of that name."""
        with contextlib.suppress(NotThereError):
            self.client.ask("DELETE", f"/instances/{name}/snapshots/{snapshot}")

    def snapshots(self, name: str) -> list[str]:
        """Return the names of a machine's snapshots; none where there is no such machine."""
        found = self.client.find(f"/instances/{name}/snapshots")
        return [path.partition("?")[0].rpartition("/")[2] for path in found or []]

    def remove(self, names: list[str]) -> None:
        """Remove these machines, and what else the lab has."""
        self.members.evict_lost()
        silent = self.members.silent
        if silent:
            raise EngineError(
                f"{', '.join(silent)} does not answer, and without it the cluster removes nothing: "
                f"start it, or take it out: incus cluster remove {silent[0]} --force"
            )
        more = [each["name"] for each in self.instances() if sources.is_source(each["name"])]
        with_each([*names, *more], self.discard)
        if self.is_here:
            with contextlib.suppress(walls.WallsError):  # Who could not make them has none.
                walls.remove(self.lab, self.names.uplink)
        for path in (
            f"/projects/{self.names.project}",
            f"/networks/{self.names.uplink}",
            f"/networks/{self.names.bridge}",
            f"/network-acls/{self.names.acl}",
        ):
            with contextlib.suppress(NotThereError):
                self.host.ask("DELETE", path)

    def discard(self, name: str) -> None:
        """Remove a machine, where it is there, with its snapshots."""
        with contextlib.suppress(NotThereError):
            self.halt(name)
            self.client.ask("DELETE", f"/instances/{name}")


def _addresses_of(thing: dict[str, Any]) -> str | None:
    """Return which addresses a network has; nothing where it is none."""
    config = thing["config"]
    return config.get(f"user.{definition.LABEL_SUBNET}") or config.get("ipv4.address")


def _subuid() -> str:
    try:
        return user_ids.SUBUID.read_text()
    except OSError:
        return ""


def _labels(config: dict[str, str]) -> dict[str, str]:
    labels = (LABEL_LAB, LABEL_RELEASE)
    return {label: config[f"user.{label}"] for label in labels if f"user.{label}" in config}


def _make_directories(sftp: Sftp, path: str) -> None:
    if path in ("", "/") or sftp.exists(path):
        return
    _make_directories(sftp, posixpath.dirname(path))
    sftp.mkdir(path)
    sftp.set(path, 0, 0, 0o700 if posixpath.basename(path) == SSH_DIRECTORY else 0o755)
