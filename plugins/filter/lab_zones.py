# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return the DNS zones of a lab, of the variables of its machines."""

from __future__ import annotations

DOCUMENTATION = r"""
name: lab_zones
short_description: Return the DNS zones of a lab, of the variables of its machines
version_added: "0.1.0"
description:
  - A zone for the domain of every machine, with its mail exchanger and its address, and the reverse
    zones; a zone for each domain that the world plays; and the blocklist V(dnsbl.test).
  - The world is the second mail exchanger of every student's domain under the name of
    O(backup), and each student's machine is the second mail exchanger of that domain.
author:
  - Mail Lab developers (@labs-mail)
positional: students
options:
  _input:
    description: Variables of all machines by their names, as C(hostvars) has them.
    type: dict
    required: true
  students:
    description: Names of the students' machines.
    type: list
    elements: str
    required: true
  world:
    description: Name of the machine that plays the rest of the Internet.
    type: str
    default: world
  domains:
    description: Domains that the world plays.
    type: list
    elements: str
    default: []
  backup:
    description: The one of O(domains) that is every student's partner as second mail exchanger.
    type: str
    default: beauvtt.fr
  listed:
    description: Addresses that the blocklist has beside its test entry.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show the zones of the lab
  ansible.builtin.debug:
    msg: "{{ hostvars | labs.mail.lab_zones(groups['students'], domains=['pub.fr']) }}"
"""

RETURN = r"""
_value:
  description: Records of each zone, by its name, as the role C(name_server) takes them.
  type: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any

Zones = dict[str, list[str]]


def lab_zones(
    hostvars: Mapping[str, Mapping[str, Any]],
    students: Iterable[str],
    world: str = "world",
    domains: Iterable[str] = (),
    backup: str = "beauvtt.fr",
    listed: Iterable[str] = (),
) -> Zones:
    """Return the zones of a lab by their names, each with its records as lines of a zone file."""
    names = list(students)
    address = hostvars[world]["machine_address"]
    played = list(domains)
    zones: Zones = {}
    for host in (world, *names):
        own = hostvars[host]
        zones[own["lab_domain"]] = [
            "@ MX 10 mail",
            f"@ A {own['machine_address']}",
            f"mail A {own['machine_address']}",
            # Where mail clients look for their configuration.
            f"autoconfig A {address}",
        ]
        if host != world and backup in played:
            zones[own["lab_domain"]].append(f"@ MX 20 mail.{backup}.")
        last, zone = reverse(own["machine_address"])
        zones.setdefault(zone, []).append(f"{last} PTR {own['machine_fqdn']}.")
    for domain in played:
        zones[domain] = _played(address)
        if domain == backup:
            zones[domain] += [f"@ MX 20 {hostvars[host]['machine_fqdn']}." for host in names]
    # What every blocklist lists (RFC 5782), and who else is listed.
    zones["dnsbl.test"] = [
        f"{'.'.join(reversed(each.split('.')))} A 127.0.0.2" for each in ("127.0.0.2", *listed)
    ]
    return zones


def _played(address: str) -> list[str]:
    """Return the records of a domain whose mail the machine at an address takes."""
    hosts = [f"{name} A {address}" for name in ("@", "mail", "smtp")]
    return ["@ MX 10 mail", *hosts, "smtp MX 10 mail"]


def reverse(address: str) -> tuple[str, str]:
    """Return the last octet of an address, and the zone of the others."""
    *network, last = address.split(".")
    return last, ".".join([*reversed(network), "in-addr.arpa"])


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"lab_zones": lab_zones}
