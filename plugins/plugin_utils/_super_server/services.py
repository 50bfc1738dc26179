# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of a super-server as data: what they may say, held together before anything is written.

The attributes are those of xinetd.conf(5); inetd(8) serves the same services with fewer of them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._schema import (
    Reader,
    list_of,
    matching,
    number,
    one_of,
    read_attributes,
    truth,
)

WELL_KNOWN = {
    "echo": 7,
    "discard": 9,
    "daytime": 13,
    "chargen": 19,
    "smtp": 25,
    "time": 37,
    "tftp": 69,
    "finger": 79,
    "pop2": 109,
    "pop3": 110,
    "auth": 113,
    "imap": 143,
    "imap2": 143,
    "submission": 587,
    "imaps": 993,
    "pop3s": 995,
}
"""Ports of the services that need not name one, as every /etc/services has them."""

INTERNAL = ("chargen", "daytime", "discard", "echo", "time")
"""Services that both super-servers have themselves."""

ON_SUCCESS = ("PID", "HOST", "USERID", "EXIT", "DURATION", "TRAFFIC")
ON_FAILURE = ("HOST", "USERID", "ATTEMPT")
FLAGS = ("IPv4", "IPv6", "KEEPALIVE", "NODELAY", "NOLIBWRAP", "NORETRY", "REUSE")


def limit(value: Any) -> int | str:
    """Read a number of connections, or UNLIMITED."""
    if value == "UNLIMITED":
        return "UNLIMITED"
    return number(1, 2**31 - 1, "write a number from 1 on, or UNLIMITED")(value)


def address(value: Any) -> str:
    """Read an IP address."""
    try:
        return str(ipaddress.ip_address(value if isinstance(value, str) else ""))
    except ValueError:
        raise ValueError("write an IP address of this machine, such as 127.0.0.1") from None


