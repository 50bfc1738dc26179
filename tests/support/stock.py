"""The main.cf and master.cf that Debian ships: releases 11, 12, 13 and unstable."""

from __future__ import annotations

from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures" / "postfix"


def _stock(pattern: str) -> dict[str, bytes]:
    return {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for path in sorted(FIXTURES.glob(pattern))
    }


STOCK_MAIN = _stock("*/main.cf*")
STOCK_MASTER = _stock("*/master.cf*")
