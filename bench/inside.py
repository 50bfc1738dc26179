"""Commands timed inside a machine with Postfix, and modules run there as Ansible runs them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from bench.machines import LAB
from tests.differential.machines import PACKAGES, PYTHONPATH, Machine

MODULES = "ansible_collections.labs.mail.plugins.modules"
TIMED = Path(__file__).parent / "timed.py"
TIMEOUT = 1800
INSTALL = (
    "apt-get update -qq && DEBIAN_FRONTEND=noninteractive"
    f" apt-get install -y -qq --no-install-recommends {' '.join(PACKAGES)}"
)


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds, and the most megabytes that one process of it had."""

    seconds: float
    megabytes: float


class Inside:
    """A machine of the benchmark, with Postfix and the collection in it."""

    def __init__(self, name: str, release: str) -> None:
        container = docker.from_env(timeout=TIMEOUT).containers.get(f"{LAB}-{name}")
        self.machine = Machine(release, container)
        self.machine.push_collection()
        self.machine.push({"/opt/timed.py": TIMED.read_bytes()})
        self.numbers = itertools.count()
        self.shell(INSTALL)

    def shell(self, script: str) -> str:
        """Run a shell script; returns what it printed."""
        return self._run(["sh", "-ec", script])

    def cost(self, command: list[str], prepare: str = "true") -> Cost:
        """Run a command, after a shell script that does not count."""
        return self._timed(command, prepare)[0]

    def module(self, name: str, arguments: dict[str, Any]) -> Callable[[str, bool], Cost]:
        """Return what runs a module: it takes the script, and whether something is to change."""
        path = f"/opt/arguments-{next(self.numbers)}.json"
        self.machine.push({path: json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()})
        command = ["env", f"PYTHONPATH={PYTHONPATH}", "python3", "-m", f"{MODULES}.{name}", path]

        def run(prepare: str, changed: bool) -> Cost:
            cost, said = self._timed(command, prepare)
            if json.loads(said)["changed"] != changed:
                raise SystemExit(f"{name} was to say changed: {changed}:\n{said[-3000:]}")
            return cost

        return run

    def _timed(self, command: list[str], prepare: str) -> tuple[Cost, str]:
        code, said, *figures = json.loads(
            self._run(["python3", "/opt/timed.py", prepare, *command])
        )
        if code != 0:
            raise SystemExit(f"{' '.join(command)[:300]} failed:\n{said[-3000:]}")
        return Cost(*figures), said

    def _run(self, command: list[str]) -> str:
        result = self.machine.run(command, timeout=TIMEOUT)
        printed = (result.stdout + result.stderr).decode("utf-8", "replace")
        if result.code != 0:
            raise SystemExit(f"{' '.join(command)[:300]} failed:\n{printed[-3000:]}")
        return result.stdout.decode("utf-8", "replace")


def in_turn(rounds: int, *runs: Callable[[], Cost]) -> list[Cost]:
    """Measure several things in turn, several times over; returns the least that each took.

    Whatever else the machine does can only make one slower.
    """
    costs = zip(*([run() for run in runs] for _round in range(rounds)))
    return [
        Cost(min(cost.seconds for cost in found), min(cost.megabytes for cost in found))
        for found in costs
    ]
