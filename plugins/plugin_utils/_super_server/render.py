# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a super-server's services as its configuration: xinetd.conf(5), and inetd(8)'s."""

from __future__ import annotations

import posixpath
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._super_server.services import (
    DEFAULTS,
    WELL_KNOWN,
    Service,
    read_attributes,
)

MARK = "# Managed by Ansible: labs.mail."

INETD_LACKS = ("redirect", "only_from", "no_access", "per_source", "log_type", "flags")
"""Attributes without which a service would be another one, and which inetd does not know."""

INETD_ARGUMENTS = 19
"""Words that OpenBSD's inetd hands to a program; it drops those after them (inetd.c, MAXARGV)."""


def xinetd_files(services: list[Service], defaults: Any, place: str) -> list[dict[str, str]]:
    """Return the files of xinetd's configuration: xinetd.conf, and one for each service.

    ``defaults`` is a mapping of attributes for all services, and ``place`` names it in errors.
    """
    attributes = read_attributes(defaults, DEFAULTS, place)
    conf = f"{MARK}xinetd\n{_block('defaults', attributes)}\nincludedir /etc/xinetd.d\n"
    return [
        {"path": "/etc/xinetd.conf", "content": conf},
        *(
            {"path": f"/etc/xinetd.d/{service.key}", "content": xinetd_service(service)}
            for service in services
        ),
    ]


def xinetd_service(service: Service) -> str:
    """Return a service as a file in /etc/xinetd.d holds it."""
    attributes = dict(service.attributes)
    kinds = ["INTERNAL"] if attributes.pop("internal", False) else []
    if WELL_KNOWN.get(service.name) != service.port:
        kinds.append("UNLISTED")
    head: dict[str, Any] = {"type": kinds} if kinds else {}
    if service.key != service.name or service.attributes["protocol"] == "udp":
        head["id"] = service.key
    head["disable"] = attributes.pop("disable", False)
    return f"{MARK}xinetd\n{_block(f'service {service.name}', {**head, **attributes})}"


def _block(title: str, attributes: dict[str, Any]) -> str:
    """Return a section of xinetd's configuration."""
    lines = [f"        {name:<15} = {_value(value)}".rstrip() for name, value in attributes.items()]
    return "\n".join([title, "{", *lines, "}", ""])


def _value(value: Any) -> str:
    """Return a value as xinetd reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def inetd_conf(services: list[Service], place: str) -> str:
    """Return the services as inetd.conf.

    Raises ConfigError for one that inetd cannot serve as it is described. What makes no other
    service of it (instances, log_on_success, log_on_failure) is left out.
    """
    lines = [inetd_line(service, f"{place}.{service.key}") for service in services]
    return "".join(f"{line}\n" for line in [f"{MARK}inetd", *lines])


def inetd_line(service: Service, place: str) -> str:
    """Return the line of a service; one that is disabled is a comment. Raises ConfigError."""
    attributes = service.attributes
    for name in INETD_LACKS:
        if name in attributes:
            raise ConfigError(f"inetd knows no {name}; leave it out, or use xinetd", place)
    internal = attributes.get("internal", False)
    if internal and WELL_KNOWN[service.name] != service.port:
        raise ConfigError(
            f"inetd serves its own {service.name} at its own port alone; leave port out", place
        )
    arguments = attributes.get("server_args", [])
    if len(arguments) > INETD_ARGUMENTS:
        raise ConfigError(f"inetd hands {INETD_ARGUMENTS} words on; write fewer", place)
    if ":" in attributes.get("bind", ""):
        raise ConfigError("inetd binds to IPv4 addresses; write one, or use xinetd", place)
    where = f"{attributes['bind']}:" if "bind" in attributes else ""
    known = WELL_KNOWN.get(service.name) == service.port
    wait = "wait" if attributes["wait"] else "nowait"
    if "cps" in attributes:
        wait += f".{attributes['cps'][0] * 60}"
    group = f":{attributes['group']}" if "group" in attributes else ""
    program = "internal" if internal else attributes["server"]
    words = [] if internal else [posixpath.basename(program), *arguments]
    line = " ".join(
        [
            where + (service.name if known else str(service.port)),
            attributes["socket_type"],
            attributes["protocol"],
            wait,
            attributes["user"] + group,
            program,
            *words,
        ]
    )
    return line if service.enabled else f"#{line}"
