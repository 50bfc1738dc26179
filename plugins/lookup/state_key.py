# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hash the role variables and the code that determine a host's state."""

from __future__ import annotations

DOCUMENTATION = r"""
name: state_key
short_description: Hash the role variables and the code that determine a host's state
version_added: "0.1.0"
description:
  - The digest covers the variables of the collection's roles that the host has, with their values,
    and the collection's own roles, playbooks and plugins. Two machines of the same image with the
    same digest are brought to the same state.
author:
  - Mail Lab developers (@labs-mail)
options:
  _terms:
    description: More that the state depends on.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Show by what the state of the machine is known
  ansible.builtin.debug:
    msg: "{{ lookup('labs.mail.state_key') }}"
"""

RETURN = r"""
_raw:
  description: The digest, 16 hexadecimal digits.
  type: list
  elements: str
"""

import functools
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible.plugins.lookup import LookupBase

ROOT = Path(__file__).resolve().parents[2]
CODE = ("roles", "playbooks", "plugins")
MORE_VARIABLES = ("exercise_now", "filter_chain")


class LookupModule(LookupBase):
    """The lookup plugin."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        """Return the digest, in a list."""
        self.set_options(var_options=variables, direct=kwargs)
        values = {
            name: self._templar.template(variables[name])
            for name in sorted(variables)
            if name.startswith(prefixes(ROOT)) or name in MORE_VARIABLES
        }
        text = json.dumps([terms, code_digest(ROOT), values], default=str, sort_keys=True)
        return [hashlib.sha256(text.encode()).hexdigest()[:16]]


@functools.cache
def prefixes(root: Path) -> tuple[str, ...]:
    """Return what the names of variables begin with that make a state."""
    roles = sorted(path.name for path in (root / "roles").iterdir() if path.is_dir())
    return ("lab_", *(f"{role}_" for role in roles))


@functools.cache
def code_digest(root: Path) -> str:
    """Return a digest of all that is run to make a state."""
    digest = hashlib.sha256()
    for path in sorted(files(root)):
        digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def files(root: Path) -> Iterable[Path]:
    """Yield the files of the collection that make a state."""
    for folder in CODE:
        for path in (root / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
