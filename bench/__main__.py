"""Run every part of the benchmark, or those named: python -m bench [PART …]."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from rich.console import Console

from bench.row import Row, show

NO_PART = {
    "__init__", "__main__", "classroom", "flood", "inside", "machines", "row", "timed",
}  # fmt: skip
PARTS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in NO_PART)


def main(names: list[str]) -> int:
    """Measure the parts named, all where none is; return the exit code."""
    console = Console(highlight=False)
    unknown = sorted(set(names) - set(PARTS))
    if unknown:
        console.print(f"There is no part {', '.join(unknown)}: choose among {', '.join(PARTS)}.")
        return 2
    for name in names or PARTS:
        console.print(f"\n[bold]{name}[/]")
        rows: Callable[[Console], Iterable[Row]] = import_module(f"bench.{name}").rows
        show(rows(console), console)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
