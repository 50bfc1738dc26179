"""Lines of the board's file: what is written is read again, and what is no event is left out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._classroom import events as gate
from launcher.board.events import (
    KINDS,
    MOST_BYTES,
    Event,
    Result,
    event_of,
    events_of,
    line_of,
    of_gate,
)

SAID = {"fr": "essai\nconstaté : 550", "en": "tried\nseen: 550"}
EVENTS = [
    Event(1.5, "student1", "login", "a"),
    Event(2, "student1", "logout", "b"),
    Event(3, "student1", "active", "c"),
    Event(4, "student1", "check", "d", exercise="access", outcomes={"ads": "failed"}),
    Event(5, "student1", "hint", "e", exercise="access", text="Où est « postmap » ?"),
    Event(6, "student1", "hand", "f", up=True),
    Event(7, "student1", "verified", "g", exercise="access",
          results={"ads": Result("failed", "seen", SAID), "b": Result("passed")}),
    Event(8, "student1", "unanswered", "h", exercise="access", text="no route"),
    Event(9, "student1", "at", "i", exercise="access", stage="start"),
    Event(10, "student1", "note", "j", text="was ill"),
    Event(11, "student1", "watch", "k", action="join", stage="ended", text="refused"),
    Event(10.5, "all", "closed", "l"),
    Event(11, "all", "order", "k", order="1f", action="recheck", stage="failed", text="x"),
]  # fmt: skip


def test_every_kind_is_among_them():
    assert {event.kind for event in EVENTS} == set(KINDS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_what_is_written_is_read_again(event):
    line = line_of(event)
    assert line.count("\n") == 1
    assert event_of(line) == event


VERIFIED = {
    "time": 1, "machine": "student1", "kind": "verified", "id": "x", "exercise": "access",
    "results": {"ads": {"outcome": "passed", "trust": "verified", "said": {}}},
}  # fmt: skip


def with_result(**changed):
    result = {**VERIFIED["results"]["ads"], **changed}
    return {**VERIFIED, "results": {"ads": result}}


WRONG = {
    "nothing": "",
    "a line cut off": line_of(EVENTS[6])[:-9],
    "no object": "[]",
    "deep": "[" * 9000,
    "another kind": {**VERIFIED, "kind": "trusted"},
    "a kind that is a list": {**VERIFIED, "kind": ["verified"]},
    "no time": {**VERIFIED, "time": "now"},
    "a time without end": {**VERIFIED, "time": float("inf")},
    "a path": {**VERIFIED, "machine": "../x"},
    "markup": {**VERIFIED, "exercise": "<b>"},
    "a check that is verified by its own word": with_result(trust="claimed"),
    "an outcome that is none": with_result(outcome="excellent"),
    "results in a list": {**VERIFIED, "results": []},
    "too many results": {
        **VERIFIED,
        "results": {f"a{n}": VERIFIED["results"]["ads"] for n in range(gate.MOST_CHECKS + 1)},
    },
    "too long": json.dumps(VERIFIED) + " " * MOST_BYTES,
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_what_is_no_event_is_left_out(line):
    text = line if isinstance(line, str) else json.dumps(line)
    right = line_of(EVENTS[0])
    assert events_of([right, text, right]) == [EVENTS[0]] * 2


def test_whatever_the_gate_says_is_a_claim():
    said = gate.Event(1, "student1", "check", exercise="access", outcomes={"ads": "passed"})
    taken = of_gate(said, "x")
    assert taken.kind == "check"
    assert not taken.results


@given(st.text(max_size=200))
def test_whatever_stands_in_a_line_is_an_event_or_none(text):
    assert len(events_of([text])) <= 1
