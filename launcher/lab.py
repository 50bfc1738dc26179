"""The verbs: a lab comes up, is proven and goes down."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from rich.console import Console

from launcher import engine, image, inventory, playbook, report, settings


def up(given: dict[str, str], console: Console) -> None:
    """Bring a lab up, from whatever is there: the second time nothing changes."""
    started = time.monotonic()
    existing = settings.up_now()
    wanted = settings.read(given, existing)
    with Steps(console, 5) as step:
        step("Container engine")
        client = engine.ensure(console)
        step(f"Machine image of Debian {wanted.debian}")
        changed = [image.ensure(client, wanted.debian, console)]
        step(f"{wanted.students} students' machines and the world")
        changed.append(inventory.write(wanted))
        try:
            changed.append(playbook.run("up"))
        except playbook.PlaybookError:
            # Where nothing of it came to be, the next try may give the lab another shape.
            if not existing and not engine.has_lab(client, wanted.lab):
                inventory.remove()
            raise
        step("Mail servers (playbooks/site.yml)")
        changed.append(playbook.run("site"))
        step("Proof that mail flows")
        prove(wanted, console)
    seconds = time.monotonic() - started
    outcome = "is up" if any(changed) else "was up already: nothing was changed"
    console.print(f"\nThe lab {wanted.lab} {outcome} ({seconds:.0f} s).")
    report.next_steps(wanted, console)


def prove(wanted: settings.Settings, console: Console) -> None:
    """Send and read messages on every machine, and print what was seen, whatever it was."""
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "proof.json"
        try:
            playbook.run("proof", proof_report=str(seen))
        finally:
            if seen.exists():
                report.show(wanted, seen, console)


def down(given: dict[str, str], console: Console) -> None:
    """Take the lab down: its machines, its network, its inventory and its keys go."""
    try:
        existing = settings.up_now()
    except settings.SettingsError:
        existing = None
    wanted = settings.read(given, existing)
    engine.ensure(console)
    if not existing:
        inventory.write(wanted)
    playbook.run("down")
    inventory.remove()
    console.print(f"The lab {wanted.lab} is down; the machine image stays for the next one.")


def build_images(given: dict[str, str], console: Console) -> None:
    """Build the machine images of the releases named, or of all."""
    wanted = settings.read(given, None)
    releases = [wanted.debian] if "DEBIAN" in given else list(settings.RELEASES)
    client = engine.ensure(console)
    for release in releases:
        built = image.ensure(client, release, console)
        console.print(f"{image.name(release)}: {'built' if built else 'up to date'}")


def clean(given: dict[str, str], console: Console) -> None:
    """Remove the machine images."""
    client = engine.ensure(console)
    for release in settings.RELEASES:
        image.remove(client, release)


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
