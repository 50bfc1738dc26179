"""The picture of a machine's last message: what a student's machine may answer, and what not."""

from __future__ import annotations

import json
import sys
import time

import pytest

from launcher import attempts, inventory, picture
from launcher.board import pictures, places
from launcher.command import parser
from launcher.settings import Settings, SettingsError

SVG = "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><text>é</text></svg>"


@pytest.fixture
def answers(hosts, tmp_path, monkeypatch):
    """Have the machine answer with what a function is given."""
    inventory.write(Settings())
    monkeypatch.setattr(attempts, "REPORTS", tmp_path / "reports")

    def answers(answer):
        said = tmp_path / "said"
        said.write_bytes(answer)
        script = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
        words = [sys.executable, "-c", script, str(said)]
        monkeypatch.setattr(picture, "command", lambda _address, _words: words)

    return answers


def run(console, word="student1"):
    return picture.picture(parser().parse_args(["picture", word]), console)


def held(svg):
    return json.dumps({"exercise": "processes", "svg": svg}).encode()


def test_it_is_kept_where_the_board_finds_it(answers, console):
    answers(held(SVG))
    assert run(console) == 0
    path = pictures.path_of(places.directory(), "student1")
    assert path.read_text() == SVG
    assert [each.name for each in path.parent.iterdir()] == ["student1.svg"]


def test_a_log_without_messages_takes_the_old_one_away(answers, console):
    answers(held(SVG))
    run(console)
    answers(held(""))
    assert run(console) == 1
    assert "no message yet" in console.text
    assert not pictures.path_of(places.directory(), "student1").exists()


STRANGE = {
    "nothing": b"",
    "no JSON": b"<svg/>",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "no picture": b'{"exercise": "processes"}',
    "a number": held(1),
    "a page": held("<html><script>alert(1)</script></html>"),
    "entities": held("<!DOCTYPE x [<!ENTITY a 'aaaa'>]><svg>&a;</svg>"),
    "a flood": held("<svg>" + "x" * picture.MOST_BYTES + "</svg>"),
    "bytes": b"\xff\xfe",
}


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_what_is_no_picture_is_none(answers, console, answer):
    answers(answer)
    with pytest.raises(SettingsError, match="student1 answers with no picture"):
        run(console)
    assert not pictures.path_of(places.directory(), "student1").exists()


def test_half_a_character_is_one_that_is_shown(answers, console):
    answers(b'{"svg": "<svg>\\ud800</svg>"}')
    assert run(console) == 0
    assert pictures.path_of(places.directory(), "student1").read_text() == "<svg>?</svg>"


def test_a_machine_that_never_ends_is_left(monkeypatch):
    monkeypatch.setattr(picture, "SECONDS", 0.3)
    begun = time.monotonic()
    assert picture.answer_of([sys.executable, "-c", "import time; time.sleep(60)"]) == b""
    assert time.monotonic() - begun < 20


def test_one_machine_is_asked(answers, console):
    for word in ("all", "world", "student9"):
        with pytest.raises(SettingsError):
            run(console, word)
