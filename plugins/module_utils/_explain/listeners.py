# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which service of master.cf answers at an address and port, and which filter's daemon does."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

CLAMSMTPD = Path("/etc/clamsmtpd.conf")
HEADER = "X-Virus-Scanned: ClamAV using ClamSMTP"
"""What clamsmtpd adds to the header where its configuration names nothing else."""

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
IPV4_DIGITS = 8
SMTP_PORT = 25
LISTEN = "0A"
"""The state of a socket that listens (TCP_LISTEN in the kernel's tcp_states.h)."""

ROUTES = Path("/proc/self/net/fib_trie")
LOCAL_ROUTE = re.compile(r"\|-- ([\d.]+)\n +/32 host LOCAL")
INTERFACES6 = Path("/proc/self/net/if_inet6")
"""Where the kernel tells this machine's own addresses, see proc_pid_net(5)."""

OWN = re.compile(r"\[?(?:127\.\d+\.\d+\.\d+|localhost|::1|ipv6:::1)\]?", re.I)
DESTINATION = re.compile(r"(?:inet:)?(\[[^\]]+\]|[^:\[\]]*)(?::([\w-]+))?")


@dataclass(frozen=True)
class Proxy:
    """clamsmtpd(8): where it listens, whither it hands on, whether it says who the client was."""

    port: int
    out: int
    xclient: bool
    action: str
    path: str
    line: int
    header: str = ""
    """What it adds to the header of a clean message."""


def port_of(name: str) -> int | None:
    """Return the number of a port that is named or numbered."""
    if name.isascii() and name.isdigit():
        return int(name)
    try:
        return socket.getservbyname(name, "tcp")
    except OSError:
        return None


def own_addresses(routes: Path = ROUTES, interfaces6: Path = INTERFACES6) -> frozenset[str]:
    """Return the addresses of this machine, those of the loopback among them."""
    found = set()
    with contextlib.suppress(OSError):
        found |= set(LOCAL_ROUTE.findall(routes.read_text(encoding="ascii", errors="replace")))
    with contextlib.suppress(OSError, ValueError):
        for line in interfaces6.read_text(encoding="ascii").splitlines():
            found.add(str(ipaddress.IPv6Address(int(line.split()[0], 16))))
    return frozenset(found)


def own_port(
    nexthop: str, default: int = SMTP_PORT, own: frozenset[str] = frozenset()
) -> int | None:
    """Return the port of this machine at a next hop; None where that is another machine.

    :arg own: the addresses of this machine, beside the loopback's.
    """
    match = DESTINATION.fullmatch(nexthop)
    if not match or not (OWN.fullmatch(match[1]) or _plain(match[1]) in own):
        return None
    return port_of(match[2]) if match[2] else default


def listener(
    configuration: Configuration, port: int, client: str, services: Sequence[Entry] | None = None
) -> Entry | None:
    """Return the service that takes a client's connection to a port; None where none does."""
    inside = bool(OWN.fullmatch(client))
    loopback = _loopback_only(configuration.values.get("inet_interfaces", ""))
    found = None
    for entry in configuration.services if services is None else services:
        if entry.type != "inet":
            continue
        host, _colon, name = entry.name.rpartition(":")
        if port_of(name) != port:
            continue
        reachable = inside or not (OWN.fullmatch(host) if host else loopback)
        found = entry if reachable else found
    return found


def own_host(nexthop: str) -> str:
    """Return the host of a next hop that is this machine."""
    match = DESTINATION.fullmatch(nexthop)
    return match[1] if match else ""


def listener_at(configuration: Configuration, host: str, port: int) -> Entry | None:
    """Return the service that takes what this machine sends to an address of its own."""
    words = re.split(r"[\s,]+", configuration.values.get("inet_interfaces", "all").strip())
    everywhere = any(word == "all" for word in words)
    found = None
    for entry in configuration.services:
        bound, _colon, name = entry.name.rpartition(":")
        if entry.type != "inet" or port_of(name) != port:
            continue
        own = _addresses(bound) if bound else _addresses(*words)
        if (everywhere and not bound) or own & _addresses(host):
            found = entry
    return found


def is_itself(configuration: Configuration, nexthop: str, own: frozenset[str]) -> bool:
    """Tell whether smtp finds at a next hop its own Postfix, and not another server.

    It looks at port 25 alone; see inet_interfaces and proxy_interfaces in postconf(5).

    :arg own: the addresses of this machine, beside the loopback's.
    """
    match = DESTINATION.fullmatch(nexthop)
    if not match or (match[2] and port_of(match[2]) != SMTP_PORT):
        return False
    found: set[str] = set()
    for name, default in (("inet_interfaces", "all"), ("proxy_interfaces", "")):
        words = re.split(r"[\s,]+", configuration.values.get(name, default).strip())
        found |= own | _addresses("localhost") if "all" in words else _addresses(*words)
    return bool(found & _addresses(match[1]))


def _plain(host: str) -> str:
    """Return an address without what a next hop has around it."""
    return re.sub(r"^ipv6:", "", host.strip("[]").lower())


def _addresses(*hosts: str) -> set[str]:
    """Return the addresses that names of this machine stand for."""
    found = set()
    for host in hosts:
        plain = _plain(host)
        found |= {"127.0.0.1", "::1"} if plain in ("localhost", "loopback-only") else {plain}
    return found


def listens(host: str, port: int, tables: Sequence[Path] = TABLES) -> bool:
    """Tell whether any program of this machine listens at an address; in doubt, one does."""
    found = False
    for table in tables:
        try:
            lines = table.read_text(encoding="ascii", errors="replace").splitlines()[1:]
        except OSError:
            continue
        found = True
        for words in map(str.split, lines):
            if words[3:4] == [LISTEN] and _is_at(words[1], host, port):
                return True
    return not found


def _is_at(socket_address: str, host: str, port: int) -> bool:
    """Tell whether a socket, in the kernel's words, is at an address of this machine."""
    bound, _colon, number = socket_address.rpartition(":")
    if int(number, 16) != port:
        return False
    # Those of version 6 are compared by nothing: most take version 4 as well.
    dotted = ".".join(str(byte) for byte in bytes.fromhex(bound)[::-1])
    return len(bound) != IPV4_DIGITS or dotted == "0.0.0.0" or dotted in _addresses(host)


def _loopback_only(interfaces: str) -> bool:
    words = re.split(r"[\s,]+", interfaces.strip())
    return all(word == "loopback-only" or OWN.fullmatch(word) for word in words)


def proxy(port: int, path: Path = CLAMSMTPD) -> Proxy | None:
    """Return clamsmtpd where its configuration says that it listens at a port."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    said: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines, 1):
        match = re.fullmatch(r"\s*(\w+)\s*:\s*(.*?)\s*", line)
        if match and not line.lstrip().startswith("#"):
            said[match[1].lower()] = (match[2], number)
    listens = said.get("listen", ("10025", 1))
    out = said.get("outaddress", ("", 1))
    ports = [port_of(text.rpartition(":")[2]) for text in (listens[0], out[0])]
    if ports[0] != port or ports[1] is None:
        return None
    xclient = said.get("xclient", ("off", 0))[0].lower() in ("on", "yes", "1", "true")
    action = said.get("action", ("drop", 0))[0].lower()
    header = said.get("header", (HEADER, 0))[0]
    return Proxy(port, ports[1], xclient, action, str(path), out[1], header)
