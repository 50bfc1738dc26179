# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List variables with a role's prefix that the role does not define; Ansible ignores them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_variables
short_description: List variables with a role's prefix that the role does not define
version_added: "0.1.0"
description:
  - Ansible does not say that it ignores a variable whose name is misspelt. This compares the
    variables of hosts that begin with the name of one of this collection's roles, such as
    C(postfix_), with those that the role has by its argument specification.
  - What a run itself registers or sets is not looked at.
author:
  - Mail Lab developers (@labs-mail)
options:
  _terms:
    description: The hosts whose variables are looked at.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse variables that no role knows
  ansible.builtin.assert:
    that: unknown | length == 0
    fail_msg: "{{ unknown | join('\n') }}"
  vars:
    unknown: "{{ query('labs.mail.unknown_variables', *ansible_play_hosts) }}"
  run_once: true
"""

RETURN = r"""
_raw:
  description:
    - A sentence for each variable that no role has, with the place where it is set and the
      nearest name that the role has.
  type: list
  elements: str
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.labs.mail.plugins.module_utils._suggest import AMONG_FEW, nearest

try:
    from ansible._internal._datatag._tags import Origin
except ImportError:  # ansible-core keeps this to itself; it only tells where a variable is set.
    Origin = None

ROLES = Path(__file__).resolve().parents[2] / "roles"


class LookupModule(LookupBase):
    """The lookup plugin."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        """Return the sentences about the hosts' variables, each once."""
        self.set_options(var_options=variables, direct=kwargs)
        roles = roles_variables(ROLES)
        sentences: dict[str, None] = {}
        for host in terms:
            for name, role in unknown(declared_names(variables["hostvars"], host), roles):
                text = sentence(name, role, roles[role])
                sentences[f"{place(name) or host}: {text}"] = None
        return list(sentences)


@functools.cache
def roles_variables(folder: Path) -> dict[str, set[str]]:
    """Return the variables of each role in a directory, by what its argument specification says.

    They are read once: a run asks for them again for each machine.
    """
    roles = {}
    for path in sorted(folder.glob("*/meta/argument_specs.yml")):
        entry_points = yaml_load(path.read_bytes())["argument_specs"].values()
        roles[path.parts[-3]] = {name for entry in entry_points for name in entry["options"]}
    return roles


def declared_names(hostvars: Any, host: str) -> list[str]:
    """Return the names of a host's variables without those that the run registered or set."""
    known = set_by_run(hostvars, host)
    return [name for name in hostvars.raw_get(host) if name not in known]


def set_by_run(hostvars: Any, host: str) -> Iterable[str]:
    """Return the names that the run registered or set for a host.

    ansible-core keeps them to itself. Where it does so elsewhere some day, nothing is known of
    them, and a name that an earlier play registered may be taken for a misspelt one: that is said.
    """
    try:
        return hostvars._variable_manager._nonpersistent_fact_cache.get(host, {})
    except AttributeError:
        Display().warning(
            "this ansible-core does not tell which variables a run has registered or set: "
            "those that are named like a role's are taken for misspelt ones"
        )
        return ()


def unknown(names: Iterable[str], roles: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    """Yield the names that begin with a role's and are none of its variables, with the role."""
    for name in names:
        for role, variables in roles.items():
            if name.startswith(f"{role}_") and name not in variables:
                yield name, role


def sentence(name: str, role: str, variables: set[str]) -> str:
    """Say that a role has no such variable, and which one may be meant."""
    # Without what all of them begin with, which would make any two of them seem near.
    rest = {variable.removeprefix(f"{role}_"): variable for variable in variables}
    near = nearest(name.removeprefix(f"{role}_"), rest, AMONG_FEW)
    hint = f"did you mean {rest[near]}?" if near else f"it has {', '.join(sorted(variables))}"
    return f"{name} is no variable of the role {role}; {hint}"


def place(name: str) -> str:
    """Return where the variable of this name is set, as far as its name still knows."""
    return str((Origin and Origin.get_tag(name)) or "")
