"""Run every test of the project, or those named: python -m tests.run [STEP …].

The steps, in order: lint, unit, differential, sanity, changelog, collection, launcher, molecule,
lab, exercise, reset. A molecule scenario can be named too; chain, clamav_source, exercises, resets
and thunderbird run only when they are named. Each step prints one line; the output of one that
fails is printed whole. With LONG=1 in the environment, unit and differential make up many more
cases.
"""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from launcher import keys

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CACHE = ROOT / ".cache"
WORKERS = max(2, (os.cpu_count() or 2) // 2)
"""Steps that run at once: a scenario waits for its machines for half of its time."""

SCENARIOS = sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml"))

ON_DEMAND = {"chain", "clamav_source", "exercises", "resets", "thunderbird"}
"""Steps that run only when they are named: what they do, build or install takes long."""

A_FEW_RESETS = "dpkg_database_gone or no_python or goes_on or at_once or silent"

ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}:{os.environ['PATH']}",
    "PYTHONPATH": str(CACHE),
    "ANSIBLE_COLLECTIONS_PATH": str(CACHE),
    "ANSIBLE_HOME": str(CACHE / "ansible"),
    "MOLECULE_GLOB": "molecule/*/molecule.yml",
    "MOLECULE_COMMAND_BORDERS": "false",
    "NO_COLOR": "1",
}


@dataclass
class Step:
    """Commands that run one after the other until one fails."""

    name: str
    commands: list[list[str]]
    environment: dict[str, str] = field(default_factory=dict)


def steps() -> list[Step]:
    """Return every step, in the order in which they are started."""
    pytest = ["pytest", "-p", "no:cacheprovider"]
    return [
        Step("lint", [["ruff", "check", "--quiet"], ["ruff", "format", "--check", "--quiet"]]),
        Step("ansible-lint", [["ansible-lint", "--offline", "--profile=production", "-q"]]),
        Step("unit", [[*pytest, "tests/unit"]]),
        Step("differential", [[*pytest, "tests/differential"]]),
        Step("changelog", [["antsibull-changelog", "lint"]]),
        Step("sanity", [[sys.executable, "-m", "tests.sanity"]]),
        Step("collection", [[*pytest, "tests/collection"]]),
        Step("docs", [[*pytest, "tests/docs"]]),
        Step("french", [[*pytest, "tests/french"]]),
        Step("launcher", [[*pytest, "tests/launcher"]]),
        *[Step(name, [["molecule", "test", "-s", name]]) for name in SCENARIOS],
        Step("lab", [[*pytest, "tests/lab", "--ignore=tests/lab/thunderbird"]]),
        Step("exercise", [[*pytest, "tests/exercises", "-k", "attachments"]]),
        Step("reset", [[*pytest, "tests/reset", "-k", A_FEW_RESETS]]),
        Step("exercises", [[*pytest, "tests/exercises"]]),
        Step("resets", [[*pytest, "tests/reset"]]),
        Step("chain", [[*pytest, "tests/chain"]]),
        Step("thunderbird", [[*pytest, "tests/lab/thunderbird"]]),
    ]


def groups() -> dict[str, list[str]]:
    """Return the names that stand for several steps."""
    scenarios = [name for name in SCENARIOS if name not in ON_DEMAND]
    return {"molecule": scenarios, "lint": ["lint", "ansible-lint"]}


def chosen(names: list[str]) -> list[Step]:
    """Return the steps named; where none is, all but those on demand.

    Exits on a name that is none.
    """
    every = steps()
    wanted = [step for name in names for step in groups().get(name, [name])]
    unknown = set(wanted) - {step.name for step in every}
    if unknown:
        known = ", ".join([*groups(), *(step.name for step in every)])
        sys.exit(f"There is no step {', '.join(sorted(unknown))}: choose among {known}.")
    return [
        step for step in every if step.name in wanted or not wanted and step.name not in ON_DEMAND
    ]


def run(step: Step, console: Console) -> bool:
    """Run a step, print its line, and what it printed if it failed; tell whether it passed."""
    started = time.monotonic()
    output = ""
    passed = True
    for command in step.commands:
        environment = {**ENVIRONMENT, **step.environment}
        result = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output += result.stdout
        passed = passed and result.returncode == 0
    with PRINTING:
        mark = "[green]passed[/]" if passed else "[bold red]FAILED[/]"
        console.print(f"{time.monotonic() - started:6.1f} s  {step.name:<16} {mark}")
        for line in output.splitlines():
            if not passed or any(word in line for word in TOLD):
                console.print(f"          {line}", markup=False, soft_wrap=True)
    return passed


PRINTING = threading.Lock()

TOLD = ("SKIPPED", "COUNTED")
"""Words of lines that are printed of a step that passed too."""


def prepare() -> None:
    """Make sure that there is an engine, an image for each Debian release, and keys to get in."""
    if subprocess.run(
        [sys.executable, "-m", "launcher", "image"], cwd=ROOT, check=False
    ).returncode:
        sys.exit("No machine can be made, so that nothing that needs one was tested.")
    keys.ensure(CACHE / "keys")
    shutil.rmtree(CACHE / "molecule", ignore_errors=True)
    # What an earlier run has built from source proves nothing of this one.
    shutil.rmtree(CACHE / "ansible" / "labs.mail", ignore_errors=True)


def main(names: list[str]) -> int:
    """Run the steps; return the exit code."""
    console = Console(highlight=False)
    started = time.monotonic()
    todo = chosen(names)
    if any(
        step.name in (*ON_DEMAND, "differential", "exercise", "lab", "reset", *SCENARIOS)
        for step in todo
    ):
        prepare()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        passed = list(pool.map(lambda step: run(step, console), todo))
    failed = [step.name for step, good in zip(todo, passed) if not good]
    seconds = time.monotonic() - started
    console.print(
        f"{len(todo)} steps in {seconds:.0f} s.", *failed and ["Failed:", ", ".join(failed)]
    )
    print(f"{len(todo) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
