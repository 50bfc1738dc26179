"""The class's page: what a student may do, and what is tried to do more."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.support.asgi import HOST, ORIGIN
from tests.support.foreign_paths import FOREIGN_PATHS
from tests.unit.roles.classroom_page.conftest import ANSWERS, CHECK, WORDS, lines_of


def test_the_first_page_is_in_the_browsers_language(site):
    for accepted, language in (("en-GB,fr", "en"), ("de, fr;q=0.5", "fr"), ("", "fr")):
        answer = site.get("/", headers={"Accept-Language": accepted})
        assert (answer.status, answer.header("location")) == (303, f"/{language}/")
    assert site.get("/de/").status == 404


def test_who_has_the_words_comes_in_and_leaves(site):
    assert "Go to your machine" in site.get("/en/").body.decode()
    cookie, csrf = site.log_in()
    assert "student1" in site.get("/fr/", cookie).body.decode()
    assert site.post("/api/logout", {}, cookie, csrf).status == 200
    assert site.told() == [("student1", "login"), ("student1", "logout")]
    assert site.get("/api/assignment", cookie).status == 401


def test_what_is_typed_from_a_card_may_have_capitals_and_blanks(site):
    held = {"student": " Student1", "words": WORDS["student1"].upper() + " "}
    assert site.post("/api/login", held).status == 200


def test_a_student_is_told_the_assignment_results_a_hint_and_the_picture(site):
    cookie, csrf = site.log_in()
    assert site.get("/api/assignment", cookie).held == ANSWERS["text"]
    assert site.post("/api/check", {}, cookie, csrf).lines == [
        {"exercise": "access"},
        {"check": CHECK},
        {"done": True},
    ]
    assert site.post("/api/hint", {"language": "en"}, cookie, csrf).held == ANSWERS["hint en"]
    picture = site.get("/api/picture/en", cookie)
    assert (picture.header("content-type"), picture.body) == ("image/svg+xml", b"<svg/>")
    assert "sandbox" in picture.header("content-security-policy")
    assert set(site.gate.asked) == {"student1"}
    assert [kind for _student, kind in site.told()] == ["login", "check", "hint"]


def test_a_hand_goes_up_and_down_and_stays_over_a_restart(site):
    cookie, csrf = site.log_in()
    for _twice in range(2):
        assert site.post("/api/hand", {"up": True}, cookie, csrf).held == {"up": True}
    site.restart()
    assert 'aria-pressed="true"' in site.get("/en/", cookie).body.decode()
    assert site.post("/api/hand", {"up": False}, cookie, csrf).status == 200
    assert [kind for _student, kind in site.told()] == ["login", "hand", "hand"]


def test_a_session_outlives_the_server_and_is_sealed(site):
    cookie, _csrf = site.log_in()
    kept = [path.read_bytes() for path in site.events.with_name("sessions").iterdir()]
    assert len(kept) == 1
    token = cookie.partition("=")[2].encode()
    for secret in (b"student1", b"babab", token):
        assert secret not in kept[0]
    site.restart()
    assert site.get("/api/assignment", cookie).status == 200


def test_words_that_are_changed_end_a_session(site):
    cookie, _csrf = site.log_in()
    site.gate.words["student1"] = "kakak-lalal-mamam"
    assert site.get("/api/assignment", cookie).status == 401
    site.gate.words["student1"] = WORDS["student1"]
    assert site.get("/api/assignment", cookie).status == 401


def test_the_cookie_is_for_this_host_by_tls_alone_and_for_no_script(site):
    answer = site.post("/api/login", {"student": "student1", "words": WORDS["student1"]})
    parts = {part.strip().lower() for part in answer.header("set-cookie").split(";")}
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= parts
    assert answer.header("set-cookie").startswith("__Host-")


@pytest.mark.parametrize("path", ["/", "/en/", "/static/page.js", "/nothing", "/api/check"])
def test_every_answer_has_a_strict_policy(site, path):
    answer = site.get(path)
    policy = answer.header("content-security-policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("x-frame-options") == "DENY"


REFUSED = {
    "wrong words": {"student": "student1", "words": "x"},
    "another's words": {"student": "student2", "words": WORDS["student1"]},
    "root": {"student": "root", "words": "x"},
    "an account of the gate": {"student": "classroom-page", "words": "x"},
}


@pytest.mark.parametrize("held", REFUSED.values(), ids=REFUSED)
def test_who_has_no_words_of_the_own_stays_out(site, held):
    answer = site.post("/api/login", held)
    assert (answer.status, answer.held) == (403, {"said": "refused"})
    assert answer.header("set-cookie") == ""
    assert "root" not in site.gate.asked
    assert site.told() == []


STRANGE = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "deep": b"[" * 4000,
    "no words": {"student": "student1"},
    "words in a list": {"student": "student1", "words": ["x"]},
    "a number": {"student": 1, "words": "x"},
    "a line more": {"student": "student1\n", "words": "x"},
    "long words": {"student": "student1", "words": "x" * 101},
    "half a character": b'{"student": "student1", "words": "\\ud800"}',
}


@pytest.mark.parametrize("held", STRANGE.values(), ids=STRANGE)
def test_what_is_no_login_is_none(site, held):
    assert site.post("/api/login", held).status == 400
    assert site.gate.asked == []


NOT_OURS = {
    "a foreign origin": ({"Origin": "https://evil.example"}, 403),
    "no origin": ({"Origin": None}, 403),
    "a null origin": ({"Origin": "null"}, 403),
    "the origin without TLS": ({"Origin": f"http://{HOST}"}, 403),
    "another port": ({"Origin": "https://192.0.2.7"}, 403),
    "an origin that begins alike": ({"Origin": f"{ORIGIN}.evil.example"}, 403),
    "a name server that lies": ({"Host": "evil.example", "Origin": "https://evil.example"}, 421),
    "no host": ({"Host": None}, 421),
    "the address without the port": ({"Host": "192.0.2.7"}, 421),
    "a host that goes on": ({"Host": f"{HOST}@evil.example"}, 421),
    "what another site asks": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "what a sister site asks": ({"Sec-Fetch-Site": "same-site"}, 403),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "a form of text": ({"Content-Type": "text/plain"}, 415),
    "no type": ({"Content-Type": None}, 415),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "status"), NOT_OURS.values(), ids=NOT_OURS)
@pytest.mark.parametrize("path", ["/api/login", "/api/hand"])
def test_what_no_page_of_ours_asks_is_refused(site, path, headers, status):
    cookie, csrf = site.log_in()
    before = site.told()
    held = {"student": "student1", "words": WORDS["student1"], "up": True}
    assert site.post(path, held, cookie, csrf, headers=headers).status == status
    assert site.told() == before
    assert site.post(path, held, cookie, csrf).status == 200


@pytest.mark.parametrize("path", ["/api/check", "/api/hint", "/api/hand", "/api/logout"])
def test_who_cannot_read_the_page_can_do_nothing_by_its_cookie(site, path):
    cookie, csrf = site.log_in()
    _other, others = site.log_in("student2")
    held, before = {"language": "en", "up": True}, site.told()
    for token in ("", "x", csrf[:-1], csrf.upper(), others):
        assert site.post(path, held, cookie, token).status == 403, token
    assert site.told() == before
    assert site.post(path, held, cookie, csrf).status == 200


COOKIES = ["", "x", "../sessions", "%00", "A" * 43, "A" * 5000, "é", "\x00"]


@pytest.mark.parametrize("token", COOKIES)
def test_a_cookie_that_was_made_up_is_nobodys(site, token):
    site.log_in()
    assert site.get("/api/assignment", f"__Host-class={token}").status == 401


def test_a_cookie_is_of_no_use_after_its_time(site, part, monkeypatch):
    cookie, _csrf = site.log_in()
    monkeypatch.setattr(part("sessions"), "SECONDS", -1)
    assert site.get("/api/assignment", cookie).status == 401


def test_who_is_no_longer_of_the_class_is_out(site, part):
    cookie, _csrf = site.log_in()
    site.settings = part("settings").Settings(**{**vars(site.settings), "students": ("student2",)})
    site.restart()
    assert site.get("/api/assignment", cookie).status == 401


@pytest.mark.parametrize("client", ["172.30.1.11", "172.30.2.9", "unix", ""])
@pytest.mark.parametrize("path", ["/en/", "/static/page.css"])
def test_machines_get_nothing_at_all(site, path, client):
    assert site.get(path, client=client).status == 403
    assert site.get(path, client="172.30.1.12").status == 200


@pytest.mark.parametrize("path", FOREIGN_PATHS)
def test_paths_lead_nowhere_else(site, path):
    cookie, _csrf = site.log_in()
    assert site.get(path, cookie).status in (404, 405)


def test_a_large_request_is_not_read(site):
    assert site.post("/api/login", b"{" + b" " * 5000).status == 413
    assert site.gate.asked == []


def test_who_guesses_waits_and_keeps_nobody_else_out(site):
    held = {"student": "student1", "words": "x"}
    found = [site.post("/api/login", held).status for _each in range(12)]
    assert found == [403] * 8 + [429] * 4
    assert len(site.gate.asked) == 8
    assert site.log_in("student2")
    right = {"student": "student1", "words": WORDS["student1"]}
    assert site.post("/api/login", right, client="192.0.2.51").status == 200


def test_who_asks_without_end_waits(site):
    cookie, csrf = site.log_in()
    found = [site.post("/api/hint", {"language": "en"}, cookie, csrf) for _each in range(15)]
    assert [answer.status for answer in found] == [200] * 10 + [429] * 5
    other, _token = site.log_in("student2")
    assert site.get("/api/assignment", other).status == 200


@pytest.mark.slow
def test_who_waves_without_end_fills_no_file(site):
    cookie, csrf = site.log_in()
    for number in range(200):
        site.post("/api/hand", {"up": number % 2 == 0}, cookie, csrf)
    assert len(site.told()) < 20


@pytest.mark.parametrize("held", [{}, {"up": "yes"}, {"up": 1}, {"up": None}, []])
def test_a_hand_is_up_or_down(site, held):
    cookie, csrf = site.log_in()
    assert site.post("/api/hand", held, cookie, csrf).status == 400
    assert len(site.told()) == 1


FIRST = {
    "an exercise that is a path": {"exercise": "../a"},
    "no exercise": {"check": CHECK},
    "a list": [[]],
    "a word": "passed",
    "nothing": [],
}


@pytest.mark.parametrize("held", FIRST.values(), ids=FIRST)
def test_a_machine_that_begins_otherwise_is_not_heard(site, held):
    cookie, csrf = site.log_in()
    site.gate.answers["check"] = lines_of(held)
    answer = site.post("/api/check", {}, cookie, csrf)
    assert (answer.status, answer.held) == (502, {"said": "strange"})
    assert [kind for _student, kind in site.told()] == ["login"]


OTHER = {**CHECK, "name": "other"}
FORGED = {
    "verified": {**CHECK, "outcome": "verified"},
    "another's": {"student": "student2", "checks": {}},
    "no title": {"name": "a", "outcome": "passed"},
    "a name that is markup": {**CHECK, "name": "<b>"},
    "a title that is none": {**CHECK, "title": 1},
    "the same again": OTHER,
    "a list": [],
}


@pytest.mark.parametrize("held", FORGED.values(), ids=FORGED)
def test_a_machine_that_lies_out_of_its_part_is_heard_no_more(site, held):
    cookie, csrf = site.log_in()
    claims = [{"exercise": "a"}, {"check": OTHER}, {"check": held}, {"check": CHECK}]
    site.gate.answers["check"] = lines_of(claims)
    lines = site.post("/api/check", {}, cookie, csrf).lines
    assert lines == [{"exercise": "a"}, {"check": OTHER}, {"said": "strange"}]
    # What is not whole is no claim.
    assert [kind for _student, kind in site.told()] == ["login"]


def test_of_a_thousand_results_some_are_shown(site):
    cookie, csrf = site.log_in()
    many = [{"check": {**CHECK, "name": f"c{number}"}} for number in range(1000)]
    site.gate.answers["check"] = lines_of([{"exercise": "a"}, *many])
    lines = site.post("/api/check", {}, cookie, csrf).lines
    assert (len(lines), lines[-1]) == (62, {"said": "strange"})
    assert len(site.told()) == 1


def test_each_result_is_shown_while_the_next_one_is_waited_for(site):
    cookie, csrf = site.log_in()
    sent = asyncio.Event()

    async def answer(*_asked):
        yield b'{"exercise": "access"}'
        yield lines_of({"check": CHECK})
        await asyncio.wait_for(sent.wait(), 10)
        yield lines_of({"check": OTHER})

    site.gate.answer = answer
    lines = site.post(
        "/api/check", {}, cookie, csrf, heard=lambda part: b'"check"' in part and sent.set()
    ).lines
    assert lines == [{"exercise": "access"}, {"check": CHECK}, {"check": OTHER}, {"done": True}]


def test_results_that_came_are_shown_where_the_machine_goes_away(site):
    cookie, csrf = site.log_in()

    async def answer(*_asked):
        yield b'{"exercise": "access"}'
        yield lines_of({"check": CHECK})
        raise site.gate.gate.UnreachableError

    site.gate.answer = answer
    lines = site.post("/api/check", {}, cookie, csrf).lines
    assert lines == [{"exercise": "access"}, {"check": CHECK}, {"said": "unreachable"}]
    assert len(site.told()) == 1


def test_who_does_not_wait_for_the_results_may_ask_again(site):
    """As one who reloads the page: what was asked for is given up."""
    cookie, csrf = site.log_in()
    given_up = []

    async def answer(*_asked):
        try:
            yield b'{"exercise": "access"}'
            await asyncio.Event().wait()
        finally:
            given_up.append(True)

    site.gate.answer = answer
    for _each in range(3):
        site.post("/api/check", {}, cookie, csrf, gone=True)
    assert given_up == [True] * 3


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[" * 100_000, b"Permission denied\n", b"NaN"])
def test_an_answer_that_makes_no_sense_is_said_to_be_so(site, raw):
    cookie, _csrf = site.log_in()
    site.gate.answers["text"] = raw
    answer = site.get("/api/assignment", cookie)
    assert (answer.status, answer.held) == (502, {"said": "strange"})


def test_what_a_machine_writes_is_cleaned(site):
    cookie, csrf = site.log_in()
    hint = {"exercise": "a", "text": "\x1b]0;x\x07 \u202e </script>\ud800"}
    site.gate.answers["hint en"] = json.dumps(hint).encode()
    text = site.post("/api/hint", {"language": "en"}, cookie, csrf).held["text"]
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "</script>" in text  # text, which the page never takes for markup


def test_a_machine_that_is_away_is_told_apart_from_a_wrong_answer(site):
    cookie, csrf = site.log_in()
    del site.gate.answers["check"]
    answer = site.post("/api/check", {}, cookie, csrf)
    assert (answer.status, answer.held) == (503, {"said": "unreachable"})
    assert len(site.told()) == 1


def test_a_machine_at_no_exercise_is_no_mistake(site):
    cookie, csrf = site.log_in()
    site.gate.answers["check"] = b'{"exercise": ""}'
    assert site.post("/api/check", {}, cookie, csrf).lines == [{}]
    assert len(site.told()) == 1
