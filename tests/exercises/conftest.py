"""A lab with a machine of each Debian release, brought to every stage of every exercise."""

import json
import subprocess

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.exercise import way_to
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher import playbook
from tests.lab.conftest import Lab

pytest_plugins = ["tests.lab.conftest"]

SUBNET = "172.30.187.0/24"


class Course(Lab):
    """A lab whose machines go from exercise to exercise."""

    limit = "students,localhost"

    def play(self, name: str, **extra: str) -> tuple[int, int, str]:
        """Run a playbook, by its name or its path.

        Returns its exit code, how many tasks changed something, and its output.
        """
        summary = self.folder / "summary.json"
        summary.unlink(missing_ok=True)
        process = self.begin(name, **extra)
        output = process.communicate()[0]
        changed = json.loads(summary.read_text())["changed"] if summary.exists() else -1
        return process.returncode, changed, output

    def begin(self, name: str, **extra: str) -> subprocess.Popen:
        """Start a playbook, which prints to the returned process's standard output."""
        return subprocess.Popen(
            [
                str(playbook.BIN / "ansible-playbook"),
                name if "/" in name else f"playbooks/{name}.yml",
                *("--limit", self.limit),
                *("--extra-vars", json.dumps(extra)),
            ],
            cwd=self.folder,
            env={
                **playbook.environment(),
                "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
                "LAB_SUMMARY": str(self.folder / "summary.json"),
                "PWD": str(self.folder),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def bring(self, exercise: str, stage: str) -> tuple[int, str]:
        """Bring the machines to a stage; returns how many tasks changed something, and which."""
        code, changed, output = self.play("site", exercise=exercise, stage=stage)
        assert code == 0, output
        return changed, output

    def check(self, exercise: str) -> dict[str, dict[str, dict]]:
        """Check the exercise; returns the result of each check by its name, for each machine."""
        self.play("check", exercise=exercise)
        report = json.loads((self.folder / "reports" / f"{exercise}.json").read_text())
        assert not report["problems"], report["problems"]
        return {
            host: {each["name"]: each for each in results}
            for host, results in report["machines"].items()
        }


def pytest_collection_modifyitems(items):
    """Go from each exercise to those after it, stage by stage: so little changes between tests."""
    items.sort(key=_way)


def _way(item):
    if "course" not in item.fixturenames:
        return []
    return [each.name for each in way_to(item.callspec.params["exercise"], catalogue())]


@pytest.fixture(scope="session")
def course(copy):
    """The lab, which is taken down at the end."""
    lab = Course(copy, "course", SUBNET)
    lab.make("down", *lab.own)
    lab.up_on_each_release()
    yield lab
    lab.make("down", *lab.own)