def target(value: Any) -> tuple[str, int]:
    """Read an address and a port, such as 127.0.0.1:1143."""
    instead = "write an address and a port, such as 127.0.0.1:1143"
    host, _colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    matching(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", instead)(host)
    return host.strip("[]"), number(1, 65535, instead)(port)


# A name is a file's too, and xinetd passes over files with a dot in their names.
NAME = matching(r"[A-Za-z0-9][A-Za-z0-9_+-]*", "write letters, digits, - and _ alone")
ACCOUNT = matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", "write an account's or a group's name")
WORD = matching(r"[^\s\x00-\x1f\x7f]+", "write words without white space: there is no quoting")
WORDS = list_of(WORD, "write a list of words")
POSITIVE = number(1, 2**31 - 1, "write two numbers from 1 on, such as [70, 30]")

ATTRIBUTES: dict[str, Reader] = {
    "service": NAME,
    "internal": truth,
    "disable": truth,
    "port": number(1, 65535, "write a number from 1 to 65535"),
    "socket_type": one_of("stream", "dgram"),
    "protocol": one_of("tcp", "udp"),
    "wait": truth,
    "user": ACCOUNT,
    "group": ACCOUNT,
    "server": matching(r"/[^\s\x00-\x1f\x7f]+", "write the program's path, from / on"),
    "server_args": WORDS,
    "redirect": target,
    "bind": address,
    "flags": list_of(one_of(*FLAGS), f"write a list of {', '.join(FLAGS)}"),
    "only_from": WORDS,
    "no_access": WORDS,
    "log_type": matching(
        r"(SYSLOG [a-z0-7]+( [a-z]+)?|FILE /\S+( \d+){0,2})",
        "write SYSLOG with a facility, such as SYSLOG mail info, or FILE with a path",
    ),
    "log_on_success": list_of(one_of(*ON_SUCCESS), f"write a list of {', '.join(ON_SUCCESS)}"),
    "log_on_failure": list_of(one_of(*ON_FAILURE), f"write a list of {', '.join(ON_FAILURE)}"),
    "instances": limit,
    "per_source": limit,
    "cps": list_of(POSITIVE, "write connections a second, and seconds of pause: [70, 30]", 2),
}
"""How each attribute of a service is read, in the order in which they are written."""

DEFAULTS = {
    name: ATTRIBUTES[name]
    for name in (
        "bind",
        "only_from",
        "no_access",
        "log_type",
        "log_on_success",
        "log_on_failure",
        "instances",
        "per_source",
        "cps",
    )
}
"""The attributes that xinetd takes for all services together."""


class Service(NamedTuple):
    """A service: its key among the services, its name in /etc/services, and its attributes.

    Every attribute that a super-server must be told is there; the port only where it was given.
    """

    key: str
    name: str
    attributes: dict[str, Any]

    @property
    def port(self) -> int:
        """The port, given or well known."""
        return self.attributes.get("port", WELL_KNOWN.get(self.name, 0))

    @property
    def enabled(self) -> bool:
        """Whether it is served."""
        return not self.attributes.get("disable", False)


def read_service(key: Any, given: Any, place: str) -> Service:
    """Return a service with what follows from its attributes. Raises ConfigError."""
    place = f"{place}.{key}"
    try:
        NAME(key)
    except ValueError as error:
        raise ConfigError(f"is no name of a service; {error}", place) from None
    attributes = read_attributes(given, ATTRIBUTES, place)
    service = Service(key, attributes.pop("service", key), attributes)
    kinds = [name for name in ("server", "redirect", "internal") if attributes.get(name)]
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none of them"
        raise ConfigError(f"takes one of server, redirect and internal; found {found}", place)
    if "internal" in kinds and service.name not in INTERNAL:
        raise ConfigError(
            f"{service.name} is no internal service; those are {', '.join(INTERNAL)}", place
        )
    if not service.port:
        raise ConfigError(f"the port of {service.name} is not known here; write port", place)
    stream = attributes.setdefault("socket_type", "stream") == "stream"
    if attributes.setdefault("protocol", "tcp" if stream else "udp") != ("udp", "tcp")[stream]:
        raise ConfigError("stream goes with tcp, and dgram with udp; write them so", place)
    attributes.setdefault("wait", not stream)
    if "redirect" in kinds and (not stream or attributes["wait"]):
        raise ConfigError("redirect is for stream and wait: false alone; write them so", place)
    attributes.setdefault("user", "nobody" if "redirect" in kinds else "root")
    ordered = {name: attributes[name] for name in ATTRIBUTES if name in attributes}
    return service._replace(attributes=ordered)


def read_services(given: Any, place: str) -> list[Service]:
    """Return the services of a mapping by their keys; None is a service that is not there.

    Raises ConfigError where one cannot be, or two take the same port. ``place`` is the name of
    the variable that holds them.
    """
    if not isinstance(given, Mapping):
        raise ConfigError(f"found {given!r}; write a mapping of services by their names", place)
    services = [
        read_service(key, attributes, place)
        for key, attributes in given.items()
        if attributes is not None
    ]
    taken: list[Service] = []
    for service in filter(lambda service: service.enabled, services):
        for other in taken:
            if _meet(service, other):
                raise ConfigError(
                    f"{other.key} and {service.key} both take port {service.port}; "
                    "disable one, or give it another port or another address to bind",
                    place,
                )
        taken.append(service)
    return services


def _meet(one: Service, other: Service) -> bool:
    """Tell whether two services would listen at the same place."""
    places = [(each.port, each.attributes["protocol"]) for each in (one, other)]
    binds = {one.attributes.get("bind"), other.attributes.get("bind")}
    return places[0] == places[1] and (None in binds or len(binds) == 1)


def tcp_ports(services: list[Service]) -> list[int]:
    """Return the TCP ports that are listened on once the services are served."""
    return sorted(
        {each.port for each in services if each.enabled and each.attributes["protocol"] == "tcp"}
    )
