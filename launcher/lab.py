"""A lab comes up, is proven, is stopped and goes down."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
from rich.console import Console
from rich.markup import escape

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import state_in_files
from launcher import (
    class_image,
    cluster,
    image,
    inventory,
    playbook,
    positions,
    providers,
    report,
    settings,
)
from launcher.board import gate_events
from launcher.language import tr
from launcher.machines import chosen
from launcher.positions import Position
from launcher.providers import Provider


def up(given: dict[str, str], console: Console) -> None:
    """Bring a lab up, from whatever is there, and touch no machine that somebody works on.

    Machines that were never configured are, and those that ``MEND`` names; the others are started
    where they are stopped.
    """
    started = time.monotonic()
    existing = settings.up_now()
    mend = given.get("MEND", "")
    wanted = settings.read({k: v for k, v in given.items() if k != "MEND"}, existing)
    to_mend = chosen(mend.replace(",", " ").split(), wanted.names, "MEND") if mend else []
    with Steps(console, 5) as step:
        step(tr("Container engine"))
        if not existing:
            wanted = on_engine(wanted, given, console)
        silent = cluster.prepare(wanted, console) if wanted.hosts else []
        provider = providers.of(wanted, console)
        providers.say_choice(wanted, provider, console)
        step(tr("Machine image of Debian {release}", release=wanted.debian))
        changed = [provider.ensure_image(wanted.debian, console)]
        step(tr("{count} students' machines and the world", count=wanted.students))
        changed.append(inventory.write(wanted))
        given_up: dict[str, Any] = {}
        if isinstance(provider, cluster.Provider):
            to_mend += cluster.give_up(wanted, provider, silent, console)
            given_up = {"lab_given_up": [host.name for host in silent]}
        new = to_create(wanted)
        world = world_is_due(wanted)
        if world and class_image.is_worth(new):
            # Before them, since the template is provisioned by what it serves.
            later = {**given_up, "lab_later": list(new)}
            changed.append(bring_up_world(wanted, provider, not existing, later))
            world = False
        images = class_image.ensure(wanted, provider, new, console)
        extra = {**given_up, "class_images": images}
        changed.append(run_machines(wanted, provider, not existing, **extra))
        work = to_configure(wanted, to_mend)
        step(tr("Mail servers (playbooks/site.yml)"))
        changed.append(configure(work, world))
        step(tr("Proof that mail flows"))
        prove(work, wanted, console)
    text = (
        tr("The lab {lab} is up ({seconds:.0f} s).")
        if any(changed)
        else tr("The lab {lab} was up already: nothing was changed ({seconds:.0f} s).")
    )
    outcome = text.format(lab=wanted.lab, seconds=time.monotonic() - started)
    console.print(f"\n{outcome}")
    report.left_alone([name for name in wanted.names if name not in work], wanted, console)
    report.next_steps(wanted, provider, console)


def to_create(wanted: settings.Settings) -> dict[str, Position]:
    """Return where the students' machines go that were never configured."""
    known = positions.read()
    return {name: positions.where(name, known) for name in wanted.names if name not in known}


def world_is_due(wanted: settings.Settings) -> bool:
    """Tell whether the world was never configured, or does not know a machine yet."""
    known = positions.read()
    return not all(name in known for name in ("world", *wanted.names))


def bring_up_world(
    wanted: settings.Settings, provider: Provider, is_new: bool, extra: dict[str, Any]
) -> bool:
    """Bring the world up before students' machines; return whether anything changed."""
    changed = run_machines(wanted, provider, is_new, **extra)
    changed = playbook.run("site", limit=["world"]).changed or changed
    positions.write({"world": Position("", "")})
    return changed


def run_machines(wanted: settings.Settings, provider: Provider, is_new: bool, **extra: Any) -> bool:
    """Create and start the lab's machines; return whether anything changed."""
    try:
        changed = playbook.run("up", **extra).changed
        if isinstance(provider, cluster.Provider):
            cluster.write_way_in(wanted, provider)
        return changed
    except playbook.PlaybookError:
        # Where nothing of it came to be, the next try may give the lab another shape.
        if is_new and not provider.has_lab(wanted.lab):
            inventory.remove()
        raise


