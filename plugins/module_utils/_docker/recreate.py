# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recreate a lab's machines, from images of their states where there are any."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from ansible_collections.labs.mail.plugins.module_utils._docker import images
from ansible_collections.labs.mail.plugins.module_utils._docker.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.homes_archive import carried_over
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    ASIDE,
    Machine,
)

AT_ONCE = 4
HIDING = ("etc/hostname", "etc/hosts", "etc/resolv.conf")
HIDDEN = "/var/lib/labs.mail/engine-hides.tar"
"""Files that a new container has empty whatever its image has, and where they are kept for it."""

IN_MEMORY = 8 << 20
"""Bytes of homes that are not written to a file on their way."""


def recreate(
    engine: Engine,
    machines: list[Machine],
    homes: dict[str, str],
    files: dict[str, str],
    uids: Mapping[str, int] | None,
) -> list[str]:
    """Recreate machines; return the names of those that came in their state already.

    :arg homes: the container that each machine's homes come from, as plan_recreated() tells.
    :arg uids: the number of each account that has a home; None where homes are not to be kept.
    :raises EngineError: the engine refused. A container that was put aside is there still.
    """

    def one(machine: Machine) -> bool:
        before = _put_aside(engine, machine.name, homes.get(machine.name))
        image = usable(engine, machine)
        container = engine.create(machine, files, image)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as carried:
            if before is not None and uids is not None:
                _carry_homes(engine, before, container, carried, uids)
        engine.run(container, machine)
        if before is not None:
            before.remove(force=True, v=True)
        return bool(image)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        ready = list(pool.map(one, machines))
    return [machine.name for machine, is_ready in zip(machines, ready) if is_ready]


def _put_aside(engine: Engine, name: str, homes: str | None) -> Any:
    """Stop the container that a machine has, and give it another name; return it."""
    if homes is None:
        return None
    containers = engine.client.containers
    if homes != name:
        # A run was interrupted: what it created is not whole.
        engine.discard(name)
        return containers.get(homes)
    container = containers.get(name)
    if container.status == "running":
        container.kill()
        container.wait()
    container.rename(name + ASIDE)
    return container


def _carry_homes(
    engine: Engine, before: Any, container: Any, carried: IO[bytes], uids: Mapping[str, int]
) -> None:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as found:
        try:
            stream, _about = before.get_archive("/home")
        except engine.sdk.errors.NotFound:
            return
        for block in stream:
            found.write(block)
        found.seek(0)
        carried_over(found, carried, uids)
    carried.seek(0)
    container.put_archive("/", carried)


def usable(engine: Engine, machine: Machine) -> str:
    """Return the image of a machine in its state, empty where there is none of its base image."""
    is_there = images.is_of_base(engine, machine.state_image, machine.image)
    return machine.state_image if is_there else ""


def snapshot(engine: Engine, machines: list[Machine]) -> list[str]:
    """Make images of machines in their states; return those that are new.

    An older one of the same state, whose name differs in nothing but the digest behind the last
    hyphen, is removed. Raises EngineError.
    """

    def one(machine: Machine) -> str:
        if not machine.state_image or usable(engine, machine):
            return ""
        try:
            container = engine.client.containers.get(machine.name)
            code, output = container.exec_run(["tar", "-C", "/", "-cf", HIDDEN, *HIDING])
            if code != 0:
                raise EngineError(f"{machine.name} cannot be snapshotted: {output.decode()}")
            images.commit(engine, container, machine.state_image, machine.image)
        except engine.sdk.errors.APIError as error:
            raise EngineError(
                f"{machine.name} cannot be snapshotted: {error.explanation}"
            ) from error
        return machine.state_image

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        made = list(filter(None, pool.map(one, machines)))
    images.discard_older(engine, made)
    return made


def make_templates(engine: Engine, machines: list[Machine]) -> None:
    """Make images of machines that were generalized, and remove the machines.

    Raises EngineError.
    """
    for machine in machines:
        try:
            container = engine.client.containers.get(machine.name)
            # Nothing on it is to write down any more that it ends.
            container.kill()
            images.commit(engine, container, machine.class_image, machine.image)
        except engine.sdk.errors.APIError as error:
            raise EngineError(
                f"no image can be made of {machine.name}: {error.explanation}"
            ) from error
        engine.discard(machine.name)
    images.discard_older(engine, [machine.class_image for machine in machines])
