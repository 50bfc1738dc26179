"""What is gathered: attempts, the gate's events and moves, once each, whoever was killed when."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime

import pytest

from ansible_collections.labs.mail.plugins.module_utils._classroom import events as gate
from launcher import attempts, positions
from launcher.board import event_file
from launcher.board.collector import MOST_IN_A_MINUTE, Collector
from launcher.board.events import events_of
from launcher.board.gate_tail import GateTail
from launcher.positions import Position

NOW = 1764473000.0


def test_a_line_that_was_cut_off_stays_alone(tmp_path):
    path = tmp_path / "events.jsonl"
    event_file.append(path, ["one\n"])
    with path.open("ab") as file:
        file.write(b'{"tor')
    tail = event_file.Tail(path)
    assert tail.new() == ["one"]
    event_file.append(path, ["two\n"])
    assert tail.new() == ['{"tor', "two"]
    assert tail.new() == []


def test_a_file_that_is_not_there_yet_has_no_lines(tmp_path):
    assert event_file.Tail(tmp_path / "gone").new() == []


@pytest.fixture
def sources(tmp_path, hosts, monkeypatch):
    """A directory of attempts, positions and the gate's lines; and collectors that begin anew."""
    monkeypatch.setattr(attempts, "REPORTS", tmp_path)
    monkeypatch.setattr(attempts, "DIRECTORY", tmp_path / "attempts")

    class Sources:
        path = tmp_path / "events.jsonl"
        lines: list = []

        def collector(self):
            waiting = list(self.lines)

            def new():
                return [waiting.pop(0) for _each in list(waiting)]

            return Collector(self.path, ["student1", "student2"], new, lambda: NOW)

        def gathered(self):
            self.collector().gather()
            return [each for each in self.all() if each.kind != "at"]

        def all(self):
            return events_of(event_file.Tail(self.path).new())

    found = Sources()
    found.lines = []
    return found


def result(name="blocked", outcome="failed", **more):
    words = {"fr": "dit \x1b[31m550", "en": "said \x1b[31m550"}
    about = {"tried": words, "expected": words, "seen": words}
    return {"name": name, "title": words, "outcome": outcome, **about, **more}


def attempt(machines, problems=None, minute=0):
    with attempts.new("blacklist", datetime(2025, 11, 30, 3, minute, tzinfo=UTC)) as folder:
        found = {"exercise": "blacklist", "machines": machines, "problems": problems or {}}
        (folder / "blacklist.json").write_text(json.dumps(found))


def test_an_attempt_is_taken_with_who_vouches_and_what_was_seen(sources):
    attempt({"student1": [result(), result("others", "passed", vouched_by="seen")]})
    (found,) = sources.gathered()
    assert found.results["blocked"].trust == "verified"
    assert "550" in found.results["blocked"].said["fr"]
    assert "\x1b" not in found.results["blocked"].said["fr"]
    assert found.results["others"].trust == "seen"


def test_an_attempt_in_another_lab_is_not_taken(sources):
    attempt({"student1": [result()]})
    since = datetime(2025, 11, 30, 3, 1, tzinfo=UTC).timestamp()
    attempt({"student2": [result()]}, minute=2)
    Collector(sources.path, ["student1", "student2"], list, lambda: NOW, since).gather()
    found = [each.machine for each in sources.all() if each.kind == "verified"]
    assert found == ["student2"]


def test_what_could_not_be_checked_is_said(sources):
    attempt({}, {"student2": "does not answer"})
    (found,) = sources.gathered()
    assert (found.kind, found.machine, found.text) == (
        "unanswered", "student2", "does not answer",
    )  # fmt: skip


def test_nothing_is_taken_twice_nor_of_another_machine(sources):
    attempt({"student1": [result()], "student9": [result()]})
    sources.lines = [gate.line_of(gate.Event(NOW - 5, "student1", "hand", up=True))]
    first = sources.gathered()
    assert [each.kind for each in first] == ["verified", "hand"]
    assert sources.gathered() == first
    attempt({"student1": [result()]}, minute=1)
    assert len(sources.gathered()) == 3


