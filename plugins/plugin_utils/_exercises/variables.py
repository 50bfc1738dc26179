# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables that a state of an exercise may set: those of the roles and of the lab."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._suggest import AMONG_FEW, nearest
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import Exercise

ROOT = Path(__file__).resolve().parents[3]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.cache
def known_variables(root: Path = ROOT) -> frozenset[str]:
    """Return the options of all roles, and the variables of all machines of a lab."""
    known = set(_read(root / "playbooks" / "group_vars" / "all.yml"))
    for path in root.glob("roles/*/meta/argument_specs.yml"):
        for entry in _read(path)["argument_specs"].values():
            known.update(entry.get("options") or {})
    return frozenset(known)


def _read(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_bytes(), Loader=LOADER)


def refuse_unknown(exercise: Exercise, known: frozenset[str]) -> None:
    """Raise ConfigError, with its place, where a state sets a variable that nothing reads."""
    for place, state in _states(exercise):
        for name in state:
            if name not in known:
                near = nearest(name, known, AMONG_FEW)
                hint = f"did you mean {near}?" if near else "see roles/<role>/defaults/main.yml"
                raise ConfigError(f"no role reads {name}", f"{place}.{name}", instead=hint)


def _states(exercise: Exercise) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "start", exercise.start
    yield "solution", exercise.solution
    for key in ("alternatives", "faults"):
        for number, variant in enumerate(getattr(exercise, key)):
            yield f"{key}.{number}.state", variant.state
