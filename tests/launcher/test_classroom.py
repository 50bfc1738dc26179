"""Opening and closing a class, without an engine: what is asked of whom, and what is refused."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest
import yaml

from launcher import attempts, browser_libraries, classroom, inventory, playbook, providers
from launcher.classroom import Class, opened
from launcher.command import parser
from launcher.settings import Settings, SettingsError

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n"
"""Three bytes, which is enough to be counted; their SHA-256:"""
FINGERPRINT = (
    "AE:4B:32:80:E5:6E:2F:AF:83:F4:14:A6:E3:DA:BE:9D:"
    "5F:BE:18:97:65:44:C0:5F:ED:12:1A:CC:B8:5B:53:FC"
)


@pytest.fixture
def asked(world, monkeypatch):
    """What was asked of playbooks and the engine, of a lab on Incus that is up."""
    monkeypatch.setattr(classroom, "KEYS", inventory.KEYS)
    monkeypatch.setattr(attempts, "REPORTS", world.hosts.parent.parent / "reports")
    asked = []

    def attempt(name, limit=(), **extra):
        asked.append((name, list(limit), extra))
        return playbook.Ran(int(bool(world.failed)), {"failed": world.failed})

    world.fetched = []
    monkeypatch.setattr(browser_libraries, "ensure", world.fetched.append)
    world.failed = []
    provider = SimpleNamespace(
        machine=lambda *which: asked.append(("machine", *which)),
        discard=lambda *which: asked.append(("discard", *which)),
    )
    monkeypatch.setattr(playbook, "attempt", attempt)
    monkeypatch.setattr(providers, "ensure", lambda name, console: provider)
    inventory.write(Settings(engine="incus"))
    return asked


def run(console, *words):
    return classroom.classroom(parser().parse_args(["class", *words]), console)


def test_the_gate_is_one_more_host_and_goes_again(asked, world, console):
    before = {path.name for path in world.hosts.parent.iterdir()}
    assert run(console, "--address", "192.0.2.2", "--port", "2022") == 0
    assert world.asked == ["up"]
    assert asked == [("class", [], {})]
    found = yaml.safe_load(world.hosts.with_name("class.yml").read_text())["all"]
    gate = {"machine_address": "172.30.177.5"}
    assert found["children"] == {"machines": {"hosts": {"gate": gate}}}
    assert opened() == Class("192.0.2.2", 2022, False)
    assert "ssh -p 2022 student1@192.0.2.2" in console.text
    assert classroom.gate_fingerprint() in console.text

    (inventory.KEYS / "class").mkdir()
    assert run(console, "--close") == 0
    assert asked[1:] == [
        ("machine", "maillab", "gate"),
        ("discard", "maillab", "gate"),
        ("class", ["student1", "student2", "localhost"], {"class_state": "absent"}),
    ]
    assert opened() is None
    assert not (inventory.KEYS / "class").exists()
    assert {path.name for path in world.hosts.parent.iterdir()} == before


def test_what_was_said_once_holds_until_the_class_is_closed(asked, console):
    words = ["--address", "192.0.2.2", "--port", "2022", "--students-are-trusted"]
    assert run(console, *words) == run(console) == 0
    assert opened() == Class("192.0.2.2", 2022, True)


def test_the_page_is_named_with_its_fingerprint_where_there_is_one(asked, console):
    words = ["--address", "192.0.2.2", "--page-port", "9443"]
    assert run(console, *words) == 0
    assert "https://" not in console.text
    pem = inventory.KEYS / "page" / "page-192.0.2.2.pem"
    pem.parent.mkdir()
    pem.write_text(CERTIFICATE)
    assert run(console) == 0
    assert "https://192.0.2.2:9443/" in console.text
    assert FINGERPRINT in console.text
    assert Class("192.0.2.2", 1, True, 443).page == "https://192.0.2.2/"


def test_without_the_terminals_library_the_class_is_open_all_the_same(asked, console, monkeypatch):
    def ensure(library):
        raise browser_libraries.LibraryError("no Internet")

    monkeypatch.setattr(browser_libraries, "ensure", ensure)
    assert run(console, "--address", "192.0.2.2") == 0
    assert "no page, since the terminal's library cannot be fetched: no Internet" in console.text
    assert "The class is open" in console.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_on_docker_students_have_to_be_trusted(asked, world, console, monkeypatch, language):
    monkeypatch.setenv("LAB_LANGUAGE", language)
    world.hosts.unlink()
    inventory.write(Settings(engine="docker"))
    with pytest.raises(SettingsError, match="--students-are-trusted") as caught:
        run(console)
    assert ("de confiance" in str(caught.value)) is (language == "fr")
    assert (asked, world.asked, opened()) == ([], [], None)
    assert run(console, "--students-are-trusted", "--address", "192.0.2.2") == 0


def test_a_gate_that_cannot_be_made_leaves_no_class(asked, world, console):
    world.fails.add("up")
    with pytest.raises(playbook.PlaybookError):
        run(console, "--address", "192.0.2.2")
    assert opened() is None


def test_a_machine_that_cannot_be_made_ready_is_named_and_the_others_go_on(asked, world, console):
    world.failed = ["student2"]
    assert run(console, "--address", "192.0.2.2") == 1
    assert "Nobody comes in to student2" in console.text
    assert "The class is open" in console.text


def test_a_gate_that_cannot_be_configured_is_an_error(asked, world, console):
    world.failed = ["gate"]
    with pytest.raises(playbook.PlaybookError, match=r"class\.yml failed"):
        run(console, "--address", "192.0.2.2")


def test_a_lab_that_goes_takes_its_class_along(asked, world, console):
    run(console, "--address", "192.0.2.2")
    inventory.remove()
    assert list(world.hosts.parent.iterdir()) == []


def test_where_no_class_is_open_there_is_nothing_to_close(asked, console):
    assert run(console, "--close") == 0
    assert console.text.strip() == "No class is open."
    assert asked == []


WRONG = {
    "a word": (["--port", "ssh"], "--port ssh"),
    "no port": (["--port", "0"], "--port 0"),
    "too large": (["--port", "65536"], "--port 65536"),
    "another digit": (["--port", "²"], "--port ²"),
    "a name": (["--address", "gate"], "--address gate"),
    "IPv6": (["--address", "::1"], "--address ::1"),
    "a word for the page": (["--page-port", "https"], "--page-port https"),
    "one port for both": (["--address", "192.0.2.2", "--page-port", "2222"], "two ports"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_what_is_no_port_or_address_is_said(asked, console, words, said):
    with pytest.raises(SettingsError, match=said):
        run(console, *words)
    assert opened() is None


def test_the_port_of_an_open_class_stays(asked, console):
    run(console, "--address", "192.0.2.2")
    with pytest.raises(SettingsError, match="open at port 2222"):
        run(console, "--port", "2022")
    with pytest.raises(SettingsError, match="open at port 8443"):
        run(console, "--page-port", "9443")


BROKEN = {
    "no YAML": "{",
    "nothing": "",
    "no variables": "all: {}",
    "other variables": "all: {vars: {class_port: 2222}}",
    "no address": "all: {vars: {class_address: x, class_port: 1, students_are_trusted: true}}",
    "letters": "all: {vars: {class_address: 1.2.3.4, class_port: x, students_are_trusted: 1}}",
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_an_inventory_that_cannot_be_read_is_named(hosts, text):
    hosts.with_name("class.yml").write_text(text)
    with pytest.raises(SettingsError, match=r"class\.yml, which says what class is open"):
        opened()


def test_trust_is_a_yes_and_nothing_like_it(hosts):
    text = "all: {vars: {class_address: 192.0.2.2, class_port: 1, students_are_trusted: 'no'}}"
    hosts.with_name("class.yml").write_text(text)
    assert opened() == Class("192.0.2.2", 1, False)


def test_a_computer_without_a_way_to_others_has_to_be_named(monkeypatch):
    class Alone(socket.socket):
        def connect(self, _address):
            raise OSError("Network is unreachable")

    monkeypatch.setattr(classroom.socket, "socket", Alone)
    with pytest.raises(SettingsError, match="--address ADDRESS"):
        classroom._address("")


def test_a_desktop_is_there_where_it_is_asked_for_until_the_class_is_closed(asked, world, console):
    assert run(console, "--address", "192.0.2.2") == 0
    assert opened().class_desktop == ""
    assert world.fetched == [browser_libraries.TERMINAL]
    assert run(console, "--desktop", "fr") == run(console) == 0
    assert opened().class_desktop == "fr"
    assert world.fetched[1:3] == [browser_libraries.TERMINAL, browser_libraries.DESKTOP]


def test_without_its_library_there_is_no_desktop_and_nothing_is_begun(asked, console, monkeypatch):
    def ensure(library):
        if library == browser_libraries.DESKTOP:
            raise browser_libraries.LibraryError("no Internet")

    monkeypatch.setattr(browser_libraries, "ensure", ensure)
    with pytest.raises(SettingsError, match="desktop's library cannot be fetched: no Internet"):
        run(console, "--address", "192.0.2.2", "--desktop", "en")
    assert opened() is None
