"""A lab with a machine of each Debian release, which is broken and reset."""

import json
from pathlib import Path

import pytest
import yaml

from tests.exercises.conftest import Course

pytest_plugins = ["tests.lab.conftest"]

SUBNET = "172.30.186.0/24"
LOOK = str(Path(__file__).with_name("look.yml"))
SABOTAGES = yaml.safe_load(Path(__file__).with_name("sabotages.yml").read_text())


class Reset(Course):
    """A lab whose machines are broken and reset."""

    def reset(self, exercise: str, by: str) -> tuple[int, str]:
        """Reset the machines; returns the exit code and what was printed."""
        code, _changed, output = self.play("reset", exercise=exercise, reset_by=by)
        return code, output

    def look(self) -> dict[str, dict]:
        """Return what state each machine is in."""
        folder = self.folder / "reports" / "seen"
        folder.mkdir(parents=True, exist_ok=True)
        code, _changed, output = self.play(LOOK, folder=str(folder))
        assert code == 0, output
        return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}

    def students(self) -> list:
        """The students' containers."""
        return [each for name, each in self.containers().items() if "student" in name]

    def sabotage(self, name: str) -> dict:
        """Break the machines; returns what is known of the sabotage."""
        known = SABOTAGES[name]
        known = known if isinstance(known, dict) else {"run": known}
        for machine in self.students():
            machine.exec_run(["bash", "-c", known["run"]])
        return known


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


@pytest.fixture(scope="session")
def lab(copy):
    """The lab, which is taken down at the end."""
    lab = Reset(copy, "reset", SUBNET)
    lab.make("down", *lab.own)
    lab.up_on_each_release()
    yield lab
    lab.make("down", *lab.own)


@pytest.fixture(scope="session")
def fresh(lab):
    """What each machine is when it was provisioned afresh."""
    code, output = lab.reset("processes", "recreate")
    assert code == 0, output
    assert "Install Postfix" in output
    return lab.look()
