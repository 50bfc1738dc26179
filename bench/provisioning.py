"""From a pristine machine to the course's mail server: one machine, a second run, a class."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from rich.console import Console

from bench.machines import machines
from bench.row import Row

PLAYBOOK = Path(__file__).parent / "student.yml"
SCRIPT = Path(__file__).parent / "student.sh"
RELEASE = os.environ.get("DEBIAN", "12")
ROUNDS = 3
CLASS = int(os.environ.get("MACHINES", "20"))


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    ours, hand, again, again_plain = [], [], [], []
    for number in range(1, ROUNDS + 1):
        console.print(f"  round {number} of {ROUNDS}", style="dim")
        with machines(["ours", "hand"], RELEASE, console) as fresh:
            hand.append(fresh.script("hand", SCRIPT))
            ours.append(fresh.playbook(PLAYBOOK, ["ours"]))
            again.append(fresh.playbook(PLAYBOOK, ["ours"]))
            again_plain.append(fresh.playbook(PLAYBOOK, ["ours"], mitogen=False))
    by_hand = "a shell script by hand"
    yield Row("one pristine machine", median(ours), median(hand), by_hand, 1.15)
    yield Row("a run that changes nothing", median(again), median(hand), by_hand)
    yield Row("the same without Mitogen", median(again_plain), median(hand), by_hand)
    console.print(f"  a class of {CLASS}", style="dim")
    names = [f"m{number}" for number in range(1, CLASS + 1)]
    with machines(names, RELEASE, console) as fresh:
        first = fresh.playbook(PLAYBOOK, names[:1])
        rest = fresh.playbook(PLAYBOOK, names[1:]) / (CLASS - 1)
        whole = fresh.playbook(PLAYBOOK, names) / CLASS
        one = fresh.playbook(PLAYBOOK, names[:1])
    yield Row(f"each of the 2nd to the {CLASS}th machine", rest, first, "the first machine")
    yield Row(f"each of {CLASS} where nothing changes", whole, one, "one machine alone")
