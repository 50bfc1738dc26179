"""The picture of a machine's last message, drawn there, which the board shows."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from argparse import Namespace

from rich.console import Console

from launcher import settings
from launcher.attempts import shown
from launcher.board import pictures, places
from launcher.language import language, tr
from launcher.machines import chosen_one
from launcher.settings import SettingsError
from launcher.shell import command

SECONDS = 30
MOST_BYTES = 2_000_000
"""The most that a machine may answer, whose root is a student; a picture has some 30 kB."""


def picture(given: Namespace, console: Console) -> int:
    """Draw the way of a machine's last message."""
    lab = settings.needed()
    name = chosen_one(given.machine, lab.names)
    asking = command(lab.address_of(name), ["lab", "page", "picture", language()])
    path = pictures.path_of(places.directory(), name)
    drawn = picture_of(answer_of(asking), name)
    if not drawn:
        path.unlink(missing_ok=True)
        console.print(tr("{machine}: its log has no message yet.", machine=name))
        return 1
    path.parent.mkdir(exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_text(drawn, encoding="utf-8")
    os.replace(aside, path)
    console.print(tr("{machine}: {path}", machine=name, path=shown(path)), soft_wrap=True)
    return 0


def answer_of(asking: list[str]) -> bytes:
    """Return what a command prints, as far as it is small and comes in time."""
    with subprocess.Popen(
        asking, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout
        deadline = threading.Timer(SECONDS, process.kill)
        deadline.start()
        try:
            return process.stdout.read(MOST_BYTES + 1)
        finally:
            deadline.cancel()
            process.kill()


def picture_of(answer: bytes, machine: str) -> str:
    """Return the SVG of an answer, nothing where there was no message. Raises SettingsError."""
    drawn = None
    if len(answer) <= MOST_BYTES:
        try:
            held = json.loads(answer)
            drawn = held.get("svg") if isinstance(held, dict) else None
        except (ValueError, RecursionError):
            drawn = None
    # A browser shows it as an image, which runs nothing; of entities it would make much of little.
    if not isinstance(drawn, str) or (drawn and ("<svg" not in drawn or "<!" in drawn)):
        raise SettingsError(tr("{machine} answers with no picture.", machine=machine))
    return drawn.encode("utf-8", "replace").decode()
