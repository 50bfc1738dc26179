# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab is in terms of the API: its project, its networks and its machines."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._provider.limits import Limits, size_of
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    LABEL_LAB,
    LABEL_RELEASE,
    Machine,
)

USER = "user."
"""What the daemon's names of labels begin with."""

POOL = "labs-mail"
BASE = "base"
"""The snapshot of a machine that has never run."""

BEFORE = "before"
"""The snapshot of a machine that is being recreated, as it was."""

PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
"""Addresses that are nobody's on the Internet."""

LABEL_SUBNET = "labs.mail.subnet"
LINK = "labs-mail1"
"""The interface of each host by which the machines of one lab reach those on the others."""

MTU = 1450
"""Bytes of a packet between hosts, which a VXLAN puts into one of 1500 (RFC 7348)."""

WEB = "80,443"
VENDOR = "10:66:6a"
"""How the MAC addresses begin that are Incus's."""


@dataclass(frozen=True)
class Names:
    """What the parts of a lab are called; a bridge's name has at most 15 characters."""

    lab: str

    @property
    def project(self) -> str:
        """The project of the lab's machines."""
        return self.lab

    @property
    def bridge(self) -> str:
        """The network of the machines."""
        return f"lm{self._mark}"

    @property
    def uplink(self) -> str:
        """The network by which machines that are outside too reach the Internet."""
        return f"lu{self._mark}"

    @property
    def acl(self) -> str:
        """What may pass the uplink."""
        return f"labs-mail-{self._mark}"

    @property
    def _mark(self) -> str:
        return hashlib.sha256(self.lab.encode()).hexdigest()[:10]


def project(names: Names) -> dict[str, Any]:
    """Return the lab's project: unprivileged machines on these networks, and nothing else."""
    if names.lab == "default":
        raise ConfigError("a lab cannot be called default here: the engine has that project itself")
    return {
        "name": names.project,
        "description": f"The machines of the lab {names.lab}",
        "config": {
            f"{USER}{LABEL_LAB}": names.lab,
            "features.images": "false",
            "features.networks": "false",
            "features.profiles": "true",
            "restricted": "true",
            # What gives a machine its addresses. Nobody has a certificate for this project, with
            # which it would be a way to the host's root.
            "restricted.containers.lowlevel": "allow",
            "restricted.containers.privilege": "isolated",
            "restricted.devices.nic": "allow",
            "restricted.devices.proxy": "allow",
            "restricted.snapshots": "allow",
        },
    }


def network(names: Names, subnet: str, internal: bool) -> dict[str, Any]:
    """Return the network of the machines, on which this computer has the first address."""
    net = ipaddress.ip_network(subnet)
    return {
        "name": names.bridge,
        "type": "bridge",
        "description": f"The lab {names.lab}",
        "config": {
            f"{USER}{LABEL_LAB}": names.lab,
            "ipv4.address": f"{net[1]}/{net.prefixlen}",
            "ipv4.nat": "false" if internal else "true",
            "ipv4.dhcp": "false",
            "ipv6.address": "none",
            "dns.mode": "none",
        },
    }


def network_of_members(names: Names, subnet: str) -> dict[str, Any]:
    """Return the network of machines on several hosts, on which none of these has an address.

    It would be the same one on each, and answers would go astray.
    """
    return {
        "name": names.bridge,
        "type": "bridge",
        "description": f"The lab {names.lab}",
        "config": {
            f"{USER}{LABEL_LAB}": names.lab,
            f"{USER}{LABEL_SUBNET}": subnet,
            "bridge.mtu": str(MTU),
            "ipv4.address": "none",
            "ipv6.address": "none",
            "dns.mode": "none",
        },
    }


def uplink(names: Names, gateway: str) -> dict[str, Any]:
    """Return the network to the Internet; ``gateway`` is its address here, such as 10.0.0.1/29."""
    return {
        "name": names.uplink,
        "type": "bridge",
        "description": f"The way out of the lab {names.lab}",
        "config": {
            f"{USER}{LABEL_LAB}": names.lab,
            "ipv4.address": gateway,
            "ipv4.nat": "true",
            "ipv4.dhcp": "false",
            "ipv6.address": "none",
            "security.acls": names.acl,
        },
    }


