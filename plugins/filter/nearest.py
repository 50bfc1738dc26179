# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which of some names may be meant by one that is none of them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: nearest
short_description: Suggest the name that a misspelt one may mean
version_added: "0.1.0"
description:
  - Gives the end of a sentence that refuses a name, with the nearest of those that there are, or
    all of them where none is near.
author:
  - Mail Lab developers (@labs-mail)
positional: names
options:
  _input:
    description: The name that is none.
    type: str
    required: true
  names:
    description: The names that there are.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse what is no server
  ansible.builtin.assert:
    that: server in servers
    # dovcot is no server; did you mean dovecot?
    fail_msg: "{{ server }} is no server; {{ server | labs.mail.nearest(servers) }}"
  vars:
    server: dovcot
    servers: [courier, dovecot]
"""

RETURN = r"""
_value:
  description: The end of the sentence.
  type: str
"""

from collections.abc import Iterable
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils import _suggest


def nearest(name: Any, names: Iterable[str]) -> str:
    """Return a question with the nearest name, or all names where none is near."""
    known = list(names)
    # Case and the marks between words are what is most often got wrong.
    plain = {_plain(one): one for one in known}
    near = _suggest.nearest(_plain(str(name)), plain, _suggest.AMONG_FEW)
    if near:
        return f"did you mean {plain[near]}?"
    return f"choose {' or '.join(filter(None, [', '.join(known[:-1]), *known[-1:]]))}"


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by name."""
        return {"nearest": nearest}
