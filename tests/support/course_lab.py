"""A lab whose machines go from exercise to exercise, by the playbooks."""

import io
import json
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher import playbook
from tests.support.lab import Lab

BY_HAND = str(Path(__file__).resolve().parents[1] / "exercises" / "by_hand.yml")
SAID = "/tmp/said"
HINTS_GIVEN = "/root/.local/state/lab"
TYPING_SECONDS = 1200
"""How long a way by hand may take: the longest builds a mail server from source."""


class Course(Lab):
    """A lab whose machines go from exercise to exercise."""

    limit = "students,localhost"
    summary: Mapping[str, Any] = MappingProxyType({})
    """What the callback wrote of the last run: see launcher/callback/progress.py."""

    def play(self, name: str, **extra: str | int | bool) -> tuple[int, int, str]:
        """Run a playbook, by its name or its path.

        Returns its exit code, how many tasks changed something, and its output.
        """
        summary = self.folder / "summary.json"
        summary.unlink(missing_ok=True)
        process = self.begin(name, **extra)
        output = process.communicate()[0]
        self.summary = json.loads(summary.read_text()) if summary.exists() else {}
        return process.returncode, self.summary.get("changed", -1), output

    def begin(self, name: str, **extra: str | int | bool) -> subprocess.Popen:
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

    def begin_anew(self, exercise: str) -> None:
        """Have each machine at the exercise's start again, with nothing of what was done to it."""
        code, output = self.reset(exercise, "recreate", keep_homes=False)
        assert code == 0, output

    def reset(self, exercise: str, by: str, **extra: bool) -> tuple[int, str]:
        """Reset the machines; returns the exit code and what was printed."""
        code, _changed, output = self.play("reset", exercise=exercise, reset_by=by, **extra)
        return code, output

    def type(self, exercise: str, way: str) -> dict[str, str]:
        """Type on the machines what a way by hand has; returns what each printed."""
        folder = self.folder / "reports" / "typed"
        folder.mkdir(parents=True, exist_ok=True)
        code, _changed, output = self.play(
            BY_HAND,
            exercise=exercise,
            stage="start",
            commands=catalogue()[exercise].typed(way),
            seconds=TYPING_SECONDS,
            folder=str(folder),
        )
        assert code == 0, output
        return {path.stem: path.read_text() for path in folder.glob("*.txt")}

    def facts(self) -> dict[str, dict[str, Any]]:
        """Have each student's machine check itself; returns what its `lab hint --facts` says."""
        forgotten = f"rm -rf {HINTS_GIVEN}; lab check >/tmp/checked 2>&1"
        return {
            host: json.loads(self._said(host, f"{forgotten}; lab hint --facts"))
            for host in self.students()
        }

    def hint(self, host: str, language: str) -> str:
        """Return what `lab hint` says on a machine."""
        return self._said(host, f"lab --lang {language} hint")

    def students(self) -> list[str]:
        """The names of the students' machines."""
        names = (name.removeprefix(f"{self.name}-") for name in self.containers())
        return sorted(name for name in names if name.startswith("student"))

    def _said(self, host: str, command: str) -> str:
        """Return what commands print; an engine under load loses the end of its own stream."""
        container = self.containers()[f"{self.name}-{host}"]
        container.exec_run(["bash", "-lc", f"({command}) >{SAID} 2>&1"])
        stream, _stat = container.get_archive(SAID)
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
            member = archive.extractfile(archive.getmembers()[0])
            assert member is not None
            return member.read().decode()

    def check(self, exercise: str) -> dict[str, dict[str, dict]]:
        """Check the exercise; returns the result of each check by its name, for each machine."""
        self.play("check", exercise=exercise)
        report = json.loads((self.folder / "reports" / f"{exercise}.json").read_text())
        assert not report["problems"], report["problems"]
        return {
            host: {each["name"]: each for each in results}
            for host, results in report["machines"].items()
        }
