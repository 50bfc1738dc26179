"""Events of a class: what is written is read again, and what is no event is none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._classroom.events import (
    KINDS,
    MOST_BYTES,
    MOST_CHECKS,
    MOST_TEXT,
    Event,
    EventError,
    event_of,
    events_of,
    line_of,
)

EVENTS = [
    Event(1.5, "student1", "login"),
    Event(2, "student1", "logout"),
    Event(3, "student1", "active"),
    Event(4, "student1", "check", exercise="access", outcomes={"ads": "failed", "b": "passed"}),
    Event(5, "student1", "hint", exercise="access", text="Où est « postmap » ?\nLisez main.cf."),
    Event(6, "student1", "hand", up=True),
]


def test_every_kind_is_among_them():
    assert {event.kind for event in EVENTS} == set(KINDS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_what_is_written_is_read_again(event):
    line = line_of(event)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert event_of(line) == event
    assert set(json.loads(line)) == {"time", "student", "kind", *KINDS[event.kind]}


CHECK = {"time": 1, "student": "student1", "kind": "check", "exercise": "a", "outcomes": {}}
HINT = {"time": 1, "student": "student1", "kind": "hint", "exercise": "a", "text": "x"}
HAND = {"time": 1, "student": "student1", "kind": "hand", "up": True}

WRONG = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "deep": "[" * 4000,
    "no kind": '{"time": 1, "student": "a"}',
    "another kind": {**HAND, "kind": "verified"},
    "a kind that is no word": {**HAND, "kind": ["hand"]},
    "more than a kind holds": {**HAND, "trust": "verified"},
    "less than a kind holds": {name: value for name, value in HAND.items() if name != "up"},
    "a time that is a word": {**HAND, "time": "1"},
    "a time that is a yes": {**HAND, "time": True},
    "no time": {**HAND, "time": float("nan")},
    "a time without end": {**HAND, "time": float("inf")},
    "a time before all": {**HAND, "time": -1},
    "no student": {**HAND, "student": ""},
    "a path": {**HAND, "student": "../student2"},
    "a line more": {**HAND, "student": "student1\n"},
    "a number for a student": {**HAND, "student": 1},
    "a hand that is a word": {**HAND, "up": "yes"},
    "an exercise that is markup": {**CHECK, "exercise": "<script>"},
    "an outcome of the own": {**CHECK, "outcomes": {"a": "verified"}},
    "an outcome that is none": {**CHECK, "outcomes": {"a": None}},
    "a check that is a sentence": {**CHECK, "outcomes": {"all is well": "passed"}},
    "outcomes in a list": {**CHECK, "outcomes": ["passed"]},
    "too many outcomes": {**CHECK, "outcomes": {f"a{n}": "passed" for n in range(MOST_CHECKS + 1)}},
    "a hint that moves the cursor": {**HINT, "text": "\x1b[2J"},
    "a hint that turns the text": {**HINT, "text": "\u202etxet"},
    "a long hint": {**HINT, "text": "x" * (MOST_TEXT + 1)},
    "half a character": '{"time":1,"student":"a","kind":"hint","exercise":"a","text":"\\ud800"}',
    "a long line": json.dumps(HAND) + " " * MOST_BYTES,
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_what_is_no_event_is_none(line):
    text = line if isinstance(line, str) else json.dumps(line)
    with pytest.raises(EventError):
        event_of(text)
    right = line_of(EVENTS[0])
    assert events_of([right, text, right]) == [EVENTS[0]] * 2


def test_what_is_no_event_is_not_written():
    with pytest.raises(EventError):
        Event(1, "../student2", "hand", up=True)
    with pytest.raises(EventError):
        Event(1, "student1", "check", exercise="a", outcomes={"a": "verified"})


def test_the_longest_event_that_can_be_is_written():
    outcomes = {f"{'a' * 57}-{n:02}": "unchecked" for n in range(MOST_CHECKS)}
    event = Event(1764473000.123456, "a" * 60, "check", exercise="a" * 60, outcomes=outcomes)
    assert event_of(line_of(event)) == event
    hint = Event(1, "a" * 60, "hint", exercise="a" * 60, text="€" * MOST_TEXT)
    assert event_of(line_of(hint)) == hint


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_whatever_stands_in_a_line_is_an_event_or_none(text):
    assert len(events_of([text])) <= 1


words = st.text(max_size=9)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(list(KINDS)), st.data())
def test_whatever_a_kind_holds_is_read_or_refused(kind, data):
    held = {name: data.draw(json_values) for name in ("time", "student", *KINDS[kind])}
    for event in events_of([json.dumps({**held, "kind": kind})]):
        assert event_of(line_of(event)) == event
