# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the state of an exercise to a file of variables."""

from __future__ import annotations

DOCUMENTATION = r"""
name: exercise
short_description: Write the state of an exercise to a file of variables
version_added: "0.1.0"
description:
  - Gives the path of a file with the variables of a stage of an exercise, for C(vars_files) of a
    play. The file is made in Ansible's home where it is not there yet.
  - Beside the variables of roles it has C(exercise_now), a mapping with the exercise's name, stage,
    title, assignment, hints, the mistakes that C(lab hint) knows, checks, and the seconds that
    these may take on a machine. It is read where a task uses it.
author:
  - Mail Lab developers (@labs-mail)
options:
  _terms:
    description:
      - The exercise's name, and the stage. Where one is empty the file has no variables, which is
        what a play may have whose C(vars_files) Ansible looks at before it knows of any host.
    type: list
    elements: str
    required: true
  folder:
    description: Where the exercises are, one in each file of YAML; the collection's own by default.
    type: path
  now:
    description: Give C(exercise_now) itself; so the file defines it.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Bring machines to the start of an exercise
  hosts: students
  vars_files:
    - "{{ lookup('labs.mail.exercise', 'smtp_server', 'start') }}"
  roles:
    - labs.mail.postfix
"""

RETURN = r"""
_raw:
  description: The path of the file; with O(now) the mapping.
  type: list
  elements: raw
"""

import functools
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import (
    FOLDER,
    catalogue,
    state_in_files,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.deadline import seconds_of
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.mistakes import (
    mistakes_of,
    signatures_of,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import way_to


class LookupModule(LookupBase):
    """The lookup plugin."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[Any]:
        """Return the path of the file, or what is known of the exercise, in a list."""
        self.set_options(var_options=variables, direct=kwargs)
        folder = Path(self.get_option("folder") or FOLDER)
        try:
            name, stage = map(str, terms)
        except ValueError:
            raise AnsibleLookupError(
                f"found {terms!r}; name an exercise and a stage, such as 'smtp_server', 'start'"
            ) from None
        try:
            if self.get_option("now"):
                known = str(_known(folder, name, stage))
                now = self._loader.load_from_file(known, trusted_as_template=True)
                return [self._templar.template(now)]
            return [str(_laid_out(folder, name, stage))]
        except ConfigError as error:
            raise AnsibleLookupError(str(error)) from error


@functools.cache
def _laid_out(folder: Path, name: str, stage: str) -> Path:
    """Write the file of variables. Raises ConfigError.

    Ansible reads it again for every task of every machine: in JSON, which takes it a quarter of
    YAML's time, and without what few tasks look at, which is more than half of all.
    """
    if not (name and stage):
        return _written("", {})
    state = state_in_files(name, stage, folder)
    # Here, so that the processes forked from this one need not.
    _known(folder, name, stage)
    place = json.dumps(str(folder))
    now = f"lookup('labs.mail.exercise', '{name}', '{stage}', folder={place}, now=true)"
    return _written(f"{name}-{stage}", {**state, "exercise_now": f"{{{{ {now} }}}}"})


@functools.cache
def _known(folder: Path, name: str, stage: str) -> Path:
    """Write what is known of the exercise at this stage. Raises ConfigError."""
    exercise = way_to(name, catalogue(folder))[-1]
    now = {
        "name": name,
        "stage": stage,
        "title": exercise.title,
        "assignment": exercise.assignment,
        "hints": exercise.hints,
        "checks": exercise.checks,
        "mistakes": mistakes_of(exercise, signatures_of(name, folder)),
        "seconds": seconds_of(exercise.checks),
    }
    return _written(f"{name}-{stage}-now", now)


def _written(name: str, variables: dict[str, Any]) -> Path:
    """Write a file where it is not there yet: its name ends in the digest of what it holds."""
    content = json.dumps(variables, ensure_ascii=False, indent=2, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    path = Path(constants.config.get_config_value("ANSIBLE_HOME")) / "labs.mail" / "exercises"
    path = path / f"{name}-{digest}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as unfinished:
            unfinished.write(content)
        os.replace(unfinished.name, path)
    return path
