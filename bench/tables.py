"""A lookup table of a million rows: built, and looked at where nothing has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator

from rich.console import Console

from bench.inside import Inside, in_turn
from bench.machines import machines
from bench.row import Row

RELEASE = os.environ.get("DEBIAN", "12")
ROUNDS = 3
COUNT = 1_000_000
SUFFIXES = {"hash": "db", "btree": "db", "lmdb": "lmdb", "cdb": "cdb"}
LISTED = {"hash", "btree", "lmdb"}
"""The types that ``postmap -s`` lists in every release."""

TEXT = f"""
with open("/opt/t", "w") as file:
    for n in range({COUNT}):
        key = f"user{{n:07}}@department{{n % 1000:03}}.example.org"
        file.write(f"{{key}}\\trelay:[mx{{n % 100:02}}.example.org]:2525\\n")
"""


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    with machines(["tables"], RELEASE, console):
        inside = Inside("tables", RELEASE)
        inside.machine.push({"/opt/text.py": TEXT.encode()})
        inside.shell("python3 /opt/text.py")
        for kind, suffix in SUFFIXES.items():
            console.print(f"  {COUNT:,} rows of {kind}", style="dim")
            yield from built(inside, kind, f"/opt/t.{suffix}")
            if kind in LISTED:
                yield from unchanged(inside, kind)


def built(inside: Inside, kind: str, index: str) -> Iterator[Row]:
    """Measure how the index is made."""
    module = inside.module("postfix_map", {"tables": [{"path": "/opt/t", "type": kind}]})
    without = f"rm -f {index}; sync"
    ours, floor = in_turn(
        ROUNDS,
        lambda: module(without, True),
        lambda: inside.cost(["postmap", f"{kind}:/opt/t"], without),
    )
    yield Row(f"{kind}, built", ours.seconds, floor.seconds, "postmap", 1.3)
    yield Row(f"{kind}, built: memory", ours.megabytes, floor.megabytes, "postmap", unit="MB")


def unchanged(inside: Inside, kind: str) -> Iterator[Row]:
    """Measure a run that changes nothing."""
    module = inside.module("postfix_map", {"tables": [{"path": "/opt/t", "type": kind}]})
    ours, floor = in_turn(
        ROUNDS,
        lambda: module("sync", False),
        lambda: inside.cost(["postmap", "-s", f"{kind}:/opt/t"], "sync"),
    )
    yield Row(f"{kind}, unchanged", ours.seconds, floor.seconds, "postmap -s", 1.3)
    yield Row(
        f"{kind}, unchanged: memory", ours.megabytes, floor.megabytes, "postmap -s", unit="MB"
    )
