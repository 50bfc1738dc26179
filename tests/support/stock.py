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


def other_services(master: bytes, release: str) -> bytes:
    """Return the services that Debian ships, except those whose names a master.cf has."""
    names = {line.split()[0] for line in master.split(b"\n") if line[:1].strip(b"#")}
    lines: list[bytes] = []
    kept = False
    for line in STOCK_MASTER[f"{release}/master.cf.dist"].splitlines(keepends=True):
        if line[:1].strip():
            kept = line[:1] != b"#" and line.split()[0] not in names
        lines += [line] if kept else []
    return b"".join(lines)
