"""The board of a class that is open: rounds of verified checks, and the picture of a message."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from tests.launcher.board.conftest import Site
from tests.support.board_toolchain import install_board
from tests.support.class_page import browser
from tests.support.classroom import free_port
from tests.support.waiting import until

STUDENTS = {"student1", "student2"}
ROUND_SECONDS = 300
"""A minute until the next one is due, and how long it takes where others work here too."""
SENT = "printf 'Subject: seen\\n\\nseen\\n' | sendmail root"
DELIVERED = "(cat /var/log/mail.log; journalctl -q -o cat) | grep status=sent"
PICTURE = "const found = document.querySelector('img'); return found ? found.naturalWidth : 0"


def listens(port):
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


class Opened(Site):
    """The teacher's ./lab board, which checks all machines each minute."""

    def __init__(self, room, stack):
        self.room, self.stack, self.began = room, stack, time.time()
        super().__init__(room.folder / "reports" / "board", free_port())

    def start(self):
        self.process = subprocess.Popen(
            ["./lab", "board", "--port", str(self.port), "--every", "1"],
            cwd=self.room.folder,
            env={**os.environ, "LAB_LANGUAGE": "en"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is heard, also where tests run in the background of a shell.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.stack.callback(self.stop)

    def token(self):
        """The address is printed once all is there: its part of the toolchain, and the server."""
        line = ""
        while "token=" not in line:
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.process.wait(30)}"
        until(lambda: listens(self.port), seconds=120)
        return line.split()[-1].partition("token=")[2]

    def told(self, kind):
        """Return the events of a kind since it was opened, in their order."""
        lines = self.events.read_text().splitlines() if self.events.exists() else []
        found = [json.loads(line) for line in lines]
        # The time of what a check saw is a whole second.
        return [each for each in found if each["kind"] == kind and each["time"] >= self.began - 1]

    def rounds(self):
        """Return how many rounds have ended well; fails where one has not."""
        ended = [each["stage"] for each in self.told("order") if each["action"] == "recheck"]
        assert "failed" not in ended, self.told("order")
        return ended.count("done")

    def next_round(self):
        """Wait until a round has ended that began after now; return what each machine's is."""
        begun = len(
            [
                each
                for each in self.told("order")
                if each["action"] == "recheck" and each["stage"] == "running"
            ]
        )
        until(lambda: self.rounds() > begun, seconds=2 * ROUND_SECONDS)
        # Files of a round are read after its end.
        until(lambda: self.verified(begun))
        return self.verified(begun)

    def verified(self, rounds):
        """Return the results of each machine once each was seen in a round after so many."""
        found = self.told("verified")
        last = {each["machine"]: each for each in found}
        times = {name: sum(each["machine"] == name for each in found) for name in STUDENTS}
        return last if min(times.values()) > rounds else {}


@pytest.fixture(scope="module")
def board(room):
    install_board()
    with contextlib.ExitStack() as stack:
        found = Opened(room, stack)
        yield found
        found.process.send_signal(signal.SIGINT)
        assert found.process.wait(30) == 0


def test_rounds_see_what_is_mended_and_what_is_broken(room, board):
    before = board.next_round()
    assert set(before) == STUDENTS
    good = {name for name, seen in before["student1"]["results"].items() if passed(seen)}
    room.root(11, "systemctl stop postfix")
    try:
        broken = board.next_round()
    finally:
        room.root(11, "systemctl start postfix")
    assert not all(passed(broken["student1"]["results"][name]) for name in good)
    assert outcomes(broken["student2"]) == outcomes(before["student2"])
    assert outcomes(board.next_round()["student1"]) == outcomes(before["student1"])


def passed(seen):
    return seen["outcome"] == "passed"


def outcomes(event):
    return {name: seen["outcome"] for name, seen in event["results"].items()}


def test_the_picture_of_the_last_message_is_on_the_seats_page(room, board):
    path = board.directory / "pictures" / "student1.svg"
    path.unlink(missing_ok=True)
    room.root(11, SENT)
    until(lambda: "status=sent" in room.root(11, DELIVERED))
    assert board.order({"word": board.word(), "order": "picture student1"}) == 303
    # A round goes first that is under way.
    until(path.exists, seconds=ROUND_SECONDS)
    name, _equals, value = board.cookie.partition("=")
    with browser(board.home) as page:
        page.driver.get(f"{board.home}/board.css")
        page.driver.add_cookie({"name": name, "value": value})
        page.driver.get(f"{board.home}/seat/student1")
        assert until(lambda: page.driver.execute_script(PICTURE)) > 100
    assert board.ask("/picture/student9")[0] == 404


def test_the_command_draws_the_same_picture(room, board):
    code, said = room.command("picture", "student1")
    assert (code, "student1.svg" in said) == (0, True), said
    drawn = (board.directory / "pictures" / "student1.svg").read_text()
    assert drawn.startswith("<svg")
    assert "local" in drawn
    code, said = room.command("picture", "student9")
    assert code, said
    assert not (board.directory / "pictures" / "student9.svg").exists()
