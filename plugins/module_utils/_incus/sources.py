# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What machines are copied from: templates of classes, and machines as they were in other states.

These are stopped, on no network, and no machines of the lab. Where the pool is of btrfs or zfs, a
copy takes tenths of a second.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._incus.definition import (
    BASE,
    BEFORE,
    USER,
)
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import ASIDE, Machine

NAME = re.compile(r"(?P<of>.*)-(?:class|kept)-[0-9a-f]{12}")
MADE_FROM = "volatile.base_image"
"""By which key the daemon tells from which image a machine was made, or what it is a copy of."""

COPY_OF = f"{USER}labs.mail.copy_of"
"""By which key a machine tells what it is a copy of; one that was made from an image has none."""


def is_source(name: str) -> bool:
    """Tell whether something of a lab's project is there for machines to be copied from."""
    return NAME.fullmatch(name) is not None


def template(engine: Any, machine: Machine) -> str:
    """Return the template that a machine is to be copied from; empty where there is none.

    It was made from the image that there is now. Raises EngineError.
    """
    image = machine.class_image
    return _template_of(engine.lab, image) if image and has(engine, image, machine.image) else ""


def has(engine: Any, image: str, base: str) -> bool:
    """Tell whether there is a template of a name, made from what this image is now."""
    known = engine.host.find(f"/images/aliases/{base}")
    silent = engine.members.silent
    return bool(known) and any(
        each["description"] == image and each["config"].get(MADE_FROM) == known["target"]
        for each in engine.instances()
        if each["name"] == _template_of(engine.lab, image) and each.get("location") not in silent
    )


def is_of_base(engine: Any, name: str, base: str) -> bool:
    """Tell whether there is a machine that was made from what this image is now, or a copy of one.

    Raises EngineError.
    """
    found = engine.client.find(f"/instances/{name}")
    known = engine.host.find(f"/images/aliases/{base}")
    return bool(found and known) and found["config"].get(MADE_FROM) == known["target"]


def of_lab(engine: Any) -> list[str]:
    """Return what machines of a lab can come from: the names of templates, and of snapshots."""
    found = []
    for each in engine.instances():
        if is_source(each["name"]) and each["description"]:
            found.append(each["description"])
        if each.get("location") not in engine.members.silent:
            found += states(engine.snapshots(each["name"]))
    return found


def make_template(engine: Any, machine: Machine) -> None:
    """Make a template of a machine that was generalized: the machine is none any more."""
    name = _template_of(engine.lab, machine.class_image)
    # Nothing on it is to write down any more that it ends.
    engine.halt(machine.name)
    for snapshot in engine.snapshots(machine.name):
        engine.forget(machine.name, snapshot)
    engine.unplug(machine.name, machine.class_image)
    engine.discard(name)
    engine.rename(machine.name, name)


def discard_older(engine: Any, made: Iterable[str]) -> None:
    """Remove templates of the same states, whose names differ in the digest behind the hyphen."""
    made = set(made)
    of_states = {name.rpartition("-")[0] for name in made}
    for each in engine.instances():
        image = each["description"] if is_source(each["name"]) else ""
        if image and image not in made and image.rpartition("-")[0] in of_states:
            engine.discard(each["name"])


def kept_of(engine: Any, machine: Machine) -> list[str]:
    """Return what there is of a machine as it was before, with snapshots of its states."""
    return [
        each["name"]
        for each in engine.instances()
        if (found := NAME.fullmatch(each["name"])) and found["of"] == machine.name
    ]


def keep(engine: Any, machine: Machine) -> None:
    """Keep of a machine that was put aside the snapshots of its states; remove it without any."""
    aside = machine.name + ASIDE
    known = states(engine.snapshots(aside))
    if not known or not is_of_base(engine, aside, machine.image):
        engine.discard(aside)
        return
    engine.forget(aside, BEFORE)
    engine.forget(aside, BASE)
    name = f"{machine.name}-kept-{_mark(' '.join(known))}"
    engine.discard(name)
    engine.rename(aside, name)


def states(snapshots: Iterable[str]) -> list[str]:
    """Return those of a machine's snapshots that are of its states."""
    return [name for name in snapshots if name not in (BASE, BEFORE)]


def _template_of(lab: str, image: str) -> str:
    return f"{lab}-class-{_mark(image)}"


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
