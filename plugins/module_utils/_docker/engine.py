# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab asks of a Docker engine: its network, its containers, and that they answer."""

from __future__ import annotations

import contextlib
import io
import ipaddress
import tarfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._docker import (
    confinement,
    images,
    starting,
)
from ansible_collections.labs.mail.plugins.module_utils._provider import walls
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.limits import Limits
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    LABEL_LAB,
    LABEL_RELEASE,
    Container,
    Machine,
    ports_of,
)
from ansible_collections.labs.mail.plugins.module_utils._provider.sshd import wait_for_sshd

REMOVAL_SECONDS = 60
AT_ONCE = 4
"""Machines that are created, started, stopped or removed at once."""

SYSCTLS = {"net.ipv4.ip_forward": "0", "net.unix.max_dgram_qlen": "512"}
"""A machine with two networks, as the world is one, is no router between them: the engine would
have it forward. And journald drops what it forwards to rsyslog once so many lines wait, which is 10
in a new network namespace; systemd gives a host of its own 512 (sysctl.d(5), 50-default.conf)."""


class Engine:
    """One lab on one engine. ``sdk`` is the module ``docker`` of the Docker SDK."""

    is_here = True
    """The machines are told this kernel's limits; where an engine elsewhere is, it has its own."""

    def __init__(self, sdk: Any, lab: str, limits: Limits | None = None) -> None:
        """Connect to the engine that the environment names; raises EngineError."""
        self.sdk = sdk
        self.limits = limits or Limits()
        self.lab = lab
        self.labels = {LABEL_LAB: lab}
        try:
            self.client = sdk.from_env()
            self.info = self.client.info()
        except sdk.errors.DockerException as error:
            raise EngineError(
                f"no container engine answers ({error}): start it (systemctl start docker), "
                "or run as a user who may use it"
            ) from error

    def containers(self) -> list[Container]:
        """Every container of the engine, stopped ones too.

        A machine of the lab whose start was interrupted does not run yet.
        """
        return [
            Container(
                c.name, c.labels, c.status == "running" and not self._waits(c), _published_by(c)
            )
            for c in self.client.containers.list(all=True, ignore_removed=True)
        ]

    def _waits(self, container: Any) -> bool:
        of_lab = container.labels.get(LABEL_LAB) == self.lab
        return of_lab and starting.waits(container, self.sdk)

    def images(self) -> dict[str, list[str]]:
        """The names of each image of the lab, by its ID; one that has lost its names has none."""
        return images.of_lab(self.client, self.lab)

    def has_network(self) -> bool:
        """Whether the lab's network exists."""
        return bool(self.client.networks.list(filters={"label": f"{LABEL_LAB}={self.lab}"}))

    def missing_network(self, subnet: str, internal: bool) -> dict[str, Any] | None:
        """Return the definition of the lab's network, or None if it exists as asked.

        Raises EngineError where it exists with another subnet.
        """
        for network in self.client.networks.list(names=[self.lab]):
            network.reload()
            if network.name != self.lab:
                continue
            # Of a network of its own the engine tells neither addresses nor labels.
            configured = [part["Subnet"] for part in network.attrs["IPAM"]["Config"] or []]
            labels = network.attrs["Labels"] or {}
            if configured != [subnet] or labels.get(LABEL_LAB) != self.lab:
                raise EngineError(
                    f"the engine has a network {self.lab!r} already, with "
                    f"{', '.join(configured) or 'no addresses'}: take that lab down first, or give "
                    "this one another name"
                )
            return None
        gateway = str(ipaddress.ip_network(subnet)[1])
        pool = self.sdk.types.IPAMPool(subnet=subnet, gateway=gateway)
        return {
            "name": self.lab,
            "internal": internal,
            "labels": dict(self.labels),
            "ipam": self.sdk.types.IPAMConfig(pool_configs=[pool]),
        }

    def create_network(self, definition: dict[str, Any]) -> None:
        """Create the lab's network; raises EngineError where its addresses are taken."""
        try:
            self.client.networks.create(**definition)
        except self.sdk.errors.APIError as error:
            raise EngineError(
                f"the engine refused the lab's network: {error.explanation}. If its addresses are "
                "in use here, give the lab others (SUBNET=…)"
            ) from error

    def build_walls(self, subnet: str, ports: list[str], machines: list[Machine]) -> str:
        """Put the lab's network behind walls; return why it could not be, or nothing."""
        (network,) = self.client.networks.list(filters={"label": f"{LABEL_LAB}={self.lab}"})
        bridge = (network.attrs.get("Options") or {}).get("com.docker.network.bridge.name")
        more = {each.address: each.open_ports for each in machines if each.open_ports}
        sources = {each.address: each.reached_ports for each in machines if each.reached_ports}
        bridge = bridge or f"br-{network.id[:12]}"
        try:
            walls.build(self.lab, bridge, subnet, ports, more, sources=sources)
        except (walls.WallsError, OSError) as error:
            return str(error)
        return ""

    def start(self, create: list[Machine], start: list[str], files: dict[str, str]) -> None:
        """Create and start machines, several at a time; a half-made one is removed again."""
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            list(pool.map(lambda each: self.run(self.create(each, files), each), create))
            list(pool.map(self.start_again, start))

    def wait_for_sshd(self, addresses: dict[str, str], timeout: int) -> None:
        """Wait until sshd answers on machines, which have these addresses by their names."""
        wait_for_sshd(addresses, timeout)

    def create(self, machine: Machine, files: dict[str, str], image: str = "") -> Any:
        """Create a machine from the image named, or that of its class, or its own; return it."""
        if not image and images.is_of_base(self, machine.class_image, machine.image):
            image = machine.class_image
        endpoint = self.client.api.create_endpoint_config(ipv4_address=machine.address)
        try:
            container = self.client.containers.create(
                image or machine.image,
                name=machine.name,
                hostname=machine.hostname or machine.name,
                labels={**self.labels, LABEL_RELEASE: machine.release},
                network=self.lab,
                networking_config={self.lab: endpoint},
                sysctls=SYSCTLS,
                ports={f"{own}/tcp": int(port) for port, own in machine.published_ports.items()},
                **confinement.options(machine.capabilities, self.limits, self.sdk),
            )
        except self.sdk.errors.ImageNotFound as error:
            raise EngineError(
                f"the image {machine.image} is missing: `make image` builds those of Debian 12 "
                "and 13"
            ) from error
        except self.sdk.errors.APIError as error:
            raise EngineError(f"{machine.name} cannot be created: {error.explanation}") from error
        try:
            if machine.outside:
                self.client.networks.get("bridge").connect(container)
            container.put_archive("/", _archive({**files, **machine.files}))
        except self.sdk.errors.APIError as error:
            container.remove(force=True)
            raise EngineError(f"{machine.name} cannot be made: {error.explanation}") from error
        return container

    def run(self, container: Any, machine: Machine) -> None:
        """Start a machine that was created; one that cannot be started is removed again."""
        try:
            starting.start(container, self.client, self.sdk)
        except self.sdk.errors.APIError as error:
            container.remove(force=True)
            raise EngineError(f"{machine.name} cannot be started: {error.explanation}") from error
        except EngineError:
            container.remove(force=True)
            raise

    def start_again(self, name: str) -> None:
        """Start a machine that was stopped; one that cannot be started stays stopped."""
        container = self.client.containers.get(name)
        try:
            starting.start(container, self.client, self.sdk)
        except EngineError:
            container.kill()
            raise

    def publish(self, machine: Machine, published: Mapping[str, int], _check_mode: bool) -> None:
        """Refuse: the engine publishes a container's ports when it is created, and no others."""
        raise EngineError(
            f"{machine.name} publishes {ports_of(published)}, and "
            f"{ports_of(machine.published_ports)} is asked for: Docker publishes ports of a "
            "container when it is created. Recreate the machine (state=recreated), or ask for the "
            "ports that it has"
        )

    def stop(self, names: list[str]) -> None:
        """Stop machines, several at a time, each as by its power button."""
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            list(pool.map(lambda name: self.client.containers.get(name).stop(), names))

    def remove(self, names: list[str]) -> None:
        """Remove these containers, their anonymous volumes, and what else the lab has."""
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            list(pool.map(self.discard, names))
        of_lab = {"label": f"{LABEL_LAB}={self.lab}"}
        with contextlib.suppress(walls.WallsError):  # Who could not make them has none.
            walls.remove(self.lab)
        images.remove_all(self)
        # Last, since others may hold it: all else is gone then.
        for network in self.client.networks.list(filters=of_lab):
            self._remove_network(network)

    def _remove_network(self, network: Any) -> None:
        try:
            network.remove()
        except self.sdk.errors.APIError as error:
            network.reload()
            others = [each["Name"] for each in (network.attrs.get("Containers") or {}).values()]
            if not others:
                raise
            raise EngineError(
                f"the network {self.lab} stays, since {', '.join(sorted(others))} is on it, which "
                f"is no machine of the lab: docker network disconnect {self.lab} {min(others)}, "
                "and take the lab down again"
            ) from error

    def discard(self, name: str) -> None:
        """Remove a container, where it is there, with its anonymous volumes."""
        with contextlib.suppress(self.sdk.errors.NotFound):
            container = self.client.containers.get(name)
            try:
                container.remove(force=True, v=True)
            except self.sdk.errors.APIError as error:
                if "already in progress" not in str(error.explanation):
                    raise
                # Another run, or one that was interrupted, has begun to remove it.
                container.wait(condition="removed", timeout=REMOVAL_SECONDS)


def _published_by(container: Any) -> dict[str, int]:
    """Return the ports that a container was created to publish, whether it runs or not."""
    bindings = container.attrs["HostConfig"].get("PortBindings") or {}
    return {
        bound["HostPort"]: int(own.partition("/")[0])
        for own, places in bindings.items()
        for bound in places or []
    }


def _archive(files: dict[str, str]) -> bytes:
    """Pack files, by absolute path, as the tar archive that the engine unpacks at /."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in sorted({PurePosixPath(path).parent for path in files}):
            entry = tarfile.TarInfo(str(folder).lstrip("/"))
            entry.type, entry.mode = tarfile.DIRTYPE, 0o700 if folder.name == ".ssh" else 0o755
            archive.addfile(entry)
        for path, content in sorted(files.items()):
            data = content.encode()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
