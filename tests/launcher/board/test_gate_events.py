"""What a class's gate has written outlives the gate, whatever it holds."""

from __future__ import annotations

import io
import tarfile
from types import SimpleNamespace

import docker
import pytest

from ansible_collections.labs.mail.plugins.module_utils._classroom import events as gate
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from launcher import attempts, classroom, inventory, lab, playbook, providers
from launcher.board import event_file, gate_events, places
from launcher.board.collector import Collector
from launcher.board.events import Event, events_of
from launcher.board.live import Board
from launcher.board.state import fold
from launcher.command import parser
from launcher.settings import Settings

NOW = 1764473000.0
LINES = [
    gate.line_of(gate.Event(NOW, "student1", "login")),
    gate.line_of(gate.Event(NOW + 1, "student2", "login")),
    gate.line_of(gate.Event(NOW + 2, "student1", "hand", up=True)),
]
ALL = "".join(LINES)
SETTINGS = Settings(engine="incus")


class Gate:
    """A machine with one file, which an archive holds."""

    def __init__(self, content=ALL, refuses=None, kind=tarfile.REGTYPE):
        self.content, self.refuses, self.kind = content.encode(), refuses, kind
        self.done = []

    def get_archive(self, path):
        self.done.append("read")
        assert path == gate.FILE
        if self.refuses:
            raise self.refuses
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            member = tarfile.TarInfo("events.jsonl")
            member.type, member.linkname = self.kind, "/etc/shadow"
            member.size = len(self.content) if self.kind == tarfile.REGTYPE else 0
            archive.addfile(member, io.BytesIO(self.content))
        block = packed.getvalue()
        return iter([block[:700], block[700:]]), {}


@pytest.fixture
def engine(world, monkeypatch):
    """An engine that has the gate it is given, a lab that is up, and its class that is open."""
    monkeypatch.setattr(attempts, "REPORTS", world.hosts.parent.parent / "reports")
    monkeypatch.setattr(attempts, "DIRECTORY", world.hosts.parent.parent / "attempts")
    monkeypatch.setattr(classroom, "KEYS", inventory.KEYS)
    monkeypatch.setattr(places, "lab_began", lambda: 0.0)
    found = SimpleNamespace(
        gate=Gate(),
        machine=lambda _lab, name: found.gate if name == "gate" else None,
        halt=lambda machine: machine.done.append("halt"),
        discard=lambda _lab, _name: found.gate.done.append("discard"),
    )
    monkeypatch.setattr(providers, "ensure", lambda _name, _console: found)
    monkeypatch.setattr(playbook, "attempt", lambda *_asked, **_more: playbook.Ran(0, {}))
    inventory.write(SETTINGS)
    classroom._write(classroom.Class("192.0.2.2", 2222, False), SETTINGS)
    return found


def close(console):
    return classroom.classroom(parser().parse_args(["class", "--close"]), console)


def kept():
    return [each for each in events_of(event_file.Tail(places.events()).new()) if each.kind != "at"]


def test_a_class_is_closed_and_what_happened_stays(engine, console):
    assert close(console) == 0
    # Nobody comes in while it is read, and no event is written.
    assert engine.gate.done == ["halt", "read", "discard"]
    assert [(each.machine, each.kind) for each in kept()] == [
        ("student1", "login"), ("student2", "login"), ("student1", "hand"), ("all", "closed"),
    ]  # fmt: skip
    assert str(places.events()) in console.text


def test_the_next_class_is_appended(engine, console):
    close(console)
    before = places.events().read_bytes()
    classroom._write(classroom.Class("192.0.2.2", 2222, False), SETTINGS)
    engine.gate = Gate(gate.line_of(gate.Event(NOW + 60, "student2", "login")))
    close(console)
    assert places.events().read_bytes().startswith(before)
    assert [each.kind for each in kept()][4:] == ["login", "closed"]


REFUSALS = {
    "an engine": EngineError("the disk is gone"),
    "Docker": docker.errors.APIError("the disk is gone"),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_where_it_cannot_be_read_the_gate_stays(engine, console, refusal):
    engine.gate.refuses = refusal
    with pytest.raises((EngineError, docker.errors.APIError), match="the disk is gone"):
        close(console)
    assert "discard" not in engine.gate.done
    assert classroom.opened() is not None
    engine.gate.refuses = None
    assert close(console) == 0
    assert [each.kind for each in kept()] == ["login", "login", "hand", "closed"]


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_lab_that_goes_keeps_it_too_or_says_that_it_cannot(engine, world, console, refusal):
    engine.gate.refuses = refusal
    lab.down({}, console)
    assert "What happened in the class is lost" in console.text
    assert "the disk is gone" in console.text
    assert world.asked == ["down"]
    engine.gate = Gate()
    lab.down({"ENGINE": "incus"}, console)
    assert [each.kind for each in kept()] == ["login", "login", "hand", "closed"]


HELD = {
    "nothing": ("", tarfile.REGTYPE),
    "a line that was cut off": (LINES[0][:30], tarfile.REGTYPE),
    "no events": ("[]\n{}\n\x00\n", tarfile.REGTYPE),
    "another lab's machine": (
        gate.line_of(gate.Event(NOW, "student9", "login")), tarfile.REGTYPE,
    ),
    "a link": ("", tarfile.SYMTYPE),
    "a device": ("", tarfile.CHRTYPE),
}  # fmt: skip


@pytest.mark.parametrize(("content", "kind"), HELD.values(), ids=HELD)
def test_what_is_no_event_is_not_kept(engine, console, content, kind):
    engine.gate = Gate(content, kind=kind)
    assert close(console) == 0
    assert [each.kind for each in kept()] == ["closed"]


def test_a_gate_whose_page_was_never_served_has_nothing(engine, console):
    engine.gate.refuses = docker.errors.NotFound("no such file")
    assert close(console) == 0
    assert [each.kind for each in kept()] == ["closed"]


def test_a_gate_that_is_gone_already_is_no_obstacle(engine, console):
    engine.gate = None
    gate_events.keep(engine, SETTINGS)
    assert not places.events().exists()


def test_what_two_have_written_counts_once(engine, console):
    """A board that is open reads the gate too, and knows nothing of what is appended beside it."""
    lines = list(LINES)
    writer = Collector(places.events(), SETTINGS.names, lambda: lines, lambda: NOW + 9)
    close(console)
    writer.gather()
    assert [each.kind for each in kept()].count("hand") == 2
    shown = [each.kind for each in Board(places.directory(), SETTINGS.names, {}).events]
    assert [kind for kind in shown if kind != "at"] == ["login", "login", "hand", "closed"]


def test_who_is_gone_with_the_class_needs_nobody():
    raised = Event(NOW, "student1", "hand", "a", up=True)
    closed = Event(NOW + 1, "all", "closed", "b")
    assert fold([raised], {}).seats["student1"].hand == NOW
    found = fold([raised, closed], {}).seats["student1"]
    assert (found.hand, found.since) == (None, None)
    again = fold([raised, closed, Event(NOW + 2, "student1", "login", "c")], {}).seats["student1"]
    assert (again.hand, again.since) == (None, NOW + 2)
