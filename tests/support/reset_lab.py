"""A lab whose machines go from exercise to exercise, and are broken and reset."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.labs.mail.plugins.module_utils._docker import images
from ansible_collections.labs.mail.plugins.module_utils._incus import sources
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import ASIDE
from launcher.class_image import STATES
from tests.support.course_lab import Course

DIRECTORY = Path(__file__).resolve().parents[1] / "reset"
ENGINE = os.environ.get("ENGINE") or "docker"
SUBNETS = {"docker": "172.30.187.0/24", "incus": "172.30.198.0/24", "lxd": "172.30.199.0/24"}
LOOK = str(DIRECTORY / "look.yml")
SABOTAGES = yaml.safe_load((DIRECTORY / "sabotages.yml").read_text())


class Reset(Course):
    """A lab whose machines are broken and reset."""

    def came_from(self) -> dict[str, str]:
        """Return what each machine of the last reset came from: site or snapshot."""
        return {host: seen["reset"]["from"] for host, seen in self.summary["stats"].items()}

    def is_being_restored(self) -> bool:
        """Tell whether a reset has stopped the mail server of a machine."""
        return any(each.exec_run(["pgrep", "-x", "master"]).exit_code for each in self.machines())

    def is_being_recreated(self) -> bool:
        """Tell whether a reset has put a container aside."""
        return any(name.endswith(ASIDE) for name in self.containers())

    def look(self) -> dict[str, dict]:
        """Return what state each machine is in."""
        folder = self.folder / "reports" / "seen"
        folder.mkdir(parents=True, exist_ok=True)
        code, _changed, output = self.play(LOOK, folder=str(folder))
        assert code == 0, output
        return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}

    def machines(self) -> list:
        """The students' containers."""
        return [each for name, each in self.containers().items() if "student" in name]

    def of_class(self) -> set[str]:
        """The machines that started from what was made for their class."""
        names = {name.rpartition("-")[2]: each for name, each in self.containers().items()}
        return {name for name, each in names.items() if self._is_of_class(each)}

    def _is_of_class(self, machine: Any) -> bool:
        if self.machines_on == "docker":
            return machine.attrs["Config"]["Image"].startswith(f"{STATES}:{self.name}-class.")
        found = self.daemon.client.get(f"/instances/{machine.name}")
        return found["config"].get(sources.COPY_OF, "").startswith(f"{self.name}-class-")

    def forget_states(self, machine: str) -> None:
        """Remove what a machine would come back to."""
        prefix = f"{STATES}:{self.name}-{machine}."
        if self.machines_on == "docker":
            known = images.of_lab(self.engine, self.name).values()
            for name in [name for found in known for name in found if name.startswith(prefix)]:
                self.engine.images.remove(name)
            return
        for owner in self.daemon.instances():
            for name in sources.states(self.daemon.snapshots(owner["name"])):
                if f"{STATES}:{name}".startswith(prefix):
                    self.daemon.forget(owner["name"], name)

    def sabotage(self, name: str) -> dict:
        """Break the machines; returns what is known of the sabotage."""
        known = SABOTAGES[name]
        known = known if isinstance(known, dict) else {"run": known}
        for machine in self.machines():
            machine.exec_run(["bash", "-c", known["run"]])
        return known


@pytest.fixture(scope="session")
def rights() -> dict[str, Any]:
    """The variables of a machine that is a student's of a lab, and no more."""
    return {}


@pytest.fixture(scope="session")
def course(copy: Path, rights: dict[str, Any]) -> Iterator[Reset]:
    """A lab with a machine of each Debian release, which is taken down at the end.

    With MOLECULE_DEBIAN=13 in the environment it has a machine of that release alone, and with
    ENGINE=incus it is on Incus. The tests of exercises and those of resets share it where they run
    together.
    """
    lab = Reset(copy, "course", SUBNETS[ENGINE], ENGINE)
    lab.make("down", *lab.own)
    release = os.environ.get("MOLECULE_DEBIAN")
    if release:
        lab.up_on_one_release(release, **rights)
    else:
        lab.up_on_each_release(student1=rights, student2=rights)
    yield lab
    lab.make("down", *lab.own)


def differences(seen: dict, wanted: dict) -> list[str]:
    """Return what differs in the states of two machines, a line each."""
    lines = []
    for part, value in wanted["state"].items():
        is_now = seen["state"][part]
        if isinstance(value, list):
            value, is_now = dict.fromkeys(value), dict.fromkeys(is_now)
        for key in sorted({*value, *is_now}):
            there = key in value, key in is_now
            if there != (True, True) or value[key] != is_now[key]:
                lines.append(f"{part}: {key}: {value.get(key)} became {is_now.get(key)}")
    return lines
