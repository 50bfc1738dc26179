"""The desktop in the page: the own machine's screen, and none where none is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.asgi import HOST, ORIGIN, talk


@pytest.fixture
def desktop(site):
    """Return a function that opens a desktop and talks to it."""
    cookie, _csrf = site.log_in()

    def desktop(conversation, **headers):
        given = {"Host": HOST, "Origin": ORIGIN, "Cookie": cookie, **headers}
        given = {name: value for name, value in given.items() if value is not None}
        talk(site.app, "/desktop", given, conversation)

    return desktop


def test_the_screen_is_the_own_machines_and_text_is_a_sign_of_life(desktop, site):
    async def conversation(socket):
        socket.say("p")
        assert await socket.hear() == {"alive": True}
        site.gate.processes[0].stdout.feed_data(b"RFB 003.008\n")
        assert await socket.hear() == b"RFB 003.008\n"

    desktop(conversation)
    assert site.gate.asked[-1] == "student1"


def test_a_machine_without_a_screen_is_said(desktop, site):
    async def conversation(socket):
        socket.say("p")
        assert await socket.hear() == {"alive": True}
        site.gate.processes[0].stdout.feed_eof()
        assert await socket.hear() == 4002

    desktop(conversation)


@pytest.mark.parametrize("said", ["", "x", "pp", "p" * 70_000])
def test_who_does_not_talk_as_the_page_does_is_shown_out(desktop, site, said):
    async def conversation(socket):
        socket.say(said)
        assert await socket.hear() == 4004

    desktop(conversation)
    assert site.gate.processes[0].typed == b""


def test_strangers_get_no_desktop(desktop, site, stranger):
    async def conversation(socket):
        assert await socket.hear() == 1008

    before = list(site.gate.asked)
    desktop(conversation, **stranger)
    assert site.gate.asked == before


def test_a_student_opens_no_more_than_a_few(desktop, part, monkeypatch):
    monkeypatch.setattr(part("desktop").Desktops, "MOST", 0)

    async def conversation(socket):
        assert await socket.hear() == 4003

    desktop(conversation)


def test_the_button_and_the_page_are_there_in_both_languages(site):
    cookie, _csrf = site.log_in()
    for language, word in (("en", "Desktop"), ("fr", "Bureau")):
        assert (
            f'id="desktop" class="button" href="/{language}/desktop"'
            in site.get(f"/{language}/", cookie).body.decode()
        )
        shown = site.get(f"/{language}/desktop", cookie)
        assert word in shown.body.decode()
        assert "script-src 'self';" in shown.header("content-security-policy")
    assert site.get("/de/desktop", cookie).status == 404


def test_who_has_not_logged_in_is_led_there(site):
    answer = site.get("/en/desktop")
    assert (answer.status, answer.header("location")) == (303, "/en/")


def test_where_no_desktop_is_asked_for_there_is_none(desktop, site):
    site.settings = replace(site.settings, desktop=False)
    site.restart()
    cookie, _csrf = site.log_in()
    assert 'id="desktop"' not in site.get("/en/", cookie).body.decode()
    assert site.get("/en/desktop", cookie).status == 404

    async def conversation(socket):
        assert await socket.hear() in (1000, 1008)

    desktop(conversation)
    assert site.gate.processes == []
