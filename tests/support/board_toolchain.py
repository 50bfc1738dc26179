"""What serves pages, in this checkout's toolchain; tests of several steps ask for it at once."""

import fcntl
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def install_board() -> None:
    """Put the board's part of the toolchain in place, one process after the other."""
    with (ROOT / ".cache" / "board.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        setup = [str(ROOT / "toolchain" / "setup"), "board"]
        subprocess.run(setup, check=True, stdout=subprocess.DEVNULL)
