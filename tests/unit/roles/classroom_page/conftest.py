"""The class's page with a gate that is none: what sshd would say stands in a table."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.asgi import HOST, ORIGIN, ask
from tests.support.board_toolchain import install_board

ROOT = Path(__file__).parents[4]
FILES = ROOT / "roles" / "classroom_page" / "files"
WORDS = {"student1": "babab-cacac-dadad", "student2": "fafaf-gagag-hahah"}
BOTH = {"fr": "un", "en": "a"}
TEXTS = dict.fromkeys(("title", "tried", "expected", "seen"), BOTH)
CHECK = {"name": "runs", "outcome": "passed", **TEXTS}
ANSWERS = {
    "text": {"exercise": "access", "title": BOTH, "assignment": BOTH},
    "check": [{"exercise": "access"}, {"check": CHECK}],
    "hint en": {"exercise": "access", "text": "Look there."},
    "picture en": {"exercise": "access", "svg": "<svg/>"},
}


@pytest.fixture(scope="session")
def part():
    """Return a function that imports a file of the page; what it needs is installed first."""
    install_board()
    sys.path.insert(0, str(FILES))
    return lambda name: import_module(f"classroom_page.{name}")


def lines_of(held):
    """Return what a machine answers: a line of JSON, or one for each of a list."""
    lines = held if isinstance(held, list) else [held]
    return b"\n".join(json.dumps(each).encode() for each in lines)


class Process:
    """A terminal that shows what is typed."""

    def __init__(self):
        self.stdout = asyncio.StreamReader()
        self.typed, self.sizes, self.exit_status = b"", [], 0
        self.stdin = SimpleNamespace(write=self._write, drain=self._nothing)

    def _write(self, data):
        self.typed += data
        self.stdout.feed_data(data)

    def change_terminal_size(self, *size):
        self.sizes.append(size)

    async def wait_closed(self):
        pass

    async def _nothing(self):
        pass


class FakeGate:
    """What sshd and machines answer."""

    def __init__(self, part):
        self.gate = part("gate")
        self.words = dict(WORDS)
        self.answers = {words: lines_of(held) for words, held in ANSWERS.items()}
        self.asked, self.processes = [], []

    @contextlib.asynccontextmanager
    async def connection(self, student, words):
        self.asked.append(student)
        if self.words.get(student) != words:
            raise self.gate.RefusedError
        yield student

    async def knows(self, student, words):
        self.asked.append(student)
        return self.words.get(student) == words

    async def answer(self, student, words, asked, seconds):
        async with self.connection(student, words):
            if asked not in self.answers:
                raise self.gate.UnreachableError
            for line in self.answers[asked].split(b"\n"):
                yield line

    async def channel(self, opened, words):
        assert words == "desktop"
        self.processes.append(Process())
        return self.processes[-1]

    async def terminal(self, opened, columns, rows):
        self.processes.append(Process())
        return self.processes[-1]


class Site:
    """The page, and browsers that come to it."""

    def __init__(self, part, directory):
        (directory / "sessions").mkdir()
        self.events = directory / "events.jsonl"
        self.settings = part("settings").Settings(
            students=("student1", "student2"),
            hosts=(HOST,),
            never_from=("172.30.1.11", "172.30.2.0/24"),
            certificate="",
            private_key="",
            sessions=str(directory / "sessions"),
            events=str(self.events),
            host_key="",
            desktop=True,
        )
        self.gate, self._part = FakeGate(part), part
        self.restart()

    def restart(self):
        """Begin again, as after kill -9."""
        self.app = self._part("app").application(self.settings, self.gate)

    def get(self, path, cookie="", **more):
        headers = {
            "Host": HOST,
            **({"Cookie": cookie} if cookie else {}),
            **more.pop("headers", {}),
        }
        return ask(self.app, "GET", path, headers, **more)

    def post(self, path, held, cookie="", csrf="", **more):
        headers = {"Host": HOST, "Origin": ORIGIN, "Content-Type": "application/json"}
        if cookie:
            headers["Cookie"] = cookie
        if csrf:
            headers["X-CSRF-Token"] = csrf
        headers.update(more.pop("headers", {}))
        headers = {name: value for name, value in headers.items() if value is not None}
        body = held if isinstance(held, bytes) else json.dumps(held).encode()
        return ask(self.app, "POST", path, headers, body, **more)

    def log_in(self, student="student1"):
        """Return the cookie and the token of a student who has logged in."""
        answer = self.post("/api/login", {"student": student, "words": WORDS[student]})
        assert answer.status == 200, answer
        cookie = answer.header("set-cookie").partition(";")[0]
        html = self.get("/en/", cookie).body.decode()
        return cookie, html.partition('data-csrf="')[2].partition('"')[0]

    def told(self):
        """Return the events."""
        lines = self.events.read_text().splitlines() if self.events.exists() else []
        return [(event["student"], event["kind"]) for event in map(json.loads, lines)]


@pytest.fixture
def site(part, tmp_path):
    return Site(part, tmp_path)


STRANGERS = {
    "a foreign origin": {"Origin": "https://evil.example"},
    "no origin": {"Origin": None},
    "another's name": {"Host": "evil.example", "Origin": "https://evil.example"},
    "no cookie": {"Cookie": None},
    "a cookie that was made up": {"Cookie": "__Host-class=x"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
}


@pytest.fixture(params=STRANGERS.values(), ids=STRANGERS)
def stranger(request):
    """What differs in the headers of somebody whom the page lets into no channel."""
    return request.param
