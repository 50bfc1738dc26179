"""Where the board keeps what it needs, in a directory that only its owner can read."""

from __future__ import annotations

from pathlib import Path

from launcher import attempts, inventory
from launcher.keys import SECRET


def directory() -> Path:
    """Return the directory of the board, which is there then."""
    path = attempts.REPORTS / "board"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def events() -> Path:
    """Return the file of all events, which is the truth."""
    return directory() / "events.jsonl"


def queue() -> Path:
    """Return the file into which the page writes orders; it can do nothing else."""
    return directory() / "queue.jsonl"


def lab_began() -> float:
    """Return when the lab that is up was made; what happened before was in another one."""
    secret = inventory.KEYS / SECRET
    return secret.stat().st_mtime if secret.exists() else 0.0
