"""The echo of a key in a class whose terminals are busy: by ssh, by the page, and by plain ssh."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import select
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

import websocket
from rich.console import Console

from bench.row import Row
from tests.support.class_visitor import Visitor
from tests.support.classroom import Room, Student, Terminal, free_port
from tests.support.lab import copy_checkout
from tests.support.waiting import until

NAME, SUBNET = "echobench", "172.30.183.0/24"
BUSY = int(os.environ.get("BUSY", "30"))
EACH = 6
"""Terminals of one student: of the eight connections that the gate gives."""
KEYS = 300
WORK = "while sleep 0.2; do date; done"
SECONDS = 30


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    students = -(-BUSY // EACH) + 1
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        room = stack.enter_context(_open(Path(folder), students))
        came = [
            room.student(number, Path(folder) / f"student{number}", room.card(number))
            for number in range(1, students + 1)
        ]
        busy = [stack.enter_context(came[1 + n // EACH].terminal()) for n in range(BUSY)]
        for number, each in enumerate(busy):
            each.find("root@")
            if number % EACH == 0:
                each.type(WORK)
        before = [len(each.seen) for each in busy]
        until(lambda: all(len(each.seen) > n for each, n in zip(busy, before, strict=True)))
        console.print(f"  {BUSY} terminals are busy on {students - 1} machines", style="dim")
        plain = stack.enter_context(_plain(room))
        by_ssh = stack.enter_context(came[0].terminal())
        by_ssh.find("root@")
        by_page = stack.enter_context(_page(room, came[0]))
        took: dict[str, list[float]] = {"plain": [], "ssh": [], "page": []}
        for number in range(KEYS):
            took["plain"].append(_echo_of(plain))
            took["ssh"].append(_echo_of(by_ssh))
            took["page"].append(by_page())
            if number % 40 == 39:
                _clear(plain, by_ssh)
    found = {name: quantiles(each, n=20)[-1] * 1000 for name, each in took.items()}
    floor = "plain ssh to a machine's shell"
    for name, path in (("ssh", "ssh through the gate"), ("page", "the page")):
        text = f"p95 echo of a key by {path}, {BUSY} busy"
        yield Row(text, found[name], found["plain"], floor, 2, "ms")


@contextlib.contextmanager
def _open(folder: Path, students: int) -> Iterator[Room]:
    checkout = folder / "checkout"
    copy_checkout(checkout)
    room = Room(checkout, NAME, SUBNET)
    room.make("down", *room.own)
    room.up(f"STUDENTS={students}")
    try:
        room.open(free_port())
        yield room
    finally:
        room.make("down", *room.own)


@contextlib.contextmanager
def _plain(room: Room) -> Iterator[Terminal]:
    """A terminal on the first student's machine by the teacher's key, without gate and tmux."""
    terminal = Terminal(room.root_process(11, "-tt", "bash"))
    try:
        terminal.find("root@")
        yield terminal
    finally:
        terminal.cut()


def _echo_of(terminal: Terminal) -> float:
    """Press a key once nothing comes any more; return how long it takes until something does."""
    seen = _quiet(_seen_by(terminal))
    begun = time.perf_counter()
    terminal.press("x")
    while len(terminal.seen) == seen:
        assert time.perf_counter() - begun < SECONDS
        time.sleep(0.0002)
    return time.perf_counter() - begun


def _seen_by(terminal: Terminal) -> Callable[[], int]:
    """Return what counts the bytes that a terminal has shown."""
    return lambda: len(terminal.seen)


def _quiet(count: Callable[[], int]) -> int:
    """Return a count once it has not changed for a moment."""
    last, since = count(), time.monotonic()
    while time.monotonic() - since < 0.03:
        time.sleep(0.005)
        if count() != last:
            last, since = count(), time.monotonic()
    return last


def _clear(*terminals: Terminal) -> None:
    for each in terminals:
        each.press("\x15")
        _quiet(_seen_by(each))


@contextlib.contextmanager
def _page(room: Room, student: Student) -> Iterator[Callable[[], float]]:
    """Yield what presses a key in a page's terminal, and returns how long the echo takes."""
    visitor = Visitor(f"127.0.0.1:{room.page_port}").log_in(student)
    socket = websocket.create_connection(
        f"wss://{visitor.host}/terminal",
        sslopt={"cert_reqs": ssl.CERT_NONE, "check_hostname": False},
        origin=visitor.origin,
        cookie=visitor.cookie,
        timeout=SECONDS,
    )
    number = 0
    socket.send(json.dumps({"page": secrets.token_hex(16), "columns": 80, "rows": 24}))

    def heard() -> Any:
        told = socket.recv()
        if isinstance(told, bytes):
            socket.send(f"a{len(told)}")
        return told

    def press() -> float:
        nonlocal number
        while select.select([socket.fileno()], [], [], 0.03)[0]:
            heard()
        number += 1
        begun = time.perf_counter()
        socket.send(f"i{number} x")
        while not isinstance(heard(), bytes):
            assert time.perf_counter() - begun < SECONDS
        return time.perf_counter() - begun

    while not re.search(rb"root@", b"" if isinstance(told := heard(), str) else told):
        continue
    try:
        yield press
    finally:
        socket.close()
