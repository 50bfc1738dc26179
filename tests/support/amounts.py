"""How many cases the tests make up: a fixed number in every run, many more where LONG=1 asks.

SHORT=1 has Hypothesis make up few, as `make check` does.
"""

from __future__ import annotations

import os

LONG = os.environ.get("LONG", "") not in ("", "0")

SHORT = os.environ.get("SHORT", "") not in ("", "0")

FEW = 10
"""Examples that Hypothesis makes up for each property in a short run."""

EXAMPLES = 100_000
"""Examples that Hypothesis makes up for each property in a long run."""


def many(normal: int) -> int:
    """Return a number of cases: the one given, and twenty times as many in a long run."""
    return normal * 20 if LONG else normal
