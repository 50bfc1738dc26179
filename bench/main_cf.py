"""Sixty parameters and sixty services in one call of a module, and of postconf."""

from __future__ import annotations

import os
from collections.abc import Iterator

from rich.console import Console

from bench.inside import Inside, in_turn
from bench.machines import machines
from bench.row import Row

RELEASE = os.environ.get("DEBIAN", "12")
ROUNDS = 7
COUNT = 60
FOLDER = "/opt/postfix"
FRESH = f"rm -rf {FOLDER}; cp -a /etc/postfix {FOLDER}; touch -d '1 hour ago' {FOLDER}/*.cf"
"""Postfix's programs wait until a main.cf is 2 s old."""


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    with machines(["main"], RELEASE, console):
        inside = Inside("main", RELEASE)
        yield from parameters(inside)
        yield from services(inside)


def parameters(inside: Inside) -> Iterator[Row]:
    """Measure main.cf."""
    wanted = {f"own_parameter_{number}": f"value {number}" for number in range(COUNT)}
    by_hand = ["postconf", "-c", FOLDER, "-e", *(f"{name}={wanted[name]}" for name in wanted)]
    arguments = {"config_directory": FOLDER, "parameters": wanted, "on_unknown": "ignore"}
    yield from compared(inside, "parameters", "postfix_main", arguments, by_hand, "postconf -e")


def services(inside: Inside) -> Iterator[Row]:
    """Measure master.cf."""
    hosts = [f"127.0.0.1:{port}" for port in range(20_000, 20_000 + COUNT)]
    service = {"command": "smtpd", "chroot": False, "options": {"syslog_name": "own"}}
    wanted = {f"{host}/inet": service for host in hosts}
    line = "inet n - n - - smtpd -o syslog_name=own"
    entries = (f"{host}/inet={host} {line}" for host in hosts)
    by_hand = ["postconf", "-c", FOLDER, "-M", *entries]
    arguments = {"config_directory": FOLDER, "services": wanted}
    yield from compared(inside, "services", "postfix_master", arguments, by_hand, "postconf -M")


def compared(
    inside: Inside, what: str, name: str, arguments: dict, by_hand: list[str], floor_is: str
) -> Iterator[Row]:
    """Measure a module against a command that does the same, then where nothing is left to do."""
    module = inside.module(name, arguments)
    ours, floor = in_turn(ROUNDS, lambda: module(FRESH, True), lambda: inside.cost(by_hand, FRESH))
    yield Row(f"{COUNT} {what}", ours.seconds, floor.seconds, floor_is)
    yield Row(f"{COUNT} {what}: memory", ours.megabytes, floor.megabytes, floor_is, unit="MB")
    module(FRESH, True)
    [same] = in_turn(ROUNDS, lambda: module("true", False))
    yield Row(f"{COUNT} {what}, unchanged", same.seconds, floor.seconds, floor_is)
