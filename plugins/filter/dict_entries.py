# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return the entries of a mapping as a list, each validated against types."""

from __future__ import annotations

DOCUMENTATION = r"""
name: dict_entries
short_description: Return the entries of a mapping as a list, each validated against types
version_added: "0.1.0"
description:
  - Returns the values of a mapping of mappings as a list, each with its key as one more attribute,
    as a role's template or a module's option takes them.
  - With O(types), each attribute is validated and has its default; an error says where the value
    stands, what was found, and what to write instead.
author:
  - Mail Lab developers (@labs-mail)
positional: name
options:
  _input:
    description: The entries by their keys.
    type: dict
    required: true
  name:
    description: Name of the attribute that is the entry's key.
    type: str
    default: name
  absent:
    description: Attributes of an entry that is null; without them, such an entry is left out.
    type: dict
  defaults:
    description: Attributes that each entry has unless it says otherwise.
    type: dict
    default: {}
  root:
    description:
      - Directory in the place of C(/), where the name of an entry is a path. Without it, and for a
        path that is not absolute, the path stays.
    type: str
    default: ""
  types:
    description:
      - What each attribute may be, by its name, and the key, as V(key).
      - C(type) is one of V(str), V(int), V(bool), V(list) and V(dict); C(pattern) is the regular
        expression of the whole text, C(min) and C(max) are the bounds of a number, C(choices) the
        words of which it is one.
      - C(elements) has the same for the elements of a list, whose number is C(length) or at most
        C(max), and for the values of a dict, whose keys match C(keys).
      - C(or) is one word that may stand instead. C(default) is the value where none is given.
      - C(instead) ends the error; C(refused) is the error of an attribute that cannot be given.
    type: dict
  place:
    description: Name of the variable that holds the mapping, which begins each error.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the tables as a list
  ansible.builtin.debug:
    # [{'path': 'transport', 'type': 'hash'}, {'path': 'virtual', 'state': 'absent'}]
    msg: "{{ tables | labs.mail.dict_entries('path', absent={'state': 'absent'}) }}"
  vars:
    tables:
      transport: {type: hash}
      virtual: null

- name: Show where they are in a copy
  ansible.builtin.debug:
    # [{'path': '/copy/etc/aliases', 'state': 'present'}]
    msg: "{{ tables | labs.mail.dict_entries('path', root='/copy') }}"
  vars:
    tables:
      /etc/aliases: {state: present}

- name: Refuse ports that are none
  ansible.builtin.debug:
    # services.smtp.port: found 70000; write a number from 1 to 65535
    msg: "{{ {'smtp': {'port': 70000}} | labs.mail.dict_entries(types=types, place='services') }}"
  vars:
    types:
      port: {type: int, min: 1, max: 65535}
"""

RETURN = r"""
_value:
  description: The entries, in the order of the mapping.
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._typed_entries import typed_entries


def dict_entries(
    given: Any,
    name: str = "name",
    absent: Any = None,
    defaults: Any = None,
    types: Any = None,
    place: str = "",
    root: str = "",
) -> list[dict[str, Any]]:
    """Return the entries of a mapping as a list, each with its key as one more attribute."""
    try:
        if types:
            return typed_entries(given, name, types, place)
        if not isinstance(given, Mapping):
            raise ConfigError(
                f"found {given!r}", place, instead="write a mapping of entries by their names"
            )
    except ConfigError as error:
        raise AnsibleFilterError(str(error)) from error
    entries = [
        {name: key, **(defaults or {}), **(absent if entry is None else entry)}
        for key, entry in given.items()
        if entry is not None or absent is not None
    ]
    for entry in entries if root else []:
        if str(entry[name]).startswith("/"):
            entry[name] = f"{root}{entry[name]}"
    return entries


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"dict_entries": dict_entries}
