"""The board as it is served: what it shows, whom it lets in, and what nobody gets from it."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import socket
import subprocess
import sys
import time
from contextlib import closing
from html.parser import HTMLParser

import pytest

from launcher.board import pictures
from launcher.board.events import Event
from launcher.board.orders import MOST_ORDERS
from launcher.settings import ROOT
from tests.launcher.board.conftest import BEGAN

MOST_BYTES = 150_000
PAGES = ["/", "/projector", "/replay", "/seat/student2"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_small_and_asks_nobody_else(site, path):
    code, headers, text = site.ask(path)
    whole = sum(len(site.ask(each)[2]) for each in ("/board.css", "/board.js")) + len(text)
    assert (code, whole < MOST_BYTES) == (200, True)
    assert not re.findall(r"""(?:src|href|action)=["'](?!/(?!/)|#)""", text)
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


class Outline(HTMLParser):
    """The tags of a page, with what a screen reader needs of them."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for each, attributes in self.tags if each == tag]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_heard(site, path):
    page = Outline(site.ask(path)[2])
    assert [each["lang"] for each in page.all("html")] == ["en"]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(each.get("scope") for each in page.all("th"))
    marks = [each for each in page.all("svg") if "aria-hidden" not in each]
    assert all(each.get("role") == "img" and each.get("aria-label") for each in marks)
    labels = {each.get("for") for each in page.all("label")}
    fields = [each for each in page.all("input") if each.get("type") != "hidden"]
    assert all(each["id"] in labels for each in [*fields, *page.all("select")])
    ids = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    known = {each["id"] for each in page.all("symbol")}
    assert {each["href"][1:] for each in page.all("use")} <= known


def test_who_vouches_is_told_by_shape(site):
    row = site.ask("/")[2].partition('<tr id="row-student2"')[2].partition("</tr>")[0]
    assert re.findall(r'href="#([a-z-]+)"', row)[:3] == [
        "passed-seen", "failed-verified", "failed-claimed",
    ]  # fmt: skip


def test_what_others_wrote_is_text(site):
    for path in PAGES:
        text = site.ask(path)[2]
        assert "<script>alert" not in text
        assert text.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in site.ask("/seat/student2")[2]


def test_another_lab_is_not_shown(site):
    at = {"exercise": "blacklist", "stage": "start"}
    site.happens(Event(time.time(), "student31", "at", secrets.token_hex(4), **at))
    old = {**at, "exercise": "processes"}
    site.happens(Event(BEGAN - 60, "student1", "at", secrets.token_hex(4), **old))
    site.happens(Event(time.time(), "student5", "note", secrets.token_hex(4), text="it came"))
    with closing(stream(site, "/stream/seat/student5")) as answer:
        while "it came" not in next_parts(answer).get("seat", ""):
            pass
    text = site.ask("/")[2]
    assert "student31" not in text
    assert text.count("<table>") == 1


def test_the_projector_names_nobody(site):
    text = site.ask("/projector")[2]
    assert "29 of 30" in text
    assert "student" not in text
    assert "Ada" not in text


def test_a_spreadsheet_has_no_formulas(site):
    site.happens(Event(time.time(), "student30", "login", secrets.token_hex(4)))
    code, headers, text = site.ask("/board.csv")
    assert code == 200
    assert headers["content-type"].startswith("text/csv")
    assert not re.search(r"(^|,)\"?[=+@-]", text, re.M)
    assert "passed,seen from outside" in text


def test_a_replay_goes_back(site):
    assert '<tr id="row-student30"' in site.ask("/replay")[2]
    parts = json.loads(site.ask("/replay/part?at=3")[2])
    assert 'id="row-student1"' in parts["seats"]
    assert 'id="row-student2"' not in parts["seats"]
    assert "<button" not in parts["seats"]
    for wrong in ("-1", "x", "9" * 30, "1e3", "%D9%A3", ""):
        assert site.ask(f"/replay/part?at={wrong}")[0] == 200


def asked(**headers):
    return lambda site: site.ask("/", **headers)[0]


def posted(change, **headers):
    """What a form is answered that is as the page's but for a change."""

    def send(site):
        fields = {"order": "recheck student1", "word": site.word(), **change}
        return site.order(fields, **headers)

    return send


def raw(text):
    """What is answered to bytes that no browser would send."""

    def send(site):
        with closing(socket.create_connection(("127.0.0.1", site.port), 20)) as asking:
            asking.sendall(text(site).encode("latin-1"))
            answer = asking.recv(100).decode("latin-1")
            return int(answer.split()[1]) if answer else 400

    return send


