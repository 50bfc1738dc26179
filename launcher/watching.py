"""Watch a student's terminal, which says so on it, and type there where the student agrees."""

from __future__ import annotations

import getpass
import pwd
import re
import signal
import subprocess
import time
import uuid
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from launcher import settings
from launcher.board import event_file, places
from launcher.board.events import Event, line_of
from launcher.language import tr
from launcher.machines import chosen_one
from launcher.shell import command

SCRIPT = Path(__file__).with_name("watch.sh")
WATCH, JOIN = "watch", "join"
LEFT, NOBODY, REFUSED, ENDED, OCCUPIED, GONE, UNREACHABLE = 0, 3, 4, 5, 6, 7, 255
"""How the script ends, and ssh(1) where it cannot log in or was cut off."""
HOW = {
    LEFT: "left",
    NOBODY: "nobody there",
    REFUSED: "refused",
    ENDED: "ended by the student",
    OCCUPIED: "somebody else joins",
    GONE: "the student left",
    UNREACHABLE: "cut",
}
"""How the file of events has it."""

BANNERS = (
    "Le professeur regarde ce terminal. ({who})",
    "The teacher is watching this terminal. ({who})",
    "Le professeur demande à taper. Oui : Ctrl+B, J ; non : Ctrl+B, N. ({who})",
    "The teacher asks to type too. Yes: Ctrl+B, J; no: Ctrl+B, N. ({who})",
    "Le professeur tape aussi ici. Fin : Ctrl+B, N. ({who})",
    "The teacher types here too. To end it: Ctrl+B, N. ({who})",
)
"""What the student reads, whose language tmux does not know; in the order of the script's words."""

LONGEST_NAME = 12
"""So that a terminal of 80 columns has room for all of it."""


def watch(given: Namespace, console: Console) -> int:
    """Show a student's terminal until the teacher leaves it, or the student ends it."""
    lab = settings.needed()
    name = chosen_one(given.machine, lab.names)
    console.print(tr("{machine}: the student sees that you watch.", machine=name))
    if given.join:
        console.print(
            tr("You can type once the student has agreed; until then, nothing gets there.")
        )
    console.print(tr("Ctrl+B, then D ends it."))
    banners = [text.format(who=_name()) for text in BANNERS]
    asked = JOIN if given.join else WATCH
    words = ["sh", "-c", SCRIPT.read_text(), "sh", asked, *banners]
    call = command(lab.address_of(name), words)
    with _recorded(name, asked) as ends:
        code = subprocess.run([call[0], "-t", *call[1:]], check=False).returncode
        ends.append(HOW.get(code, f"exit code {code}"))
    if code:
        console.print(_said(code, name), style="red")
    return 1 if code else 0


@contextmanager
def _recorded(machine: str, asked: str) -> Iterator[list[str]]:
    """Write when it begins, before anything is seen, and when and how it ends."""

    def write(stage: str, text: str) -> None:
        ident = f"watch-{uuid.uuid4().hex}"
        event = Event(time.time(), machine, "watch", ident, action=asked, stage=stage, text=text)
        event_file.append(places.events(), [line_of(event)])

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    # Where the window is closed, the end is written all the same.
    before = {number: signal.signal(number, end) for number in (signal.SIGHUP, signal.SIGTERM)}
    ends: list[str] = []
    write("begun", _name())
    try:
        yield ends
    finally:
        write("ended", ends[0] if ends else HOW[UNREACHABLE])
        for number, handler in before.items():
            signal.signal(number, handler)


def _said(code: int, machine: str) -> str:
    known = {
        NOBODY: tr("{machine}: no terminal of the class is open there.", machine=machine),
        REFUSED: tr("{machine}: the student has said no.", machine=machine),
        ENDED: tr("{machine}: the student has ended it.", machine=machine),
        OCCUPIED: tr("{machine}: somebody else joins there already.", machine=machine),
        GONE: tr("{machine}: the student has left.", machine=machine),
        UNREACHABLE: tr("{machine} does not answer, or the connection was cut.", machine=machine),
    }
    return known.get(code) or tr(
        "{machine}: its terminal cannot be watched (exit code {code}).", machine=machine, code=code
    )


def _name() -> str:
    """Return what whoever watches is called, without what tmux takes for words of its own."""
    user = getpass.getuser()
    try:
        full = pwd.getpwnam(user).pw_gecos.partition(",")[0]
    except KeyError:
        full = ""
    return re.sub(r"[^\w .'-]", "", full or user)[:LONGEST_NAME].strip() or "?"
