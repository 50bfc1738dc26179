"""Chains of mail filters: their throughput, their daemons' memory, and how long a machine waits."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import docker
from rich.console import Console

from bench.machines import LAB, machines
from bench.row import Row

HERE = Path(__file__).parent
PLAYBOOK = HERE / "chain.yml"
SCRIPT = HERE / "chain.sh"
FLOOD = (HERE / "flood.py").read_text()
RELEASE = os.environ.get("DEBIAN", "12")
ROUNDS = 3
MESSAGES = 200
SENDERS = 8
CHAINS = {
    "plain": "none",
    "front": "clamsmtp_front",
    "filter": "clamsmtp_filter",
    "whole": "antispam",
}
"""The machines, each with its chain."""

DAEMONS = {"clamav-daemon": "clamd", "clamsmtp": "clamsmtpd", "spamd": "spamd, two children"}


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    yield from mail(console)
    yield from converge(console)


def mail(console: Console) -> Iterator[Row]:
    """Measure what passing the filters costs, in time and in memory."""
    seconds: dict[str, list[float]] = {name: [] for name in CHAINS}
    memory: dict[str, dict[str, float]] = {}
    with machines(list(CHAINS), RELEASE, console) as fresh:
        console.print(f"  {len(CHAINS)} chains of filters", style="dim")
        variables = {name: {"filter_chain": chain} for name, chain in CHAINS.items()}
        fresh.playbook(PLAYBOOK, list(CHAINS), variables=variables)
        for number in range(1, ROUNDS + 1):
            console.print(f"  round {number} of {ROUNDS}", style="dim")
            for name in CHAINS:
                took, memory[name] = flood(name, fresh.addresses[name])
                seconds[name].append(took)
    plain = min(seconds.pop("plain"))
    for name, found in seconds.items():
        yield Row(f"{MESSAGES} messages, {CHAINS[name]}", min(found), plain, "Postfix alone")
    for unit, daemon in DAEMONS.items():
        yield Row(
            daemon, memory["whole"][unit], postfix(memory["plain"]), "Postfix alone", unit="MB"
        )
    whole, alone = (postfix(memory[name]) for name in ("whole", "plain"))
    yield Row("Postfix in antispam", whole, alone, "Postfix alone", unit="MB")


def flood(name: str, address: str) -> tuple[float, dict[str, float]]:
    """Send messages to a machine, from itself; returns the seconds, and the memory of its units."""
    container = docker.from_env(timeout=1800).containers.get(f"{LAB}-{name}")
    argv = ["python3", "-c", FLOOD, address, "prof@bench.test", str(MESSAGES), str(SENDERS)]
    code, output = container.exec_run(argv)
    if code != 0:
        raise SystemExit(f"{name}: {output.decode()[-3000:]}")
    took, memory = json.loads(output)
    return took, memory


def postfix(memory: dict[str, float]) -> float:
    """Return the megabytes of Postfix, whatever its unit is called."""
    return sum(megabytes for unit, megabytes in memory.items() if unit.startswith("postfix"))


def converge(console: Console) -> Iterator[Row]:
    """Measure how long it takes to make a pristine machine one with all filters."""
    ours, hand, again = [], [], []
    for number in range(1, ROUNDS + 1):
        console.print(f"  round {number} of {ROUNDS}: pristine machines", style="dim")
        with machines(["ours", "hand"], RELEASE, console) as fresh:
            hand.append(fresh.script("hand", SCRIPT))
            ours.append(fresh.playbook(PLAYBOOK, ["ours"]))
            again.append(fresh.playbook(PLAYBOOK, ["ours"]))
    by_hand = "a shell script by hand"
    own = median(again)
    yield Row("antispam on a pristine machine", median(ours), median(hand), by_hand, 1.15)
    yield Row("Ansible's own share: a second run", own, median(hand), by_hand)
    yield Row("the first run without it", median(ours) - own, median(hand), by_hand, 1.15)
