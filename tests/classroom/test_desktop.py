"""The desktop of a machine in the class's page: its student's alone, and the same after a cut."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request

import pytest

from tests.support.class_page import browser
from tests.support.classroom import GATE
from tests.support.waiting import until

SOCKET = "/run/classroom-desktop.socket"
SERVER = "systemctl show -P MainPID classroom-desktop.service"
LISTENING = "ss -Hltn | awk '{print $4}' | sort -u"


@pytest.fixture(scope="module")
def listening(room):
    """Where the machine listens while its class has no desktop."""
    return room.root(11, LISTENING)


@pytest.fixture(scope="module")
def desktop(room, listening):
    """The class, whose machines have a desktop."""
    code, said = room.command("class", "--desktop", "en")
    assert code == 0, said
    return room


@pytest.fixture
def screen(desktop, student):
    """The student's desktop, in a tab of its own."""
    with browser(f"https://127.0.0.1:{desktop.page_port}/") as found:
        found.log_in(student.account, student.words)
        found.find("desktop").click()
        until(lambda: len(found.driver.window_handles) == 2)
        found.driver.switch_to.window(found.driver.window_handles[1])
        connected(found)
        yield found


def connected(screen):
    until(lambda: "connected" in screen.find("connection").text, seconds=60)


def test_a_second_run_changes_nothing(desktop):
    code, said = desktop.command("class", "--desktop", "en")
    assert (code, "change" in said.replace("unchanged", "")) == (0, False), said


def test_thunderbird_is_on_the_desktop_of_the_own_machine(desktop, screen):
    running = "pgrep -u classroom-desktop -f thunderbird | head -n 1"
    assert until(lambda: desktop.root(11, running).strip(), seconds=60)
    assert not desktop.root(12, running).strip()
    asked = {url for url in screen.asked() if url.startswith(("http:", "https:", "ws"))}
    places = (screen.address, f"wss://127.0.0.1:{desktop.page_port}/")
    assert asked and all(url.startswith(places) for url in asked), asked
    assert not [said for said in screen.complaints() if "Content Security Policy" in said]


def test_after_a_cut_it_is_the_same(desktop, screen):
    server = desktop.root(11, SERVER).strip()
    assert int(server) > 1
    desktop.root(GATE, "systemctl kill -s KILL classroom-page.service")
    until(lambda: "connected" not in screen.find("connection").text, seconds=60)
    connected(screen)
    assert desktop.root(11, SERVER).strip() == server


def test_no_port_listens_for_it(desktop, screen, listening):
    assert screen.find("screen")
    assert desktop.root(11, LISTENING) == listening


def test_who_is_not_root_there_does_not_reach_it(desktop):
    asked = f"runuser -u tech -- timeout 5 nc -U {SOCKET} < /dev/null"
    assert "Permission denied" in desktop.root(11, asked)


def test_who_has_not_logged_in_is_sent_to_the_door(desktop):
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_answer):
            return None

    # The certificate is compared in test_page.py.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=context))
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(f"https://127.0.0.1:{desktop.page_port}/en/desktop")
    assert (refused.value.code, refused.value.headers["Location"]) == (303, "/en/")