def acl(names: Names, mirrors: Iterable[str] | None) -> dict[str, Any]:
    """Return what may pass the uplink: the web at these addresses; all that is public if None."""
    allow = {"action": "allow", "state": "enabled", "protocol": "tcp", "destination_port": WEB}
    if mirrors is None:
        closed = {"action": "reject", "state": "enabled", "destination": ",".join(PRIVATE)}
        egress = [closed, allow]
    else:
        addresses = ",".join(sorted(mirrors))
        egress = [{**allow, "destination": addresses}] if addresses else []
    return {
        "name": names.acl,
        "description": f"What the lab {names.lab} may ask of the Internet",
        "config": {f"{USER}{LABEL_LAB}": names.lab},
        "egress": egress,
        "ingress": [],
    }


@dataclass(frozen=True)
class Place:
    """Where machines are made: the lab's network, its way out, and the pool of their disks."""

    subnet: str
    uplink: str
    """This computer's address on the way out; empty where there is none."""
    internal: bool = True
    pool: str = POOL
    link: str = LINK
    """The interface by which the hosts of a cluster reach each other's machines."""


def machine(names: Names, wanted: Machine, place: Place, limits: Limits) -> dict[str, Any]:
    """Return a machine's settings and devices."""
    net = ipaddress.ip_network(place.subnet)
    lines = [f"lxc.net.0.ipv4.address = {wanted.address}/{net.prefixlen}"]
    if not place.internal:
        lines.append(f"lxc.net.0.ipv4.gateway = {net[1]}")
    root = {"type": "disk", "path": "/", "pool": place.pool}
    if limits.disk:
        root["size"] = str(size_of(limits.disk, "disk"))
    devices = {"root": root, "eth0": _nic("eth0", names.bridge, wanted.address)}
    if wanted.outside:
        # Such a machine takes further addresses of the lab.
        del devices["eth0"]["security.ipv4_filtering"], devices["eth0"]["ipv4.address"]
        out = ipaddress.ip_interface(place.uplink)
        address = str(out.network[out.network.num_addresses - 2])
        devices["eth1"] = _nic("eth1", names.uplink, address)
        lines += [
            f"lxc.net.1.ipv4.address = {address}/{out.network.prefixlen}",
            f"lxc.net.1.ipv4.gateway = {out.ip}",
        ]
    devices.update(publishing(wanted))
    config = {
        f"{USER}{LABEL_LAB}": names.lab,
        f"{USER}{LABEL_RELEASE}": wanted.release,
        "security.idmap.isolated": "true",
        # Of a host that passes packets on, each new network namespace would do it too.
        "linux.sysctl.net.ipv4.ip_forward": "0",
        # journald drops what it forwards to rsyslog once so many lines wait.
        "linux.sysctl.net.unix.max_dgram_qlen": "512",
        "raw.lxc": "\n".join(lines),
        **_limits(limits),
    }
    return {"config": config, "devices": devices}


def publishing(wanted: Machine) -> dict[str, dict[str, str]]:
    """Return the devices that publish a machine's ports."""
    return {
        # From inside of the machine, which needs no way to whoever connects.
        f"port{port}": {
            "type": "proxy",
            "listen": f"tcp:0.0.0.0:{port}",
            "connect": f"tcp:127.0.0.1:{own}",
        }
        for port, own in wanted.published_ports.items()
    }


def published_by(devices: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Return the ports that devices publish."""
    return {
        about["listen"].rpartition(":")[2]: int(about["connect"].rpartition(":")[2])
        for about in devices.values()
        if about["type"] == "proxy"
    }


def _nic(name: str, network_name: str, address: str) -> dict[str, str]:
    return {
        "type": "nic",
        "name": name,
        "network": network_name,
        "hwaddr": mac_of(address),
        "ipv4.address": address,
        "security.mac_filtering": "true",
        "security.ipv4_filtering": "true",
    }


def mac_of(address: str) -> str:
    """Return the MAC address of a machine, which stays its own when it is created again.

    Its peers would otherwise send to the old one for some seconds.
    """
    last = ipaddress.IPv4Address(address).packed[1:]
    return ":".join([VENDOR, *(f"{byte:02x}" for byte in last)])


def _limits(limits: Limits) -> dict[str, str]:
    found = {}
    if limits.memory:
        found["limits.memory"] = str(size_of(limits.memory, "memory"))
    if limits.processes:
        found["limits.processes"] = str(limits.processes)
    if limits.file:
        size = size_of(limits.file, "file")
        found["limits.kernel.fsize"] = f"{size}:{size}"
    return found
