"""Run a gate of tests, or of its steps those named: python -m tests.run [--gate GATE] [STEP …].

The gates are check, test and all; tests/steps.py says what belongs to each. The step that takes
longest starts first. Each prints one line; the output of one that fails is printed whole, and the
step runs once more with nothing beside it: a fault fails again, what passes is called unsteady.
With --list nothing runs: the steps are printed as JSON, to be shared out among computers. With
MOLECULE_DEBIAN=12 in the environment a scenario has the machines of that release alone.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import yaml
from rich.console import Console

from launcher import inventory, keys, playbook
from tests.steps import GATES, ROOT, SCENARIOS, Step, chosen, gate
from tests.times import Times

BIN = Path(sys.executable).parent
CACHE = ROOT / ".cache"
WORKERS = 2 * max(1, os.cpu_count() or 1)
"""Steps that run at once: a scenario waits for its machines for half of its time."""

MOST_UNSTEADY = 2
"""So many steps that failed run once more. Where more did, it is no accident of a busy computer."""

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    # Hundreds of programs start, and would compile what is imported each time.
    "PYTHONPYCACHEPREFIX": str(CACHE / "pycache"),
    "PATH": f"{BIN}:{os.environ['PATH']}",
    "PYTHONPATH": str(CACHE),
    "ANSIBLE_COLLECTIONS_PATH": str(CACHE),
    "ANSIBLE_HOME": str(CACHE / "ansible"),
    "MOLECULE_GLOB": "molecule/*/molecule.yml",
    "MOLECULE_COMMAND_BORDERS": "false",
    "NO_COLOR": "1",
}


def environment(step: Step) -> dict[str, str]:
    """Return the environment of a step: that of this run, and its own."""
    own = {**step.environment, **ENVIRONMENT}
    # A playbook of a scenario runs as those of labs do.
    return {**own, **playbook.strategy(own)} if step.commands[0][0] == "molecule" else own


def run(step: Step, console: Console, times: Times) -> bool:
    """Run a step, print its line, and what it printed if it failed; tell whether it passed."""
    started = time.monotonic()
    output = ""
    passed = True
    for command in step.commands:
        result = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(step),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output += result.stdout
        passed = passed and result.returncode == 0
    seconds = time.monotonic() - started
    if passed:
        times.keep(step, seconds)
    with PRINTING:
        mark = "[green]passed[/]" if passed else "[bold red]FAILED[/]"
        console.print(f"{seconds:6.1f} s  {step.name:<16} {mark}")
        for line in output.splitlines():
            if not passed or any(word in line for word in TOLD):
                console.print(f"          {line}", markup=False, soft_wrap=True)
    return passed


PRINTING = threading.Lock()

TOLD = ("SKIPPED", "COUNTED")
"""Words of lines that are printed of a step that passed too."""


def prepare(everything: bool) -> None:
    """Make sure that there is an engine, an image for each Debian release, and keys to get in."""
    if subprocess.run(
        [sys.executable, "-m", "launcher", "image", "ENGINE=docker"], cwd=ROOT, check=False
    ).returncode:
        sys.exit("No machine can be made, so that nothing that needs one was tested.")
    molecule = yaml.safe_load((ROOT / "molecule/inventory/hosts.yml").read_text())
    keys.ensure(CACHE / "keys", inventory.addresses(molecule))
    if everything:
        # What was built from source is kept under a digest of all that determines it. A build
        # that no longer works is seen only where it is made again.
        shutil.rmtree(CACHE / "ansible" / "labs.mail", ignore_errors=True)


BY_RELEASE = (*SCENARIOS, "exercises", "resets")
"""Steps that continuous integration runs once for each release, side by side."""


def jobs(step: Step) -> list[dict[str, str | bool]]:
    """Return what a step is for continuous integration."""
    releases = ["12", "13"] if step.name in BY_RELEASE else [""]
    return [{"step": step.name, "debian": each, "machines": step.machines} for each in releases]


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.run", description="Run the tests.")
    parser.add_argument("--gate", choices=GATES, default="test")
    parser.add_argument("--list", action="store_true", help="print the steps as JSON")
    parser.add_argument("steps", nargs="*", metavar="STEP")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run the steps; return the exit code."""
    asked = options(arguments)
    steps = chosen(gate(asked.gate), asked.steps)
    times = Times()
    steps.sort(key=times.expected, reverse=True)
    if asked.list:
        print(json.dumps([job for step in steps for job in jobs(step)]))
        return 0
    console = Console(highlight=False)
    started = time.monotonic()
    if any(step.machines for step in steps):
        prepare(asked.gate == "all")
    failed = run_all(steps, console, times)
    names = [step.name for step in failed]
    seconds = time.monotonic() - started
    console.print(
        f"{len(steps)} steps in {seconds:.0f} s.", *failed and ["Failed:", ", ".join(names)]
    )
    print(f"{len(steps) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def run_all(steps: list[Step], console: Console, times: Times) -> list[Step]:
    """Run steps side by side, and alone what may have failed by that; return those that failed."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        passed = list(pool.map(lambda step: run(step, console, times), steps))
    failed = [step for step, good in zip(steps, passed) if not good]
    if len(steps) == 1 or len(failed) > MOST_UNSTEADY:
        return failed
    unsteady = [step for step in failed if run(step, console, times)]
    for step in unsteady:
        console.print(f"UNSTEADY  {step.name}: failed beside others, passed alone: mend its test")
    return [step for step in failed if step not in unsteady]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
