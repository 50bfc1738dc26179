# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List what a playbook was asked for and cannot do, before any machine is touched."""

from __future__ import annotations

DOCUMENTATION = r"""
name: wrong_options
short_description: List what a playbook was asked for and cannot do
version_added: "0.1.0"
description:
  - Ansible takes any extra variable, and ignores one whose name is misspelt. This compares those of
    the command line with the options of the playbooks, with the variables of this collection's
    roles, and with all that the inventory defines.
  - It looks as well at what every playbook needs of an inventory, which is hosts with the names and
    addresses that machines can have, and at the ports that roles are to use.
author:
  - Mail Lab developers (@labs-mail)
options:
  _terms:
    description: The hosts that are looked at.
    type: list
    elements: str
  known:
    description: The options of the playbooks, each as in an argument specification.
    type: dict
    required: true
  world:
    description: Whether the playbook needs the host C(world), and addresses of all.
    type: bool
    default: true
  reports:
    description:
      - Where reports are written to. They hold what machines said, and Ansible would read one
        within a directory of the inventory as a part of it.
    type: list
    elements: path
    default: []
"""

EXAMPLES = r"""
- name: Assert that the playbook can do what it is asked for
  ansible.builtin.assert:
    that: wrong | length == 0
    fail_msg: "{{ wrong | join('\n') }}"
  vars:
    wrong: "{{ query('labs.mail.wrong_options', *ansible_play_hosts, known=playbook_options) }}"
  run_once: true
"""

RETURN = r"""
_raw:
  description: A sentence for each thing that is wrong, with what to write instead.
  type: list
  elements: str
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.lookup import LookupBase
from ansible.vars.plugins import get_vars_from_inventory_sources

from ansible_collections.labs.mail.plugins.lookup.unknown_variables import (
    ROLES,
    roles_variables,
    sentence,
    unknown,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import AMONG_MANY, nearest
from ansible_collections.labs.mail.plugins.module_utils._text import one_line

PLAYBOOKS = ROLES.parent / "playbooks"

HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""What can be a part of a domain name (RFC 1123)."""


class LookupModule(LookupBase):
    """The lookup plugin."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        """Return the sentences, each once."""
        self.set_options(var_options=variables, direct=kwargs)
        hostvars = variables["hostvars"]
        given = hostvars._variable_manager.extra_vars
        known = self.get_option("known")
        names = {*known, *names_in_files(PLAYBOOKS), *self._names_in(hostvars._inventory)}
        machines = [host for host in terms if host != "localhost"]
        found = [
            *wrong_names(given, names),
            *wrong_values({name: given[name] for name in known if name in given}, known),
            *wrong_hosts(machines, variables["groups"], self.get_option("world")),
        ]
        sources = variables.get("ansible_inventory_sources") or []
        found += wrong_places(self.get_option("reports"), map(str, sources))
        for host in machines:
            own = hostvars.raw_get(host)
            found += wrong_ports(own)
            addressed = "machine_address" in own or "ansible_host" in own
            if self.get_option("world") and not addressed:
                found.append(f"{host}: the inventory gives it no machine_address; write one")
        return list(dict.fromkeys(found))

    def _names_in(self, inventory: Any) -> set[str]:
        """Return the names of the variables that an inventory defines, in any of its ways."""
        entities = [*inventory.groups.values(), *inventory.hosts.values()]
        names = {name for each in entities for name in each.vars}
        sources = [str(source) for source in inventory._sources]
        own = get_vars_from_inventory_sources(self._loader, sources, entities, "all")
        return names | set(own)


def names_in_files(playbooks: Path) -> set[str]:
    """Return the names of the variables that the playbooks define for themselves."""
    paths = [*playbooks.glob("group_vars/*.yml"), *playbooks.glob("host_vars/*.yml")]
    paths += playbooks.glob("vars/*.yml")
    return {name for path in paths for name in yaml_load(path.read_bytes()) or {}}


def wrong_names(given: Iterable[str], known: set[str]) -> Iterator[str]:
    """Yield a sentence for each extra variable that nothing reads."""
    roles = roles_variables(ROLES)
    of_roles = {name for names in roles.values() for name in names}
    for name in given:
        if name in known or name in of_roles or name.startswith("ansible_"):
            continue
        role = next((role for _name, role in unknown([name], roles)), None)
        if role:
            yield sentence(name, role, roles[role])
            continue
        near = nearest(name, sorted(known | of_roles), AMONG_MANY)
        hint = f"did you mean {near}?" if near else "leave it out, or define it in the inventory"
        yield f"{one_line(str(name), 60)} is no variable of these playbooks; {hint}"


def wrong_values(given: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each option whose value cannot be."""
    for name, value in given.items():
        if isinstance(value, str) and not value.strip():
            yield f"{name} is empty; write its value, or leave it out"
            continue
        # One at a time, so that each has its own sentence. A template is not known yet.
        if not (isinstance(value, str) and "{{" in value):
            validator = ArgumentSpecValidator({name: dict(known[name] or {})})
            yield from validator.validate({name: value}).error_messages


def wrong_hosts(
    machines: list[str], groups: Mapping[str, list[str]], world: bool = True
) -> Iterator[str]:
    """Yield a sentence for each thing that an inventory lacks, and each impossible name."""
    if not machines:
        yield (
            "the inventory has no machines; bring a lab up (make lab), or name an inventory "
            "(-i inventories/classroom)"
        )
    elif not groups.get("students"):
        yield "the inventory has no group students; put the students' machines into one"
    elif world and "world" not in groups["all"]:
        yield "the inventory has no host world; give this name to the machine that plays the world"
    for host in machines:
        if not HOST_NAME.fullmatch(host):
            yield (
                f"{one_line(host, 80)} cannot be a machine's name, which is a part of its domain; "
                "write small letters, digits and hyphens"
            )


def wrong_places(reports: Iterable[str], sources: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each report that would become a part of an inventory."""
    read: list[Path] = []
    for source in map(Path, sources):
        whole = source.is_dir()
        read += [source] if whole else [source.parent / "group_vars", source.parent / "host_vars"]
    read += [PLAYBOOKS / "group_vars", PLAYBOOKS / "host_vars"]
    for report in reports:
        real = Path(report).expanduser().resolve()
        for place in read:
            if real.is_relative_to(place.resolve()):
                yield (
                    f"{report} is within {place}, of which Ansible reads each file as a part of "
                    "the inventory; have reports written elsewhere"
                )


def wrong_ports(variables: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each port of a role that there cannot be."""
    of_roles = {name for names in roles_variables(ROLES).values() for name in names}
    for name in sorted(of_roles & set(variables)):
        value = variables[name]
        ports = value if isinstance(value, list) and name.endswith("_ports") else [value]
        if name.endswith(("_port", "_ports")):
            for port in ports:
                if re.fullmatch(r"-?[0-9]+", str(port)) and not 0 < int(port) < 65536:
                    yield f"{name} is {port}; write a port from 1 to 65535"
