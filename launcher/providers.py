"""The engines that run a lab's machines, by name, and which one a new lab is on."""

from __future__ import annotations

import os
from typing import Any, Protocol

import docker
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._docker import images, starting
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from launcher import cluster, engine, image, incus
from launcher.language import tr
from launcher.settings import Settings

ORDER = ("incus", "lxd", "docker")
"""In which order engines are asked whether they answer, for a lab that names none."""

HALT_SECONDS = 60

SAFEST = {"bookworm": "lxd", "trixie": "incus", "noble": "incus"}
"""What releases have themselves whose machines are unprivileged, by their code names."""


class Provider(Protocol):
    """An engine that answers."""

    trust: str
    """What it means for trust, in a sentence."""

    @property
    def templates(self) -> Templates:
        """What machines can be created from that were made of others."""

    def ensure_image(self, release: str, console: Console) -> bool:
        """Give the engine the machine image of a release; return whether it had another one."""

    def remove_image(self, release: str) -> None:
        """Remove the machine image of a release."""

    def has_lab(self, lab: str) -> bool:
        """Tell whether the engine has anything of a lab."""

    def machine(self, lab: str, machine: str) -> Any:
        """Return a machine, None where there is none.

        It has a name and labels, get_archive(), put_archive() and exec_run(), as the Docker SDK has
        them.
        """

    def restart(self, machine: Any) -> None:
        """Stop a machine, and start it again."""

    def halt(self, machine: Any) -> None:
        """Stop a machine at once, where it runs."""

    def discard(self, lab: str, machine: str) -> None:
        """Remove a machine, where it is there."""

    def releases(self, lab: Settings) -> list[str]:
        """Return the Debian releases of the lab's machines."""

    def run_script(
        self, lab: Settings, release: str, address: str, script: str, seconds: int
    ) -> tuple[int, str]:
        """Run a shell script on a machine that is thrown away; return its code and output."""


class Templates(Protocol):
    """What machines can be created from that were made of others, by names as of images."""

    def has(self, lab: str, name: str, release: str) -> bool:
        """Tell whether a lab has one of a name, made from the machine image of a release."""

    def of_lab(self, lab: str) -> list[str]:
        """Return the names of those of a lab, for its class or for one machine alone."""


class Images:
    """Images that were made of machines, on Docker."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.sdk = docker

    def has(self, _lab: str, name: str, release: str) -> bool:
        """Tell whether there is one of a name, made from the machine image of a release."""
        return images.is_of_base(self, name, image.name(release))

    def of_lab(self, lab: str) -> list[str]:
        """Return the names of those of a lab."""
        return [name for names in images.of_lab(self.client, lab).values() for name in names]


class Docker:
    """Docker's engine."""

    trust = (
        "On Docker a machine's root is this computer's root, held back by capabilities and seccomp "
        "alone: for people whom you do not trust use ENGINE=incus or ENGINE=lxd."
    )

    def __init__(self, console: Console) -> None:
        self.client = engine.ensure(console)
        self.templates = Images(self.client)

    def ensure_image(self, release: str, console: Console) -> bool:
        """Build the image where it is missing or made of something else."""
        return image.ensure(self.client, release, console)

    def remove_image(self, release: str) -> None:
        """Remove the machine image of a release, and what it was bootstrapped from."""
        image.remove(self.client, release)

    def has_lab(self, lab: str) -> bool:
        """Tell whether the engine has anything of a lab."""
        return engine.has_lab(self.client, lab)

    def machine(self, lab: str, machine: str) -> Any:
        """Return a container, None where there is none."""
        try:
            return self.client.containers.get(f"{lab}-{machine}")
        except docker.errors.NotFound:
            return None

    def restart(self, machine: Any) -> None:
        """Stop a container, and start it again."""
        machine.stop()
        starting.start(machine, self.client, docker)

    def halt(self, machine: Any) -> None:
        """Stop a container at once, where it runs."""
        machine.reload()
        if machine.status == "running":
            machine.kill()
            machine.wait(timeout=HALT_SECONDS)

    def discard(self, lab: str, machine: str) -> None:
        """Remove a container, where it is there."""
        found = self.machine(lab, machine)
        if found is not None:
            found.remove(force=True, v=True)

    def releases(self, lab: Settings) -> list[str]:
        """Return the Debian releases of the lab's machines."""
        of_lab = {"label": f"labs.mail.lab={lab.lab}"}
        found = self.client.containers.list(all=True, filters=of_lab, ignore_removed=True)
        return sorted({each.labels.get("labs.mail.release", lab.debian) for each in found})

    def run_script(
        self, lab: Settings, release: str, address: str, script: str, seconds: int
    ) -> tuple[int, str]:
        """Run a shell script in a container that is thrown away."""
        # Of its own: the engine would give it .3, from which the world's spammer writes.
        endpoint = self.client.api.create_endpoint_config(ipv4_address=address)
        container = self.client.containers.create(
            image.name(release),
            ["timeout", str(seconds), "sh", "-c", script],
            network=lab.lab,
            networking_config={lab.lab: endpoint},
        )
        try:
            container.start()
            code = container.wait(timeout=seconds + 60)["StatusCode"]
            return code, container.logs().decode("utf-8", "replace")
        finally:
            container.remove(force=True, v=True)


def ensure(name: str, console: Console) -> Provider:
    """Return an engine that answers, installed and started where that is allowed.

    Raises EngineError.
    """
    if name == "docker":
        return Docker(console)
    return incus.ensure(name, console)


def of(lab: Settings, console: Console) -> Provider:
    """Return what a lab's machines run on, here or on other hosts. Raises EngineError."""
    return cluster.ensure(lab) if lab.hosts else ensure(lab.engine, console)


def answering() -> list[str]:
    """Return the engines that answer whoever runs this, the safest first."""
    return [name for name in ORDER if _answers(name)]


def _answers(name: str) -> bool:
    if name == "docker":
        return engine.answers() or bool(os.environ.get("DOCKER_HOST"))
    return incus.answers(name)


def default(console: Console) -> str:
    """Return the engine of a lab that names none: one that answers, or else one that is made to.

    Root gets the safest that the release itself has, and Docker where that fails.
    """
    found = answering()
    if found:
        return found[0]
    safest = SAFEST.get(incus.release())
    if safest and os.geteuid() == 0:
        try:
            incus.ensure(safest, console)
        except EngineError as error:
            console.print(f"  {safest}: {error}", soft_wrap=True)
        else:
            return safest
    return "docker"


def say_choice(settings: Settings, provider: Provider, console: Console) -> None:
    """Say on which engine the lab is, and what that means for trust."""
    console.print(f"  {settings.engine}: {tr(provider.trust)}", style="dim", soft_wrap=True)
