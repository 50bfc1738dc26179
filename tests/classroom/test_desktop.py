"""The desktop of a machine in the class's page: its student's alone, and the same after a cut."""

from __future__ import annotations

import contextlib
import re
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Keys

from tests.support import focused_window
from tests.support.axe import findings
from tests.support.class_page import browser
from tests.support.classroom import GATE
from tests.support.lab import ROOT
from tests.support.lab_secret import password_of
from tests.support.waiting import until

SOCKET = "/run/classroom-desktop.socket"
SERVER = "systemctl show -P MainPID classroom-desktop.service"
DISPLAY = "/tmp/.X11-unix/X7"
STARTING = 180
"""Seconds in which Thunderbird starts, where others work on this computer too."""
LISTENING = "ss -Hltn | awk '{print $4}' | grep -v ^127.0.0.11: | sort -u"
"""Without Docker's resolver, whose port is another one after a reset."""


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


@contextlib.contextmanager
def looking(desktop, student, language="en"):
    """Look at the student's desktop, in a tab of its own."""
    with browser(f"https://127.0.0.1:{desktop.page_port}/") as found:
        found.log_in(student.account, student.words, language)
        found.find("desktop").click()
        until(lambda: len(found.driver.window_handles) == 2)
        found.driver.switch_to.window(found.driver.window_handles[1])
        connected(found)
        yield found


@pytest.fixture
def screen(desktop, student):
    """The student's desktop."""
    with looking(desktop, student) as found:
        yield found


def connected(screen):
    until(lambda: is_connected(screen), seconds=60)


def is_connected(screen):
    return re.search(r"connect(ed|é)\b", screen.find("connection").text)


def test_a_second_run_changes_nothing(desktop):
    code, said = desktop.command("class", "--desktop", "en")
    assert (code, "change" in said.replace("unchanged", "")) == (0, False), said


def test_thunderbird_is_on_the_desktop_of_the_own_machine(desktop, screen):
    running = "pgrep -u classroom-desktop -f thunderbird | head -n 1"
    assert until(lambda: desktop.root(11, running).strip(), seconds=STARTING)
    assert not desktop.root(12, running).strip()
    asked = {url for url in screen.asked() if url.startswith(("http:", "https:", "ws"))}
    places = (screen.address, f"wss://127.0.0.1:{desktop.page_port}/")
    assert asked and all(url.startswith(places) for url in asked), asked
    assert not [said for said in screen.complaints() if "Content Security Policy" in said]


def focused(desktop):
    """Return the title of the window that is typed into."""
    as_it = "setpriv --reuid=classroom-desktop --regid=classroom-desktop --clear-groups"
    script = Path(focused_window.__file__).read_text(encoding="utf-8")
    return desktop.root(11, f"{as_it} python3 - {DISPLAY} <<'END'\n{script}\nEND\n")


def password_is_asked_for(desktop):
    """Wait for Thunderbird, which asks once it has reached the machine's IMAP server."""
    until(lambda: focused(desktop), lambda found: "assword" in found, seconds=STARTING)


def type_into(screen, keys):
    """Type into what has the focus on the desktop; a click may give it to something else."""
    canvas = screen.driver.find_element("css selector", "#screen canvas")
    screen.driver.execute_script("arguments[0].focus()", canvas)
    ActionChains(screen.driver).send_keys(keys).perform()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_core_finds_nothing(desktop, student, language):
    with looking(desktop, student, language) as found:
        assert found.driver.find_element("tag name", "html").get_attribute("lang") == language
        assert found.driver.current_url.endswith(f"/{language}/desktop")
        wrong, met = findings(found.driver)
        assert wrong == []
        # An empty page meets three or four.
        assert met >= 10
        print(f"COUNTED {met} rules of axe-core met, 0 findings: {found.driver.title}")


def mailbox_opened(desktop):
    """Return how often tech's mailbox was opened by IMAP."""
    log = desktop.root(11, "cat /var/log/mail.log; journalctl -q -o cat -u dovecot")
    # As Dovecot 2.3 has it, and 2.4.
    return len(re.findall(r"imap-login: (?:Login|Logged in): user=<tech>", log))


@pytest.fixture
def profile(desktop):
    """Have Thunderbird begin as on the first day, whatever was typed before."""
    desktop.root(11, "systemctl stop classroom-desktop; rm -rf /var/lib/classroom-desktop/*")


def test_only_the_password_is_asked_for(desktop, profile, screen):
    password_is_asked_for(desktop)
    before = mailbox_opened(desktop)
    type_into(screen, password_of(desktop.folder, "student1", "tech") + Keys.ENTER)
    until(lambda: mailbox_opened(desktop) > before, seconds=60)
    screen.driver.save_screenshot(str(pictures() / "desktop.png"))


def pictures():
    """Return where pictures of tests are put."""
    path = ROOT / "reports" / "classroom"
    path.mkdir(parents=True, exist_ok=True)
    return path


UNIT = "/etc/systemd/system/classroom-desktop.service"
ACTIVE = "systemctl is-active classroom-desktop.service"


def test_it_ends_once_nobody_looks_and_begins_again(desktop, student):
    assert "-MaxDisconnectionTime 600" in desktop.root(11, f"cat {UNIT}")
    # Minutes are too long for a test: the same with seconds.
    change = (
        "sed -i 's/MaxDisconnectionTime {}/MaxDisconnectionTime {}/' {}; systemctl daemon-reload"
    )
    desktop.root(11, change.format(600, 3, UNIT) + "; systemctl stop classroom-desktop.service")
    try:
        with looking(desktop, student):
            first = desktop.root(11, SERVER)
            desktop.root(11, "echo kept > /var/lib/classroom-desktop/kept")
        until(lambda: desktop.root(11, ACTIVE).strip() == "inactive", seconds=60)
        assert desktop.root(11, "pgrep -u classroom-desktop") == ""
        with looking(desktop, student):
            assert desktop.root(11, SERVER) not in (first, "0\n")
            assert desktop.root(11, "cat /var/lib/classroom-desktop/kept") == "kept\n"
    finally:
        desktop.root(11, change.format(3, 600, UNIT))


def test_after_a_reset_there_is_a_desktop_again(desktop, student):
    code, said = desktop.command("reset", "student1")
    assert code == 0, said
    with looking(desktop, student):
        password_is_asked_for(desktop)


def test_after_a_cut_it_is_the_same(desktop, screen):
    server = desktop.root(11, SERVER).strip()
    assert int(server) > 1
    desktop.root(GATE, "systemctl kill -s KILL classroom-page.service")
    # It may be cut for less than a look takes.
    until(lambda: "connected again" in screen.find("connection").text, seconds=60)
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
