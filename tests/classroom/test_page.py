"""The class's page in a real browser: from a card to a prompt, help, cuts, and hostile output."""

from __future__ import annotations

import json
import ssl
import time
import urllib.request

import pytest
from selenium.webdriver import ActionChains, Keys

from launcher import classroom
from tests.support.class_page import browser
from tests.support.classroom import GATE
from tests.support.waiting import until

LARGEST_PAGE = 150_000
EVENTS = "/var/lib/labs.mail/class/events.jsonl"


@pytest.fixture(scope="module")
def address(room):
    return f"https://127.0.0.1:{room.page_port}/"


@pytest.fixture
def page(address, student):
    """The page of the first student, whose terminal is connected."""
    with browser(address) as found:
        found.log_in(student.account, student.words)
        found.connected()
        yield found


def events(room):
    return [json.loads(line) for line in room.root(GATE, f"cat {EVENTS}").splitlines()]


def test_it_goes_from_the_card_to_a_prompt(address, student):
    begun = time.monotonic()
    with browser(address) as found:
        found.log_in(student.account, student.words)
        found.connected()
        took = time.monotonic() - begun
        print(f"COUNTED {took:.1f} s from starting a browser to a prompt")
        assert took < 30
        assert found.ask("hostname") == "student1"
        assert found.complaints() == []
        asked = {url for url in found.asked() if url.startswith(("http:", "https:", "ws"))}
        assert asked
        assert all(url.startswith((address, "wss://127.0.0.1:")) for url in asked), asked


def test_who_has_other_words_stays_outside(address, student, other):
    with browser(address) as found:
        found.driver.get(f"{address}fr/")
        found.find("student").send_keys(student.account)
        found.find("card").send_keys(other.words)
        found.find("card").submit()
        until(lambda: "ne vont pas ensemble" in found.find("said").text)
        assert not found.driver.find_elements("id", "terminal")


def test_help_is_beside_the_terminal_and_told_to_the_teacher(room, page):
    until(lambda: len(page.find("assignment").text) > 50)
    assert " of " in page.press("check")
    assert page.find("answer").text
    page.press("hint")
    assert page.find("answer").text
    assert "Your hand is up" in page.press("hand")
    page.press("picture")
    kinds = [event["kind"] for event in events(room) if event["student"] == "student1"]
    for kind in ("login", "check", "hint", "hand"):
        assert kind in kinds
    assert {event["student"] for event in events(room)} == {"student1"}


def test_the_shell_is_the_same_by_page_and_by_ssh(page, student):
    shell = page.ask("echo $$")
    with student.terminal() as terminal:
        assert terminal.ask("echo $$") == shell


def test_after_kill_9_the_page_is_back_and_nothing_is_lost(room, page):
    shell = page.ask("echo $$")
    page.type("kept=yes\n")
    page.ask("echo $kept")
    killed = time.monotonic()
    room.root(GATE, "systemctl kill -s KILL classroom-page.service")
    context = ssl._create_unverified_context()
    with urllib.request.urlopen(f"{page.address}en/", timeout=10, context=context) as answer:
        assert answer.status == 200
    took = time.monotonic() - killed
    print(f"COUNTED {took:.1f} s from kill -9 to the page")
    until(lambda: "connected again" in page.find("connection").text)
    assert page.ask("echo $$") == shell
    assert page.ask("echo $kept") == "yes"


def test_each_key_counts_once_where_the_server_is_silent_for_long(room, page):
    """What was typed before the page noticed comes by the old connection and by the new one."""
    shell = page.ask("echo $$")
    page.type("echo begun-")
    room.root(GATE, "systemctl kill -s STOP classroom-page.service")
    try:
        page.type("typed-")
        until(lambda: "cut" in page.find("connection").text, seconds=60)
        page.type("refused")
    finally:
        room.root(GATE, "systemctl kill -s CONT classroom-page.service")
    until(lambda: "connected again" in page.find("connection").text, seconds=60)
    page.type("ended\n")
    until(lambda: "begun-typed-ended" in [line.strip() for line in page.screen().splitlines()])
    assert page.ask("echo $$") == shell


HOSTILE = {
    "a title": r"printf '\033]0;HOSTILE\007'",
    "the clipboard": r"printf '\033]52;c;SE9TVElMRQ==\007'",
    "a link": r"printf '\033]8;;javascript:document.title=1\007HOSTILE\033]8;;\007\n'",
    "markup": r"printf '<img src=x onerror=document.title=1></script>\n'",
    "a million escapes": r"yes $'\033[31m\033[5m\033]0;x\007' | head -c 1000000",
    "a string without an end": r"printf '\033Pqnever ended'",
    "bytes": "head -c 300000 /dev/urandom",
}


@pytest.mark.parametrize("command", HOSTILE.values(), ids=HOSTILE)
def test_what_a_machine_prints_does_nothing_to_the_page(page, command):
    title = page.driver.title
    page.type(f"{command}\n")
    page.bring_to_order()
    assert page.ask("hostname") == "student1"
    assert page.driver.title == title
    assert len(page.driver.window_handles) == 1
    assert page.driver.current_url.startswith(page.address)


def test_the_page_is_small_without_the_terminals_library(room):
    code = "/usr/local/lib/labs.mail/classroom_page"
    listed = f"cat {code}/templates/* $(find {code}/static -maxdepth 1 -type f) | wc -c"
    assert 5_000 < int(room.root(GATE, listed)) < LARGEST_PAGE


def test_who_works_by_keyboard_leaves_the_terminal(page):
    page.ask("hostname")
    ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(Keys.F6).key_up(
        Keys.CONTROL
    ).perform()
    assert page.driver.switch_to.active_element.get_attribute("id") == "check"


def test_the_certificate_is_the_one_on_the_card(room, students):
    read = ssl.get_server_certificate(("127.0.0.1", room.page_port))
    path = room.folder / ".keys" / "page" / "page-127.0.0.1.pem"
    assert ssl.PEM_cert_to_DER_cert(path.read_text()) == ssl.PEM_cert_to_DER_cert(read)
    trusted = ssl.create_default_context(cafile=str(path.with_name("authority-127.0.0.1.pem")))
    with urllib.request.urlopen(f"https://127.0.0.1:{room.page_port}/en/", context=trusted) as page:
        assert page.status == 200
    assert room.said.replace("\n", "").count(classroom.fingerprint_of(path)) == 1


@pytest.mark.parametrize("where", ["{gate}/443", "{teacher}/{port}", "127.0.0.1/{port}"])
def test_no_machine_reaches_the_page(room, where):
    target = where.format(gate=room.host(GATE), teacher=room.host(1), port=room.page_port)
    script = f"timeout 5 bash -c 'exec 3<>/dev/tcp/{target}' && echo reached"
    assert "reached" not in room.root(11, script)
    assert "reached" in room.root(11, script.replace(target, f"{room.host(12)}/25"))


def test_the_server_is_nobody_on_the_gate(room):
    said = room.root(GATE, "ps -o user:20=,args= -C python3 | grep classroom_page")
    assert said.startswith("classroom-page ")
    as_it = "setpriv --reuid=classroom-page --regid=classroom-page --clear-groups"
    for path in ("/etc/labs.mail/gate/keys/student1", "/etc/shadow"):
        assert "denied" in room.root(GATE, f"{as_it} cat {path}")
    assert "private_key" in room.root(GATE, f"{as_it} ls /etc/labs.mail/page")
