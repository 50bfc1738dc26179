"""A board in a process of its own, as ./lab board starts it, and a browser of few words."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from contextlib import closing
from urllib.parse import urlencode

import pytest

from launcher.board import event_file, view
from launcher.board.events import Event, Result, line_of
from launcher.settings import ROOT
from tests.support.board_toolchain import install_board

EXERCISE = "blacklist"
BEGAN = time.time() - 3600
"""When the lab was made; class_of is later."""

HOSTILE = "<script>alert(1)</script>\"'&"
SAID = {"fr": f"constaté : {HOSTILE}", "en": f"seen: {HOSTILE}"}


def class_of(students):
    """A class at an exercise: one has a hand up, one was checked, one claims to be done."""
    now = time.time() - 600
    checks = view.course()[EXERCISE]
    for number in range(1, students + 1):
        machine = f"student{number}"
        yield Event(now, machine, "at", f"at{number}", exercise=EXERCISE, stage="start")
        yield Event(now + 1, machine, "login", f"in{number}")
        outcomes = {name: ("passed" if place < number else "failed")
                    for place, name in enumerate(checks)}  # fmt: skip
        yield Event(now + 2, machine, "check", f"c{number}", exercise=EXERCISE, outcomes=outcomes)
    results = {checks[0]: Result("passed", "seen"), checks[1]: Result("failed", "verified", SAID)}
    yield Event(now + 3, "student2", "verified", "v2", exercise=EXERCISE, results=results)
    yield Event(now + 4, "student2", "hint", "h2", exercise=EXERCISE, text=HOSTILE)
    yield Event(now + 5, "student3", "hand", "h3", up=True)


class Site:
    """A board that is served, and a browser that has come in."""

    def __init__(self, directory, port):
        self.directory, self.port = directory, port
        self.events, self.queue = directory / "events.jsonl", directory / "queue.jsonl"
        self.home = f"http://127.0.0.1:{port}"
        self.start()
        self.cookie = self.enter(self.token())[1]["set-cookie"].partition(";")[0]

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "launcher.board.serve", str(self.directory), str(self.port)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        names = [f"student{number}" for number in range(1, 31)]
        given = {"machines": names, "people": {"student1": f"Ada {HOSTILE}"}, "began": BEGAN}
        self.process.stdin.write(json.dumps(given) + "\n")
        self.process.stdin.flush()

    def token(self):
        """The next token that is printed; the server answers by then, or within moments."""
        address = self.process.stdout.readline().split()[-1]
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with closing(socket.socket()) as trying:
                if trying.connect_ex(("127.0.0.1", self.port)) == 0:
                    return address.partition("token=")[2]
            time.sleep(0.02)
        raise AssertionError("the board is not served")

    def enter(self, token):
        return self.ask(f"/enter?token={token}", cookie="")

    def ask(self, path, method="GET", body=None, cookie=None, **headers):
        """Return the code, the headers and the text of an answer."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as asking:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            given = {"Cookie": self.cookie if cookie is None else cookie, **names}
            asking.request(method, path, body, {k: v for k, v in given.items() if v})
            answer = asking.getresponse()
            known = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, known, answer.read().decode()

    def word(self):
        """What a form of this browser's has."""
        return self.ask("/")[2].partition('name="word" value="')[2].partition('"')[0]

    def order(self, fields, **more):
        """Send the form of an order, as the page would; return the code."""
        kind = "application/x-www-form-urlencoded"
        headers = {"Origin": self.home, "Content_Type": kind, **more}
        body = fields if isinstance(fields, (str, bytes)) else urlencode(fields)
        return self.ask("/order", "POST", body, **headers)[0]

    def queued(self):
        lines = self.queue.read_text().splitlines() if self.queue.exists() else []
        return [json.loads(line) for line in lines]

    def happens(self, event):
        event_file.append(self.events, [line_of(event)])

    def stop(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    install_board()
    directory = tmp_path_factory.mktemp("board")
    event_file.append(directory / "events.jsonl", map(line_of, class_of(30)))
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Site(directory, port)
    yield found
    found.stop()
