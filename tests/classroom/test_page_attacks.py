"""What is tried at the class's page, over the network: other sites, cookies, paths, guesses."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.labs.mail.plugins.module_utils._classroom.events import FILE
from tests.support.class_visitor import Visitor
from tests.support.classroom import GATE
from tests.support.foreign_paths import FOREIGN_PATHS
from tests.support.waiting import until

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def mine(room, students):
    """The first student's browser."""
    return Visitor(f"127.0.0.1:{room.page_port}").log_in(students[0])


@pytest.fixture(scope="module")
def theirs(room, students):
    """The second one's."""
    return Visitor(f"127.0.0.1:{room.page_port}").log_in(students[1])


def events(room):
    return [json.loads(line) for line in room.root(GATE, f"cat {FILE}").splitlines()]


UP = b'{"up": true}'
NOT_OURS = {
    "a foreign origin": ({"Origin": "https://evil.example"}, 403),
    "no origin": ({"Origin": None}, 403),
    "a null origin": ({"Origin": "null"}, 403),
    "the origin without TLS": ({"Origin": "http://{host}"}, 403),
    "an origin that begins alike": ({"Origin": "https://{host}.evil.example"}, 403),
    "a name server that lies": ({"Host": "evil.example", "Origin": "https://evil.example"}, 421),
    "no host": ({"Host": None}, 400),
    "a host that goes on": ({"Host": "{host}@evil.example"}, 421),
    "what another site asks": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "a form of text": ({"Content-Type": "text/plain"}, 415),
    "no word against forgery": ({"X-CSRF-Token": None}, 403),
    "a wrong word against forgery": ({"X-CSRF-Token": "0" * 64}, 403),
    "no cookie": ({"Cookie": None}, 401),
    "a cookie that was made up": ({"Cookie": "__Host-class=" + "A" * 43}, 401),
    "a cookie that is a path": ({"Cookie": "__Host-class=../../etc/passwd"}, 401),
    "a large request": ({"body": b"{" + b" " * 5000}, 413),
    "no hand": ({"body": b'{"up": "yes"}'}, 400),
    "deep JSON": ({"body": b"[" * 4000}, 400),
}


@pytest.mark.parametrize(("changed", "status"), NOT_OURS.values(), ids=NOT_OURS)
def test_what_no_page_of_ours_asks_is_refused(room, mine, changed, status):
    before = events(room)
    filled = {
        name: value.format(host=mine.host) if name in ("Host", "Origin") and value else value
        for name, value in changed.items()
    }
    assert mine.ask("POST", "/api/hand", **{"body": UP, **filled})[0] == status
    assert events(room) == before


def test_what_the_page_itself_asks_is_done(room, mine):
    for up in (b'{"up": true}', b'{"up": false}'):
        assert mine.ask("POST", "/api/hand", up)[0] == 200
    assert [each["up"] for each in events(room) if each["kind"] == "hand"][-2:] == [True, False]


def test_another_students_cookie_wants_the_own_word(mine, theirs):
    assert mine.ask("POST", "/api/hand", UP, Cookie=theirs.cookie)[0] == 403
    assert mine.ask("POST", "/api/hand", UP, X_CSRF_Token=theirs.csrf)[0] == 403
    assert "student2" in theirs.ask("GET", "/en/")[1]


def test_a_cookie_that_was_logged_out_is_of_no_use(room, student):
    leaving = Visitor(f"127.0.0.1:{room.page_port}").log_in(student)
    assert leaving.ask("GET", "/api/assignment")[0] == 200
    assert leaving.ask("POST", "/api/logout", b"{}")[0] == 200
    assert leaving.ask("GET", "/api/assignment")[0] == 401
    assert leaving.ask("POST", "/api/hand", UP)[0] == 401


@pytest.mark.parametrize("path", FOREIGN_PATHS)
def test_paths_lead_nowhere_else(mine, path):
    status, text = mine.ask("GET", path)
    assert status in (404, 405)
    assert "student2" not in text
    assert "root:" not in text


SOCKETS = {
    "a foreign origin": {"Origin": "https://evil.example"},
    "no origin": {"Origin": None},
    "no cookie": {"Cookie": None},
    "a cookie that was made up": {"Cookie": "__Host-class=" + "B" * 43},
    "a name server that lies": {"Host": "evil.example", "Origin": "https://evil.example"},
}


@pytest.mark.parametrize("changed", SOCKETS.values(), ids=SOCKETS)
@pytest.mark.parametrize("path", ["/terminal", "/desktop"])
def test_nobody_elses_page_opens_a_terminal(mine, path, changed):
    assert mine.ask("GET", path, **UPGRADE, **changed)[0] in (403, 404)


def test_the_own_page_opens_a_terminal(mine):
    assert mine.ask("GET", "/terminal", **UPGRADE)[0] == 101


def test_a_claim_that_is_forged_is_a_claim(room, theirs):
    """Root of a machine says what it likes there; the teacher's own check alone verifies."""
    texts = dict.fromkeys(("title", "tried", "expected", "seen"), {"fr": "x", "en": "x"})
    result = {"name": "forged", "outcome": "passed", "trust": "verified", **texts}
    lines = [json.dumps(each) for each in ({"exercise": "processes"}, {"check": result})]
    script = "\n".join(["#!/bin/sh", *(f"echo '{line}'" for line in lines)])
    command = "/usr/local/bin/lab"
    room.root(12, f"cp -p {command} /root/kept; cat > {command} <<'END'\n{script}\nEND\n")
    try:
        status, told = theirs.ask("POST", "/api/check", b"{}")
        assert status == 200
    finally:
        room.root(12, f"mv /root/kept {command}")
    assert [json.loads(line) for line in told.splitlines()][-1] == {"done": True}
    told = [each for each in events(room) if each["student"] == "student2"][-1]
    assert (told["kind"], told["outcomes"]) == ("check", {"forged": "passed"})
    assert "verified" not in json.dumps(told)


def test_who_guesses_words_waits_and_the_student_comes_in_from_elsewhere(room, other):
    visitor = Visitor(f"127.0.0.1:{room.page_port}")
    wrong = json.dumps({"student": other.account, "words": "babab-cacac-dadad"}).encode()
    # At once, since the gate takes its time for each.
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(visitor.ask, "POST", "/api/login", wrong) for _each in range(20)]
        found = {each.result()[0] for each in asked}
    assert found == {403, 429}
    # What was guessed is forgotten after moments.
    begun = time.monotonic()
    until(lambda: _comes_in(visitor, other))
    print(f"COUNTED {time.monotonic() - begun:.0f} s until who was guessed at comes in from there")


def _comes_in(visitor, student):
    held = json.dumps({"student": student.account, "words": student.words}).encode()
    return visitor.ask("POST", "/api/login", held)[0] == 200
