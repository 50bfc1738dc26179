"""Files of one event a line: only ever appended to, and whole when a writer was killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable
from pathlib import Path


def append(path: Path, lines: Iterable[str]) -> None:
    """Append whole lines. A line that a killed writer cut off is ended first, and stays alone."""
    content = "".join(lines).encode()
    if not content:
        return
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                content = b"\n" + content
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


class Tail:
    """Reads the whole lines of a file that grows; the last one is left until its end is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = 0

    def new(self) -> list[str]:
        """Return the lines that have come since."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(self.place)
            content = file.read()
            whole = content[: content.rfind(b"\n") + 1]
            self.place += len(whole)
            return whole.decode("utf-8", "replace").splitlines()
        return []
