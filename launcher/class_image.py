"""The images that machines of a class start from, so that nothing is installed twenty times."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import DockerException
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from launcher import playbook, settings
from launcher.language import tr
from launcher.positions import Position

if TYPE_CHECKING:
    # The provider of several hosts writes an inventory, which names the template.
    from launcher.providers import Provider

WORTH = 4
"""From how many machines on one more for them all takes less time than it saves."""

TEMPLATE = "template"
ADDRESS = 249
"""The number of the template on the lab's network, above those of students."""

STATES = "maillab/state"
"""The repository of all images of states."""

CODE = ("roles", "playbooks", "plugins", "exercises")
VARIABLES = ("group_vars", "host_vars/world.yml", "host_vars/gate.yml")


def address(lab: settings.Settings) -> str:
    """Return the address of the template, where there is one."""
    return lab.address(ADDRESS)


def ensure(
    lab: settings.Settings,
    provider: Provider,
    machines: Mapping[str, Position],
    console: Console,
) -> dict[str, str]:
    """Return from which image machines can start that are to be created, by their names.

    It is made where it is worth it; the world that it is made by runs already.

    :arg machines: where each of them goes.
    """
    found: dict[str, str] = {}
    for place, group in by_place(machines).items():
        name = image_of(lab, place)
        if provider.templates.has(lab.lab, name, lab.debian) or (
            len(group) >= WORTH and _make(lab, provider, group[0], place, name, console)
        ):
            found.update(dict.fromkeys(group, name))
    return found


def new_to(
    lab: settings.Settings, provider: Provider, machines: Iterable[str], where: Position
) -> list[str]:
    """Return the machines that were never where they are to be: of the others there are images."""
    known = provider.templates.of_lab(lab.lab)
    place = f"{where.exercise}.{where.stage}"
    prefixes = {name: f"{STATES}:{lab.lab}-{name}.{place}-" for name in machines}
    return [
        name
        for name, prefix in prefixes.items()
        if not any(each.startswith(prefix) for each in known)
    ]


def is_worth(machines: Mapping[str, Position]) -> bool:
    """Tell whether an image is worth making for some of these machines."""
    return any(len(group) >= WORTH for group in by_place(machines).values())


def by_place(machines: Mapping[str, Position]) -> dict[tuple[str, str], list[str]]:
    """Return the machines that go to each stage of an exercise."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, where in machines.items():
        found.setdefault((where.exercise, where.stage), []).append(name)
    return found


def image_of(lab: settings.Settings, place: tuple[str, str]) -> str:
    """Return the name of the image of a stage, which ends with a digest of all that makes it."""
    exercise, stage = place
    about = {**asdict(lab), "students": 0, "exercise": exercise, "stage": stage}
    made_of = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for path in sorted(_files()):
        made_of.update(f"{path.relative_to(settings.ROOT)}\n".encode() + path.read_bytes())
    return f"{STATES}:{lab.lab}-class.{exercise}.{stage}-{made_of.hexdigest()[:16]}"


def _files() -> Iterable[Path]:
    """Yield the files that make a machine's state."""
    tops = [settings.ROOT / name for name in CODE]
    tops += [settings.INVENTORY / name for name in VARIABLES]
    for top in tops:
        for path in top.rglob("*") if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def _make(
    lab: settings.Settings,
    provider: Provider,
    one: str,
    place: tuple[str, str],
    name: str,
    console: Console,
) -> bool:
    """Make an image; where it cannot be made, say so, and each machine is provisioned by itself."""
    exercise, stage = place
    text = tr("  What the machines share at {exercise} ({stage}) is installed once, on a template.")
    console.print(text.format(exercise=exercise, stage=stage), soft_wrap=True)
    made = False
    try:
        ran = playbook.attempt(
            "class_image",
            # Of these Ansible must know one from the start; nothing is done on it.
            limit=[one, TEMPLATE, "localhost"],
            exercise=exercise,
            stage=stage,
            template_address=address(lab),
            class_images={TEMPLATE: name},
        )
        made = ran.code == 0
    finally:
        if not made:
            # One that stays is in nobody's way, and goes with the lab.
            with contextlib.suppress(EngineError, DockerException):
                provider.discard(lab.lab, TEMPLATE)
    if not made:
        text = tr("  No template, for the reason above: each machine is provisioned by itself.")
        console.print(text, soft_wrap=True)
    return made