def on_engine(
    wanted: settings.Settings, given: dict[str, str], console: Console
) -> settings.Settings:
    """Return the settings of a new lab with its engine: that which was named, or the default."""
    return (
        wanted
        if "ENGINE" in given or wanted.hosts
        else replace(wanted, engine=providers.default(console))
    )


def to_configure(wanted: settings.Settings, to_mend: Iterable[str]) -> list[str]:
    """Return the students' machines that are to be configured: new ones, and those to be mended."""
    known = positions.read()
    return [name for name in wanted.names if name not in known or name in to_mend]


def configure(work: list[str], with_world: bool) -> bool:
    """Bring machines to where they are to be, and the world; return whether anything changed."""
    known = positions.read()
    world = ["world"] if with_world else []
    if not work and not world:
        return False
    changed = playbook.run("site", limit=[*world, *work]).changed
    at = {name: positions.where(name, known) for name in work}
    positions.write({**({"world": Position("", "")} if world else {}), **at})
    return changed


def prove(work: list[str], wanted: settings.Settings, console: Console) -> None:
    """Send and read messages on machines that serve mail, and print what was seen.

    Nothing is sent to a machine that was not configured in this run: somebody works on it.
    """
    known = positions.read()
    serving = [name for name in work if serves_mail(positions.where(name, known))]
    if not serving:
        return
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "proof.json"
        limit = [*serving, "localhost", *(["world"] if len(serving) == 1 else [])]
        try:
            playbook.run("proof", limit=limit, proof_report=str(seen), proof_students=serving)
        finally:
            if seen.exists():
                report.show(wanted, seen, console)


def serves_mail(position: Position) -> bool:
    """Tell whether a machine receives mail and hands it out where it is."""
    state = state_in_files(position.exercise, position.stage)
    return bool(state.get("lab_serves_mailboxes")) and state.get("postfix_state") == "present"


def stop(given: dict[str, str], console: Console) -> None:
    """Stop the machines of the lab; what was done on them stays, and `make lab` starts them."""
    wanted = settings.read(given, settings.needed())
    providers.of(wanted, console)
    changed = playbook.run("stop").changed
    text = (
        tr("The lab {lab} is stopped. What was done on its machines is kept: make lab starts them.")
        if changed
        else tr("The lab {lab} was stopped already: make lab starts it.")
    )
    console.print(text.format(lab=wanted.lab))


def down(given: dict[str, str], console: Console) -> None:
    """Take the lab down: its machines, its network, its inventory and its keys go."""
    try:
        existing = settings.up_now()
    except settings.SettingsError:
        existing = None
    wanted = settings.read(given, existing)
    if not existing:
        wanted = on_engine(wanted, given, console)
    provider = providers.of(wanted, console)
    try:
        gate_events.keep(provider, wanted)
    except (EngineError, docker.errors.DockerException) as error:
        # A lab that is broken can be taken down all the same.
        text = tr("What happened in the class is lost: {reason}", reason=escape(str(error)))
        console.print(text, style="red", soft_wrap=True)
    if not existing:
        inventory.write(wanted)
    playbook.run("down")
    inventory.remove()
    console.print(
        tr("The lab {lab} is down; the machine image stays for the next one.", lab=wanted.lab)
    )


def build_images(given: dict[str, str], console: Console) -> None:
    """Build the machine images of the releases named, or of all."""
    wanted = on_engine(settings.read(given, None), given, console)
    releases = [wanted.debian] if "DEBIAN" in given else list(settings.RELEASES)
    provider = providers.of(wanted, console)
    for release in releases:
        built = provider.ensure_image(release, console)
        outcome = tr("built") if built else tr("up to date")
        console.print(f"{image.name(release)}: {outcome}")


def clean(given: dict[str, str], console: Console) -> None:
    """Remove the machine images of each engine that answers, and what was built from source."""
    home = Path(os.environ.get("ANSIBLE_HOME") or "~/.ansible").expanduser()
    shutil.rmtree(home / "labs.mail", ignore_errors=True)
    for name in providers.answering():
        provider = providers.ensure(name, console)
        for release in settings.RELEASES:
            provider.remove_image(release)


class Steps:
    """Say which step of how many has begun."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.total = total
        self.number = 0

    def __enter__(self) -> Steps:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""

    def __call__(self, title: str) -> None:
        """Begin the next step."""
        self.number += 1
        self.console.print(f"[bold]\\[{self.number}/{self.total}][/] {title}")
