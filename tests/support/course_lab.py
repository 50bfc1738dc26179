"""A lab whose machines go from exercise to exercise, by the playbooks."""

import json
import subprocess

from launcher import playbook
from tests.support.lab import Lab


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
