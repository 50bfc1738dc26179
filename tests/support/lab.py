"""A lab of its own, made with the commands of the README in a copy of the checkout."""

import functools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml

from ansible_collections.labs.mail.plugins.module_utils._incus.api import Endpoint, socket_of
from ansible_collections.labs.mail.plugins.module_utils._incus.definition import Place
from ansible_collections.labs.mail.plugins.module_utils._incus.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._incus.handle import Handle

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS = 900
NEWER = {"lab_builder": "", "debian": "13"}
"""Variables of a machine of the release that worlds do not have: labs of tests share what is built
for it."""


class Lab:
    """A copy of the checkout, and the commands of make in it; they go to the lab's own name."""

    seconds = COMMAND_SECONDS
    """How long a command may take."""

    def __init__(self, folder: Path, name: str, subnet: str, machines_on: str = "docker") -> None:
        self.folder = folder
        self.name = name
        self.own = [f"LAB={name}", f"SUBNET={subnet}"]
        self.machines_on = machines_on

    @functools.cached_property
    def engine(self) -> docker.DockerClient:
        """Docker's engine."""
        return docker.from_env()

    @functools.cached_property
    def daemon(self) -> Engine:
        """The lab on the engine that it is on, which is not Docker's."""
        return Engine(Endpoint(socket_of(self.machines_on)), self.name, Place("", ""))

    def start(self, *words: str) -> subprocess.Popen:
        """Start make, which prints to the returned process's standard output."""
        return self._start("make", *words)

    def _start(self, *words: str) -> subprocess.Popen:
        # Not what the make that runs the tests was given, which it would hand on.
        foreign = ("ANSIBLE_", "MAKE", "MFLAGS")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(foreign)
        }
        return subprocess.Popen(
            words,
            cwd=self.folder,
            env={**environment, "ENGINE": self.machines_on, "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def make(self, *words: str) -> tuple[int, str]:
        """Run make to its end; returns its exit code and what it printed."""
        process = self.start(*words)
        output = process.communicate(timeout=self.seconds)[0]
        return process.returncode, output

    def command(self, *words: str) -> tuple[int, str]:
        """Run ./lab to its end; returns its exit code and what it printed."""
        process = self._start("./lab", *words)
        output = process.communicate(timeout=self.seconds)[0]
        return process.returncode, output

    def up(self, *words: str) -> str:
        """Bring the lab up, and return what was printed."""
        code, output = self.make("lab", *self.own, *words)
        assert code == 0, output
        return output

    def up_on_each_release(self, students: int = 2, **variables: dict) -> None:
        """Bring up a lab of students with these variables, the second on Debian 13.

        `make lab` builds only the image of its own release.
        """
        student2 = {**NEWER, **variables.pop("student2", {})}
        self._up(students, {**variables, "student2": student2})

    def up_on_one_release(self, debian: str, **variables: Any) -> None:
        """Bring up a lab of one student with these variables, on the Debian release named."""
        own = NEWER if debian == NEWER["debian"] else {"debian": debian}
        self._up(1, {"student1": {**own, **variables}})

    def _up(self, students: int, variables: dict[str, dict]) -> None:
        for student, own in variables.items():
            path = self.folder / "inventories" / "containers" / "host_vars" / f"{student}.yml"
            path.write_text(yaml.safe_dump(own, explicit_start=True))
        code, output = self.make("image")
        assert code == 0, output
        self.up(f"STUDENTS={students}")

    def containers(self) -> dict[str, Any]:
        """The lab's machines by name, with the methods that the Docker SDK's containers have."""
        if self.machines_on != "docker":
            asked = self.daemon
            return {each.name: Handle(asked, each.name) for each in asked.containers()}
        label = {"label": f"labs.mail.lab={self.name}"}
        found = self.engine.containers.list(all=True, filters=label, ignore_removed=True)
        return {container.name: container for container in found}

    def networks(self) -> list:
        """The lab's networks."""
        return self.engine.networks.list(filters={"label": f"labs.mail.lab={self.name}"})


def copy_checkout(folder: Path) -> None:
    """Copy the files that git knows to a directory, with this checkout's toolchain."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    (folder / ".venv").symlink_to(ROOT / ".venv")


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git knows, in a directory of their own."""
    folder = tmp_path_factory.mktemp("checkout")
    copy_checkout(folder)
    return folder
