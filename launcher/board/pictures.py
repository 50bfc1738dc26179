"""Where pictures of last messages are: by itself, since the web server loads little."""

from __future__ import annotations

from pathlib import Path


def path_of(directory: Path, machine: str) -> Path:
    """Return the file of a machine's last picture, in the board's directory."""
    return directory / "pictures" / f"{machine}.svg"
