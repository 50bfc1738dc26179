"""A row of the benchmark: ours against a floor that was measured in the same run."""

from __future__ import annotations

import resource
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """What was measured; both figures in the same ``unit``, and the goal for their ratio."""

    name: str
    ours: float
    floor: float
    floor_is: str
    goal: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """How many times the floor ours is."""
        return self.ours / self.floor


def processor_seconds() -> float:
    """Return how long this process's children have worked, which others' work leaves as it is."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(rows: Iterable[Row], console: Console) -> None:
    """Print rows as a table."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("what", "ours", "floor", "ratio", "goal", "the floor is"):
        table.add_column(title, justify="right" if title in ("ours", "floor", "ratio") else "left")
    for row in rows:
        colour = "green" if row.goal is None or row.ratio <= row.goal else "red"
        goal = f"≤ {row.goal}" if row.goal is not None else ""
        figures = [f"{value:.2f} {row.unit}" for value in (row.ours, row.floor)]
        table.add_row(row.name, *figures, f"[{colour}]{row.ratio:.2f}[/]", goal, row.floor_is)
    console.print(table)
