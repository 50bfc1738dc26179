"""The page's terminal: what is typed arrives once and in order, and strangers get none."""

from __future__ import annotations

import json

import pytest

from tests.support.asgi import HOST, ORIGIN, talk
from tests.support.waiting import until

PAGE = "0123456789abcdef" * 2
HELLO = json.dumps({"page": PAGE, "columns": 80, "rows": 24})


@pytest.fixture
def terminal(site):
    """Return a function that opens a terminal and talks in it."""
    cookie, _csrf = site.log_in()

    def terminal(conversation, **headers):
        given = {"Host": HOST, "Origin": ORIGIN, "Cookie": cookie, **headers}
        given = {name: value for name, value in given.items() if value is not None}
        talk(site.app, "/terminal", given, conversation)

    return terminal


async def hello(socket, text=HELLO):
    socket.say(text)
    return await socket.hear()


async def heard_all(socket, wanted):
    """Hear until these bytes were printed."""
    printed = b""
    while wanted not in printed:
        some = await socket.hear()
        printed += some if isinstance(some, bytes) else b""
    return printed


def test_what_is_typed_comes_back(terminal, site):
    async def conversation(socket):
        assert await hello(socket) == {"last": None}
        socket.say("i1 echo é\r")
        assert await heard_all(socket, b"\r") == "echo é\r".encode()
        socket.say("p")
        assert await socket.hear() in ({"alive": True}, {"arrived": 1})

    terminal(conversation)
    assert site.told()[-1] == ("student1", "active")


def test_what_was_sent_again_after_a_cut_counts_once(terminal, site):
    async def before(socket):
        await hello(socket)
        for message in ("i1 a", "i2 b", "i2 b", "i4 d", "i1 a"):
            socket.say(message)
        await heard_all(socket, b"b")

    async def after(socket):
        assert await hello(socket) == {"last": 2}
        for message in ("i2 b", "i3 c"):
            socket.say(message)
        await heard_all(socket, b"c")

    terminal(before)
    terminal(after)
    assert [process.typed for process in site.gate.processes] == [b"ab", b"c"]


def test_a_server_that_began_again_says_that_it_does_not_know(terminal, site):
    async def conversation(socket):
        assert await hello(socket) == {"last": None}
        socket.say("i1 a")
        await heard_all(socket, b"a")

    terminal(conversation)
    site.restart()
    terminal(conversation)


def test_the_size_is_the_pages_within_bounds(terminal, site):
    async def conversation(socket):
        await hello(socket)
        for message in ("r100 30", "r9999 1", "i1 x"):
            socket.say(message)
        await heard_all(socket, b"x")

    terminal(conversation)
    assert site.gate.processes[0].sizes == [(100, 30), (500, 2)]


def test_a_machine_prints_no_faster_than_the_page_shows(terminal, site, part):
    most = part("terminal").MOST_UNSEEN

    async def conversation(socket):
        await hello(socket)
        site.gate.processes[0].stdout.feed_data(b"x" * 4 * most)
        heard = 0
        while heard < most:
            heard += len(await socket.hear())
        socket.say("p")
        assert await socket.hear() == {"alive": True}
        socket.say(f"a{heard}")
        assert isinstance(await socket.hear(), bytes)

    terminal(conversation)


def test_a_shell_that_ends_ends_the_terminal(terminal, site):
    async def conversation(socket):
        await hello(socket)
        site.gate.processes[0].stdout.feed_eof()
        assert await socket.hear() == 4000

    terminal(conversation)


def test_strangers_get_no_terminal(terminal, site, stranger):
    async def conversation(socket):
        assert await socket.hear() == 1008

    before = list(site.gate.asked)
    terminal(conversation, **stranger)
    assert site.gate.asked == before


NO_HELLO = {
    "a word": "hello",
    "a list": "[]",
    "deep": "[" * 5000,
    "another's page": json.dumps({"page": "../x", "columns": 80, "rows": 24}),
    "no size": json.dumps({"page": PAGE}),
    "a size in words": json.dumps({"page": PAGE, "columns": "80", "rows": 24}),
    "a yes for a size": json.dumps({"page": PAGE, "columns": True, "rows": 24}),
    "too long": " " * 70_000,
}
NO_MESSAGE = ["", "x", "i1", "ix y", "i-1 y", "r80", "rx y", "a", "a-5", "p ", "i1 " + "x" * 70_000]


@pytest.mark.parametrize("said", NO_HELLO.values(), ids=NO_HELLO)
def test_who_does_not_begin_as_the_page_does_is_shown_out(terminal, site, said):
    async def conversation(socket):
        assert await hello(socket, said) == 4004

    terminal(conversation)
    assert site.gate.processes == []


@pytest.mark.parametrize("said", NO_MESSAGE, ids=lambda said: said[:9])
def test_who_does_not_talk_as_the_page_does_is_shown_out(terminal, site, said):
    async def conversation(socket):
        await hello(socket)
        socket.say(said)
        assert await socket.hear() == 4004

    terminal(conversation)
    assert site.gate.processes[0].typed == b""


def test_a_student_opens_no_more_than_a_few(terminal, site, part, monkeypatch):
    monkeypatch.setattr(part("terminal").Terminals, "MOST", 0)

    async def conversation(socket):
        assert await socket.hear() == 4003

    terminal(conversation)
    monkeypatch.setattr(part("terminal").Terminals, "MOST", 1)
    terminal(hello)


def test_words_that_are_changed_open_no_terminal(terminal, site):
    site.gate.words["student1"] = "x"

    async def conversation(socket):
        assert await socket.hear() == 4001

    terminal(conversation)
    until(lambda: site.gate.processes == [])
