"""./lab board: gather events, run orders, and keep the web server running, until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import json
import socket
import subprocess
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from launcher import classroom, grades, settings
from launcher.board import places, view
from launcher.board.collector import Collector
from launcher.board.gate_tail import WORDS, GateTail
from launcher.board.rounds import Rounds, minutes_of
from launcher.board.runner import Runner
from launcher.language import tr
from launcher.settings import ROOT, Settings, SettingsError
from launcher.shell import command

PORT = 8025
LOOK = 0.2
"""How many seconds lie between two looks at the sources."""

AGAIN = 1.0
"""How many seconds lie at least between two starts of the web server."""

SETUP = ROOT / "toolchain" / "setup"


def board(given: Namespace, console: Console) -> int:
    """Serve the board until it is interrupted."""
    lab = settings.needed()
    port, minutes = port_of(given.port), minutes_of(given.every)
    people = grades.read_class(grades.CLASS) if grades.CLASS.exists() else {}
    if subprocess.run([SETUP, "board"], check=False).returncode:
        raise SettingsError(tr("`toolchain/setup board` failed; the reason stands above."))
    console.print(tr("The board is there until Ctrl-C; what happened is kept."))
    with _alone(), web_server(places.directory(), port, lab.names, people) as serve:
        _keep(lab, serve, minutes)
    return 0


def port_of(text: str | None) -> int:
    """Return the port of the word. Raises SettingsError."""
    if text is None:
        return PORT
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise SettingsError(tr("`--port {found}`: write a number such as 2222.", found=text))


def _keep(lab: Settings, serve: WebServer, minutes: int | None) -> None:
    gate = GateTail(lambda: gate_command(lab))
    collector = Collector(places.events(), lab.names, gate.new, time.time, places.lab_began())
    runner = Runner(places.directory(), lab.names, view.course(), time.time)
    rounds = Rounds(minutes, runner, time.time)
    stopping = threading.Event()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                collector.gather()
                runner.step()
                rounds.step()
                serve.keep()
                stopping.wait(LOOK)
    finally:
        gate.stop()


def gate_command(lab: Settings) -> list[str] | None:
    """Return what reads the gate's events, where a class is open."""
    with contextlib.suppress(SettingsError):
        if classroom.opened():
            return command(lab.address(classroom.NUMBER), WORDS)
    return None


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold what only one board of a lab can hold."""
    with (places.directory() / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(tr("The board of this lab is open in another terminal.")) from error
        yield


class WebServer:
    """The process of the web server, which is started again where it ends."""

    def __init__(self, directory: Path, port: int, given: str) -> None:
        self.directory, self.port, self.given = directory, port, given
        self.started = 0.0
        self.process: subprocess.Popen[str] | None = None

    def keep(self) -> None:
        """Start it where it does not run."""
        ended = self.process is None or self.process.poll() is not None
        if ended and time.monotonic() - self.started >= AGAIN:
            self.started = time.monotonic()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "launcher.board.serve", str(self.directory), str(self.port)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                text=True,
            )
            assert self.process.stdin
            with contextlib.suppress(BrokenPipeError):
                # Its end tells the server that this process is gone, however it went.
                self.process.stdin.write(self.given + "\n")
                self.process.stdin.flush()

    def stop(self) -> None:
        """End it."""
        if self.process:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def web_server(
    directory: Path, port: int, machines: list[str], people: dict[str, str]
) -> Iterator[WebServer]:
    """Yield the web server, which ends with the context. Raises SettingsError."""
    _assert_free(port)
    given = {"machines": machines, "people": people, "began": places.lab_began()}
    serve = WebServer(directory, port, json.dumps(given))
    try:
        yield serve
    finally:
        serve.stop()


def _assert_free(port: int) -> None:
    with socket.socket() as trying:
        trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trying.bind(("127.0.0.1", port))
        except OSError as error:
            text = tr("port {port} of this computer is taken: name another one, `--port 8026`.")
            raise SettingsError(text.format(port=port)) from error
