"""Watching a student's terminal: what is run, what the student reads, and how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
from types import SimpleNamespace

import pytest

from launcher import attempts, inventory, watching
from launcher.board import places
from launcher.board.events import events_of
from launcher.command import parser
from launcher.settings import Settings, SettingsError


@pytest.fixture
def ran(hosts, tmp_path, monkeypatch):
    """A lab that is up, and calls of ssh, which end as they are told to."""
    inventory.write(Settings())
    monkeypatch.setattr(attempts, "REPORTS", tmp_path / "reports")
    found = SimpleNamespace(calls=[], code=0, events=events)

    def run(call, check):
        found.calls.append(call)
        if found.code < 0:
            os.kill(os.getpid(), -found.code)
        return SimpleNamespace(returncode=found.code)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(watching.getpass, "getuser", lambda: "marie")
    known = SimpleNamespace(pw_gecos="Marie Martin,,,")
    monkeypatch.setattr(watching.pwd, "getpwnam", lambda _user: known)
    return found


def events():
    path = places.events()
    lines = path.read_text().splitlines() if path.exists() else []
    return [(each.machine, each.action, each.stage, each.text) for each in events_of(lines)]


def run(console, *words):
    return watching.watch(parser().parse_args(["watch", *words]), console)


@pytest.mark.parametrize(("words", "asked"), [((), "watch"), (("--join",), "join")])
def test_the_students_machine_is_told_what_the_student_reads(ran, console, words, asked):
    assert run(console, "student2", *words) == 0
    (call,) = ran.calls
    assert call[:2] == ["ssh", "-t"]
    assert call[-2] == "172.30.177.12"
    assert f" sh {asked} 'Le professeur regarde ce terminal. (Marie Martin)'" in call[-1]
    assert ("You can type once the student has agreed" in console.text) is (asked == "join")
    assert "the student sees that you watch" in console.text


ENDS = {
    3: "no terminal of the class is open there",
    4: "the student has said no",
    5: "the student has ended it",
    6: "somebody else joins there already",
    7: "the student has left",
    255: "student1 does not answer",
    9: "exit code 9",
}


@pytest.mark.parametrize(("code", "said"), ENDS.items())
def test_why_it_ended_is_said(ran, console, code, said):
    ran.code = code
    assert run(console, "student1") == 1
    assert said in console.text


@pytest.mark.parametrize(("code", "how"), watching.HOW.items())
def test_it_stands_in_the_file_of_events(ran, console, code, how):
    before = ran.events()
    ran.code = code
    run(console, "student1", "--join")
    assert ran.events() == [
        *before,
        ("student1", "join", "begun", "Marie Martin"),
        ("student1", "join", "ended", how),
    ]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_where_the_window_is_closed_its_end_stands_there_too(ran, console, number):
    before = signal.getsignal(number)
    ran.code = -number
    with pytest.raises(SystemExit):
        run(console, "student1")
    assert ran.events()[-2:] == [
        ("student1", "watch", "begun", "Marie Martin"),
        ("student1", "watch", "ended", "cut"),
    ]
    assert signal.getsignal(number) == before


def test_what_the_student_reads_fits_a_terminal_of_80_columns():
    longest = "M" * watching.LONGEST_NAME
    assert max(len(text.format(who=longest)) for text in watching.BANNERS) <= 80


NAMES = {
    "Marie Martin": "Marie Martin",
    "": "marie",
    "#(reboot)%H": "rebootH",
    "#{q:x}\\;": "qx",
    "a" * 90: "a" * 12,
    "😀": "?",
    "Zoë L'Hôte": "Zoë L'Hôte",
}


@pytest.mark.parametrize(("gecos", "name"), NAMES.items())
def test_a_name_holds_nothing_that_is_tmuxs_own(ran, monkeypatch, gecos, name):
    monkeypatch.setattr(watching.pwd, "getpwnam", lambda _user: SimpleNamespace(pw_gecos=gecos))
    assert watching._name() == name


WRONG = {"student9": "no such machine", "world": "no such machine", "all": "all: name one machine"}


@pytest.mark.parametrize(("word", "said"), WRONG.items())
def test_one_student_is_watched_and_nobody_else(ran, console, word, said):
    with pytest.raises(SettingsError, match=said):
        run(console, word)
    assert ran.calls == []
    assert ran.events() == []
