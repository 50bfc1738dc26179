# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recreate a lab's machines, from snapshots of their states where there are any."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import IO

from ansible_collections.labs.mail.plugins.module_utils._incus import archive, sources
from ansible_collections.labs.mail.plugins.module_utils._incus.definition import (
    BASE,
    BEFORE,
    published_by,
)
from ansible_collections.labs.mail.plugins.module_utils._incus.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._incus.sftp import NoFileError
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.homes_archive import carried_over
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import ASIDE, Machine
from ansible_collections.labs.mail.plugins.module_utils._provider.several import with_each

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

    One that was made from what it is to be made from now goes back to a snapshot of its own; any
    other is put aside until the new one runs.

    :arg homes: the machine that each machine's homes come from, as plan_recreated() tells.
    :arg uids: the number of each account that has a home; None where homes are not to be kept.
    :raises EngineError: the engine refused. What a machine was before is there still.
    """

    def one(machine: Machine) -> bool:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as carried:
            in_state = _put_in_place(engine, machine, homes.get(machine.name), files, uids, carried)
            if carried.tell():
                carried.seek(0)
                with engine.files(machine.name) as sftp:
                    archive.unpack(sftp, carried)
        engine.run(machine.name)
        engine.forget(machine.name, BEFORE)
        sources.keep(engine, machine)
        return in_state

    ready = with_each(machines, one)
    return [machine.name for machine, is_ready in zip(machines, ready) if is_ready]


def _put_in_place(
    engine: Engine,
    machine: Machine,
    before: str | None,
    files: dict[str, str],
    uids: Mapping[str, int] | None,
    carried: IO[bytes],
) -> bool:
    """Bring a machine back to its snapshot or create it; tell whether it is in its state then.

    :arg before: the machine that its homes come from.
    :arg carried: where the homes go, an archive.
    """
    owner, _slash, snapshot = _snapshot(engine, machine).partition("/")
    if before == machine.name:
        _halt(engine, machine.name)
    if before == machine.name == owner:
        _back_to(engine, machine, snapshot, carried, uids)
        engine.client.ask("PATCH", f"/instances/{machine.name}", engine.settings(machine))
        # What is patched stands beside what there was.
        known = engine.client.get(f"/instances/{machine.name}")["devices"]
        engine.publish(machine, published_by(known), check_mode=False)
        engine.write(machine.name, {**files, **machine.files})
        return snapshot != BASE
    _put_aside(engine, machine, before)
    if before:
        _take_homes(engine, machine.name + ASIDE, carried, uids)
    kept = f"{owner}/{snapshot}" if owner not in ("", machine.name) else ""
    engine.create(machine, files, kept)
    return bool(kept)


def _halt(engine: Engine, name: str) -> None:
    """Stop a machine, and make it whole where a run was interrupted."""
    engine.halt(name)
    if BEFORE in engine.snapshots(name):
        engine.client.ask("PUT", f"/instances/{name}", {"restore": BEFORE})


def _back_to(
    engine: Engine,
    machine: Machine,
    snapshot: str,
    carried: IO[bytes],
    uids: Mapping[str, int] | None,
) -> None:
    """Bring a machine back to a snapshot; its homes are taken before."""
    name = machine.name
    if uids is not None and BEFORE not in engine.snapshots(name):
        engine.keep(name, BEFORE)
    _take_homes(engine, name, carried, uids)
    engine.client.ask("PUT", f"/instances/{name}", {"restore": snapshot})


def _put_aside(engine: Engine, machine: Machine, before: str | None) -> None:
    """Give the machine that there is another name."""
    if before == machine.name:
        engine.rename(before, machine.name + ASIDE)
    elif before:
        # A run was interrupted: what it made anew is not whole.
        engine.discard(machine.name)
    if before:
        engine.unplug(machine.name + ASIDE)


def _take_homes(
    engine: Engine, name: str, carried: IO[bytes], uids: Mapping[str, int] | None
) -> None:
    if uids is None:
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as found, engine.files(name) as sftp:
        try:
            archive.pack(sftp, "/home", found)
        except NoFileError:
            return
        found.seek(0)
        carried_over(found, carried, uids)


def _snapshot(engine: Engine, machine: Machine) -> str:
    """Return the snapshot that a machine can go back to: of its state, or of before it ever ran.

    Before the slash is what it is a snapshot of: the machine, or one that it was before.
    """
    wanted, name = _name(machine), machine.name
    for owner in [name, *sources.kept_of(engine, machine)]:
        there = sources.is_of_base(engine, owner, machine.image)
        if wanted and there and wanted in engine.snapshots(owner):
            return f"{owner}/{wanted}"
    if not sources.is_of_base(engine, name, machine.image) or BASE not in engine.snapshots(name):
        return ""
    copy_of = engine.client.get(f"/instances/{name}")["config"].get(sources.COPY_OF, "")
    return f"{name}/{BASE}" if copy_of == sources.template(engine, machine) else ""


def usable(engine: Engine, machine: Machine) -> str:
    """Return the snapshot of a machine in its state, made from the image that there is now."""
    found = _snapshot(engine, machine).rpartition("/")[2] if machine.state_image else ""
    return found if found != BASE else ""


def snapshot(engine: Engine, machines: list[Machine]) -> list[str]:
    """Take snapshots of machines in their states; return those that are new.

    An older one of the same state, whose name differs in nothing but the digest behind the last
    hyphen, is removed. Raises EngineError.
    """

    def one(machine: Machine) -> str:
        if not machine.state_image or usable(engine, machine):
            return ""
        name = _name(machine)
        engine.keep(machine.name, name)
        state = name.rpartition("-")[0]
        for owner in [machine.name, *sources.kept_of(engine, machine)]:
            for other in engine.snapshots(owner):
                if other != name and other.rpartition("-")[0] == state:
                    engine.forget(owner, other)
            if owner != machine.name and not engine.snapshots(owner):
                engine.discard(owner)
        return machine.state_image

    return [made for made in with_each(machines, one) if made]


def _name(machine: Machine) -> str:
    """Return the name of the snapshot of a state, of which a slash could not be a part."""
    return machine.state_image.rpartition(":")[2].replace("/", "-")


def make_templates(engine: Engine, machines: list[Machine]) -> None:
    """Make templates of machines that were generalized, which are no machines any more.

    Raises EngineError.
    """
    for machine in machines:
        try:
            sources.make_template(engine, machine)
        except EngineError as error:
            raise EngineError(f"no template can be made of {machine.name}: {error}") from error
    sources.discard_older(engine, [machine.class_image for machine in machines])
