"""A minute without the network: all have the same shell again, nothing typed is lost or doubled."""

from __future__ import annotations

import contextlib
import time

import pytest

from tests.support.class_page import browser
from tests.support.waiting import until

SECONDS_OF_CUT = 60
TABS, TERMINALS = 3, 4
"""Of each student; a student has eight connections at most."""


@contextlib.contextmanager
def without_network(room):
    """Pull the gate's cable to students' computers."""
    gate = room.containers()[f"{room.name}-gate"]
    address = gate.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
    name = f"$(ip -o addr | grep -w {address} | cut -d' ' -f2)"
    own = gate.exec_run(["sh", "-c", f"cat /sys/class/net/{name}/iflink"]).output.decode().strip()

    def cable(state):
        script = (
            f"ip link set dev $(ip -o link | grep ^{own}: | cut -d' ' -f2 | cut -d@ -f1) {state}"
        )
        room.engine.containers.run(
            gate.image,
            ["-c", script],
            entrypoint="sh",
            network_mode="host",
            cap_add=["NET_ADMIN"],
            remove=True,
        )

    cable("down")
    try:
        yield
    finally:
        cable("up")


class Seat:
    """All that a student looks at one's machine by."""

    def __init__(self, student, machine, stack, address):
        self.machine = machine
        self.terminals = [stack.enter_context(student.terminal()) for _each in range(TERMINALS)]
        self.page = stack.enter_context(browser(address))
        self.page.log_in(student.account, student.words)
        for number in range(TABS):
            if number:
                self.page.driver.switch_to.new_window("tab")
                self.page.driver.get(f"{address}en/")
            self.page.connected()
        self.windows = self.page.driver.window_handles

    def tabs(self):
        for window in self.windows:
            self.page.driver.switch_to.window(window)
            yield self.page

    def said(self):
        return [page.find("connection").text for page in self.tabs()]


@pytest.fixture
def seats(room, students):
    address = f"https://127.0.0.1:{room.page_port}/"
    with contextlib.ExitStack() as stack:
        yield [Seat(student, number, stack, address) for number, student in enumerate(students, 11)]


def line(room, seat):
    """Return what stands in the shell's line."""
    screen = room.root(seat.machine, "tmux -u capture-pane -pJ -t =class:")
    return screen.rstrip().rpartition(": begun")[2]


def test_after_a_minute_without_network_nothing_is_lost_or_doubled(room, seats):
    shells = [seat.terminals[0].ask("echo $$") for seat in seats]
    for seat in seats:
        seat.terminals[0].press("\x15: begun")
        until(lambda seat=seat: ": begun" in room.root(
            seat.machine, "tmux -u capture-pane -p -t =class:"))  # fmt: skip
    typed, unsure = {}, set()
    with without_network(room):
        ends = time.monotonic() + SECONDS_OF_CUT
        for seat in seats:
            # Before any page has noticed.
            own = typed[seat.machine] = []
            for number, page in enumerate(seat.tabs()):
                word = f"page{seat.machine}.{number}."
                page.type(f" {word}")
                # Where others work on this computer too, it may have noticed, and takes no key.
                if "cut" in page.find("connection").text:
                    unsure.add(word)
                else:
                    own.append(word)
            for number, terminal in enumerate(seat.terminals):
                terminal.press(f" ssh{number}.")
                own.append(f"ssh{number}.")
        for seat in seats:
            until(lambda seat=seat: all("cut" in said for said in seat.said()), seconds=55)
            for page in seat.tabs():
                page.type("refused")
        until(lambda: time.monotonic() >= ends, seconds=SECONDS_OF_CUT + 1)
    for seat in seats:
        until(lambda seat=seat: all("again" in said for said in seat.said()), seconds=60)
        found = until(
            lambda seat=seat: line(room, seat),
            lambda found, seat=seat: all(each in found for each in typed[seat.machine]),
            seconds=90,
        )
        words = found.split()
        assert sorted(set(words)) == sorted(words)
        assert set(words) - unsure == set(typed[seat.machine]) - unsure
    survived = [each.process.poll() is None for seat in seats for each in seat.terminals]
    assert all(survived), survived
    for seat, shell in zip(seats, shells, strict=True):
        for terminal in seat.terminals:
            assert terminal.ask("echo $$") == shell
        for page in seat.tabs():
            assert page.ask("echo $$") == shell
    print(
        f"COUNTED {TABS * len(seats)} tabs and {TERMINALS * len(seats)} ssh sessions: after "
        f"{SECONDS_OF_CUT} s without network all have the same shell, nothing is lost or doubled"
    )