def test_what_was_cut_off_is_taken_again(sources):
    attempt({"student1": [result()], "student2": [result()]})
    first = sources.gathered()
    content = sources.path.read_bytes()
    sources.path.write_bytes(content[:-40])
    assert sources.gathered() == first


DAMAGED = {
    "no JSON": "{",
    "no object": "[]",
    "results that are none": '{"exercise": "x", "machines": {"student1": [1]}, "problems": {}}',
    "no machines": '{"exercise": "x"}',
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_an_attempt_that_is_damaged_hinders_nothing(sources, text):
    with attempts.new("blacklist", datetime(2025, 11, 30, 1, tzinfo=UTC)) as folder:
        (folder / "blacklist.json").write_text(text)
    attempt({"student1": [result()]})
    assert [each.machine for each in sources.gathered()] == ["student1"]


FORGED = {
    "a verified check": {"kind": "verified", "exercise": "blacklist", "results": {}},
    "a trust of the own": {"kind": "check", "exercise": "x", "outcomes": {}, "trust": "seen"},
    "an order": {"kind": "order", "order": "1", "action": "reset", "stage": "queued"},
    "a note": {"kind": "note", "text": "20 of 20"},
    "another's machine": {"kind": "hand", "up": True, "student": "world"},
    "a path": {"kind": "hand", "up": True, "student": "../../x"},
    "escapes": {"kind": "hint", "exercise": "x", "text": "\x1b]0;x\x07"},
}


@pytest.mark.parametrize("held", FORGED.values(), ids=FORGED)
def test_nothing_forged_is_taken_from_the_gate(sources, held):
    sources.lines = [json.dumps({"time": NOW, "student": "student1", **held}) + "\n"]
    assert sources.gathered() == []


def test_a_flood_ends_with_its_minute_and_drowns_nobody_else(sources):
    flood = [gate.Event(NOW - 30 + n / 100, "student1", "active") for n in range(1000)]
    other = gate.Event(NOW - 20, "student2", "hand", up=True)
    sources.lines = [gate.line_of(each) for each in (*flood, other)]
    found = sources.gathered()
    assert sum(each.machine == "student1" for each in found) <= 2 * MOST_IN_A_MINUTE
    assert [each.kind for each in found if each.machine == "student2"] == ["hand"]
    assert sources.gathered() == found


def test_no_event_is_from_later(sources):
    sources.lines = [gate.line_of(gate.Event(NOW + 9e8, "student1", "login"))]
    assert [each.time for each in sources.gathered()] == [NOW]


def test_where_a_machine_is_is_told_once_and_after_a_reset_again(sources):
    collector = sources.collector()
    there = Position("blacklist", "start")
    positions.write(dict.fromkeys(["student1", "student2"], there))
    collector.gather()
    collector.gather()
    assert len(sources.all()) == 2
    positions.write({"student1": Position("blacklist", "start", lab_reached=False)})
    collector.gather()
    positions.write({"student1": there})
    collector.gather()
    assert [each.machine for each in sources.all()] == ["student1", "student2", "student1"]
    sources.collector().gather()
    assert len(sources.all()) == 3


def until(wanted, seconds=20.0):
    """Wait for what is wanted; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not (found := wanted()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


def test_a_gate_is_read_again_where_it_is_cut_and_no_line_is_without_end():
    line = gate.line_of(gate.Event(NOW, "student1", "login"))
    text = f"print({line!r}, end=''); print('x' * 100_000); print({line!r}, end='')"
    begun = []

    def command():
        begun.append(1)
        return [sys.executable, "-c", text] if len(begun) < 3 else None

    tail = GateTail(command, again=0.01)
    found = []
    try:
        until(lambda: found.extend(tail.new()) or len(found) == 4)
        until(lambda: len(begun) > 3)
    finally:
        tail.stop()
    assert found == [line] * 4
