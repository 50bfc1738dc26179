from __future__ import annotations

import json

import pytest

from launcher import incus, providers, report
from launcher.settings import Settings
from tests.support.screen import Screen

GOOD = {
    "smtp": {"ok": True, "text": "220 mail.student1.test ESMTP Postfix", "seconds": 0.01},
    "pop3": {"ok": True, "text": "message 1 of 2", "seconds": 0.1},
    "imap": {"ok": True, "text": "message 2 of 2", "seconds": 0.1},
    "local": {"ok": True, "text": "message 2 of 2", "seconds": 0.25},
    "remote": {"ok": True, "text": "message 1 of 1", "seconds": 12.0},
}
BAD = {"ok": False, "text": "AUTH: [AUTHENTICATIONFAILED] no", "seconds": 30.0}

CELLS = {
    "smtp": "✓ 220",
    "pop3": "✓ 1 of 2",
    "imap": "✓ 2 of 2",
    "local": "✓ 0.2 s",
    "remote": "✓ 12.0 s",
}


@pytest.fixture
def show(tmp_path):
    """Print the table of what was seen on each student's machine; returns the screen's text."""

    def show(seen, width=200, **settings):
        proof = tmp_path / "proof.json"
        proof.write_text(json.dumps(seen))
        screen = Screen(width)
        report.show(Settings(**settings), proof, screen)
        return screen.text

    return show


@pytest.mark.parametrize(("kind", "words"), CELLS.items())
def test_what_was_seen_in_a_few_words(show, kind, words):
    assert words in show({"student1": GOOD})


def test_every_machine_has_its_line_and_its_address(show):
    lines = show({"student1": GOOD, "student2": GOOD}, lab="salle").splitlines()
    for name, address in (("student1", "172.30.177.11"), ("student2", "172.30.177.12")):
        (line,) = [line for line in lines if line.startswith(f"salle-{name}")]
        assert address in line
        assert line.count("✓") == len(CELLS)


@pytest.mark.parametrize("kind", CELLS)
def test_what_was_not_as_it_should_be_is_said_below(show, kind):
    text = show({"student1": GOOD, "student2": {**GOOD, kind: BAD}})
    (line,) = [line for line in text.splitlines() if line.startswith("student2, ")]
    # Square brackets are the server's words, and no colours.
    assert line.endswith("AUTH: [AUTHENTICATIONFAILED] no")
    assert text.count("✗") == 1
    assert "student1, " not in text


def test_nothing_is_said_below_where_all_is_well(show):
    assert "student1, " not in show({"student1": GOOD})


def test_the_table_fits_a_terminal_of_80_columns(show):
    text = show({f"student{number}": GOOD for number in (1, 20)}, width=80)
    assert all(len(line) <= 80 for line in text.splitlines())
    (line,) = [line for line in text.splitlines() if line.startswith("maillab-student1 ")]
    assert line.count("✓") == len(CELLS)


DOCKER = object.__new__(providers.Docker)
INCUS = object.__new__(incus.Provider)
INCUS.name = "incus"


def test_what_to_type_next(console):
    report.next_steps(Settings(lab="salle"), DOCKER, console)
    assert "./lab shell student1" in console.text
    assert "telnet 172.30.177.11 25" in console.text
    assert "make down" in console.text
    assert "./lab passwords shows their passwords" in console.text


@pytest.mark.parametrize(("hosts", "by"), [("", ""), ("root@192.0.2.1", "./lab shell world ")])
def test_what_is_to_be_typed_reaches_the_machine_where_the_lab_is(console, hosts, by):
    settings = Settings(engine="incus", hosts=hosts)
    report.next_steps(settings, INCUS, console)
    lines = [line.split("  ")[0] for line in console.text.splitlines()]
    assert f"{by}telnet 172.30.177.11 25" in lines


def test_what_a_machines_root_is_on_docker_is_said(console):
    report.next_steps(Settings(), DOCKER, console)
    assert "a machine's root is this computer's root" in " ".join(console.text.split())


def test_on_incus_a_machines_root_is_said_to_be_nobody(console):
    report.next_steps(Settings(lab="salle", engine="incus"), INCUS, console)
    assert "A machine's root is nobody on this computer" in " ".join(console.text.split())