ATTACKS = {
    "no cookie": asked(cookie=""),
    "a cookie made up": lambda site: site.ask("/", cookie=f"lab_board_{site.port}=1.a.b")[0],
    "a cookie changed": lambda site: site.ask("/", cookie=site.cookie[:-1] + "x")[0],
    "an older cookie": lambda site: site.ask("/", cookie=site.cookie.replace("=1", "=0", 1))[0],
    "a cookie of another board": lambda site: site.ask("/", cookie="lab_board_1=" + site.cookie)[0],
    "no token": lambda site: site.ask("/enter", cookie="")[0],
    "an empty token": lambda site: site.enter("")[0],
    "a wrong token": lambda site: site.enter("x" * 32)[0],
    "a long token": lambda site: site.enter("x" * 9000)[0],
    "a foreign host": asked(Host="evil.example"),
    "a rebound name": lambda site: site.ask("/", Host=f"evil.example:{site.port}")[0],
    "no port in the host": asked(Host="127.0.0.1"),
    "an empty host": raw(lambda s: f"GET / HTTP/1.1\r\nHost:\r\nCookie: {s.cookie}\r\n\r\n"),
    "two hosts": raw(
        lambda s: f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nHost: x\r\n"
        f"Cookie: {s.cookie}\r\n\r\n"
    ),
    "a foreign page that reads": asked(Origin="http://evil.example"),
    "a page of this computer's other port": asked(Origin="http://127.0.0.1:1"),
    "a foreign frame": asked(Sec_Fetch_Site="cross-site"),
    "a neighbour's frame": asked(Sec_Fetch_Site="same-site"),
    "a foreign stream": lambda s: s.ask("/stream/board", Origin="http://evil.example")[0],
    "a stream without cookie": lambda s: s.ask("/stream/board", cookie="")[0],
    "a spreadsheet without cookie": lambda s: s.ask("/board.csv", cookie="")[0],
    "a form of a foreign page": posted({}, Origin="http://evil.example"),
    "a form of no page": posted({}, Origin="null"),
    "a form that hides its page": posted({}, Origin=""),
    "a form without its word": posted({"word": ""}),
    "a form with another's word": posted({"word": "0" * 64}),
    "a form without cookie": posted({}, cookie=""),
    "a form as JSON": posted({}, Content_Type="application/json"),
    "a form of text": posted({}, Content_Type="text/plain"),
    "a button that is none": posted({"order": "shell student1"}),
    "no button": posted({"order": ""}),
    "an action alone": posted({"order": "recheck"}),
    "a machine that is none": posted({"order": "recheck world"}),
    "an option for a machine": posted({"order": "recheck --delete-homes"}),
    "a command for a machine": posted({"order": "recheck student1;reboot"}),
    "all of them reset": posted({"order": "reset all", "sure": "yes"}),
    "a reset that nobody confirmed": posted({"order": "reset student1"}),
    "a solution that nobody confirmed": posted({"order": "solution student1", "sure": "no"}),
    "an exercise that is a path": posted(
        {"order": "start student1", "sure": "yes", "exercise": "../../etc/passwd"}
    ),
    "an empty note": posted({"order": "note student1", "text": "  "}),
    "a long note": posted({"order": "note student1", "text": "x" * 501}),
    "a long form": posted({"text": "x" * 100_000}),
    "a field twice": lambda s: s.order(
        f"order=recheck+student1&order=reset+student1&word={s.word()}"
    ),
    "many fields": lambda s: s.order("&".join(f"a{n}=1" for n in range(99))),
    "bytes that are no text": lambda s: s.order(b"order=%ff%fe&word=\xff"),
    "an order by its address": lambda s: s.ask("/order?order=recheck+student1")[0],
    "another method": lambda s: s.ask("/", "DELETE", Origin=s.home)[0],
    "a method for debugging": lambda s: s.ask("/", "TRACE", Origin=s.home)[0],
    "a preflight": lambda s: s.ask("/order", "OPTIONS", Origin="http://evil.example")[0],
    "a file above": lambda s: s.ask("/../launcher/board/web.py")[0],
    "a file above in signs": lambda s: s.ask("/%2e%2e/%2e%2e/etc/passwd")[0],
    "the file of events": lambda s: s.ask("/events.jsonl")[0],
    "the key": lambda s: s.ask("/key")[0],
    "a template": lambda s: s.ask("/templates/board.html")[0],
    "a seat that is a path": lambda s: s.ask("/seat/..%2f..%2fkey")[0],
    "a seat that is markup": lambda s: s.ask("/seat/%3Cscript%3E")[0],
    "a stream of a path": lambda s: s.ask("/stream/seat/../../key")[0],
    "a picture that is a path": lambda s: s.ask("/picture/..%2f..%2fkey")[0],
    "a picture of nobody": lambda s: s.ask("/picture/student99")[0],
    "a picture without cookie": lambda s: s.ask("/picture/student1", cookie="")[0],
    "pictures of all": posted({"order": "picture all"}),
    "a seat of nobody": lambda s: s.ask("/seat/student99")[0],
    "a websocket": lambda s: s.ask(
        "/stream/board", cookie="", Upgrade="websocket", Connection="Upgrade",
        Sec_WebSocket_Version="13", Sec_WebSocket_Key="x" * 22 + "==",
    )[0],
    "headers without end": raw(lambda s: "GET / HTTP/1.1\r\n" + "x: " + "y" * 200_000),
    "a request smuggled in another": raw(
        lambda s: f"POST /order HTTP/1.1\r\nHost: 127.0.0.1:{s.port}\r\nContent-Length: 5\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_attack_comes_through(site, attack):
    before = site.queued()
    try:
        code = attack(site)
    except (ConnectionError, http.client.RemoteDisconnected):
        code = 400
    assert 400 <= code < 500
    assert site.queued() == before
    assert site.ask("/")[0] == 200, "and the board goes on"


def test_there_are_sixty_of_them(capsys):
    assert len(ATTACKS) >= 60
    with capsys.disabled():
        print(f"\nCOUNTED {len(ATTACKS)} attacks on the board, each a test: 0 succeed", end="")


def test_a_picture_is_an_image_that_runs_nothing(site):
    assert "<img" not in site.ask("/seat/student6")[2]
    assert site.ask("/picture/student6")[0] == 404
    drawn = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    path = pictures.path_of(site.directory, "student6")
    path.parent.mkdir()
    path.write_text(drawn)
    order = {"order": secrets.token_hex(16), "action": "picture", "stage": "done"}
    with closing(stream(site, "/stream/seat/student6")) as answer:
        site.happens(Event(time.time(), "student6", "order", secrets.token_hex(4), **order))
        while "/picture/student6?at=" not in next_parts(answer).get("seat", ""):
            pass
    code, headers, text = site.ask("/picture/student6?at=1")
    assert (code, headers["content-type"], text) == (200, "image/svg+xml", drawn)
    # Opened by itself too.
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_token_is_good_once(site):
    cookie = site.cookie
    token = site.token()
    code, headers, _text = site.enter(token)
    assert code == 303
    assert {"HttpOnly", "SameSite=strict"} <= set(headers["set-cookie"].split("; "))
    assert site.enter(token)[0] == 403
    assert site.ask("/", cookie=cookie)[0] == 200


def test_a_form_of_one_browser_is_none_of_another(site):
    word = site.word()
    other = site.enter(site.token())[1]["set-cookie"].partition(";")[0]
    assert site.order({"order": "recheck student1", "word": word}, cookie=other) == 403


ORDERS = {
    "recheck student1": ({}, "", ""),
    "recheck all": ({}, "", ""),
    "reset student2": ({"sure": "yes"}, "", ""),
    "solution student2": ({"sure": "yes", "exercise": "blacklist", "text": "x"}, "", ""),
    "start student2": ({"sure": "yes", "exercise": "blacklist"}, "blacklist", ""),
    "picture student2": ({}, "", ""),
    "note student2": ({"text": " asked <b> "}, "", "asked <b>"),
}


@pytest.mark.parametrize(("order", "given"), ORDERS.items(), ids=ORDERS)
def test_a_button_writes_an_order_into_the_queue(site, order, given):
    more, exercise, text = given
    before = len(site.queued())
    assert site.order({"order": order, "word": site.word(), **more}) == 303
    (found,) = site.queued()[before:]
    assert [found["action"], found["machine"]] == order.split()
    assert (found["exercise"], found["text"]) == (exercise, text)


def stream(site, path="/stream/board"):
    asking = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    asking.request("GET", path, headers={"Cookie": site.cookie})
    return asking.getresponse()


def next_parts(answer):
    while line := answer.readline():
        if line.startswith(b"data: "):
            return json.loads(line[6:])
    raise AssertionError("the stream has ended")


def test_what_happens_is_sent_and_nothing_else(site):
    with closing(stream(site)) as answer:
        assert set(next_parts(answer)) == {"needs", "seats"}
        began = time.monotonic()
        site.happens(Event(time.time(), "student9", "hand", secrets.token_hex(4), up=True))
        parts = next_parts(answer)
        while "row-student9" not in parts:
            parts = next_parts(answer)
        assert time.monotonic() - began < 10
    assert "hand raised" in parts["row-student9"]
    assert "student9" in parts["needs"]
    assert "seats" not in parts


def test_a_flood_of_orders_ends(site):
    word = site.word()
    codes = {
        site.order({"order": "recheck student1", "word": word}) for _n in range(MOST_ORDERS + 5)
    }
    assert codes <= {303, 429}
    assert 429 in codes


def test_a_browser_that_was_cut_off_asks_again_at_once(site):
    with closing(stream(site)) as answer:
        name, _colon, milliseconds = answer.readline().partition(b":")
    assert (name, 0 < int(milliseconds) < 1000) == (b"retry", True)


def test_the_server_loads_no_engine_and_no_workbook():
    """What it loads is what a class waits for when it is started again."""
    words = "import sys, launcher.board.serve; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", words], cwd=ROOT, text=True).split()
    assert "starlette" in loaded
    assert not {"docker", "requests", "xlsxwriter", "ansible"}.intersection(loaded)


def test_a_board_that_was_killed_shows_the_same_to_the_same_browser(site):
    shown = site.ask("/replay")[2]
    with site.events.open("ab") as file:
        file.write(b'{"time": 17')
    site.stop()
    site.start()
    site.token()
    assert site.ask("/replay")[2] == shown


def test_a_board_ends_with_whoever_started_it(site):
    """The last one: nobody starts it again."""
    site.process.stdin.close()
    assert site.process.wait(timeout=30) == 0
    site.process.stdin = None
