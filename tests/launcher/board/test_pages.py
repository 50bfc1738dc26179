"""The pages in both languages, and what is said of a mistake."""

from __future__ import annotations

import re
import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._hints.matching import OUTCOMES
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import (
    FOLDER,
    catalogue,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.mistakes import signatures_of
from launcher.board import pages, view
from launcher.board.events import Event, Result
from launcher.board.state import fold
from launcher.french import FRENCH
from launcher.spreadsheet import as_csv
from tests.support.simulated_class import lesson

ENGLISH = re.compile(r">[^<]*\b(the|this|with|show|hints?|machines? to|passed|checks?)\b[^<]*<")
CALL = re.compile(r"""\btr\((["'])(.*?)\1""")


def a_class():
    now = time.time()
    results = {"others": Result("failed", "verified", {"fr": "vu", "en": "seen"})}
    events = [
        Event(now - 900, "student1", "at", "a", exercise="blacklist", stage="start"),
        Event(now - 899, "student1", "verified", "b", exercise="blacklist", results=results),
        Event(now - 60, "student1", "hand", "c", up=True),
        Event(now - 50, "student1", "note", "d", text="=1+1"),
        Event(now, "student2", "hint", "e", exercise="blacklist", text="postmap"),
        Event(now, "student1", "order", "f", order="1", action="reset", stage="failed", text="x"),
    ]
    return fold(events, view.course()), now


def all_pages():
    state, now = a_class()
    people = {"student1": "Ada"}
    yield pages.board(state, now, people, "word")
    yield pages.seat(state, now, "student1", people, "word")
    yield pages.projector(state, now)
    yield pages.replay(state, 6, people)
    yield pages.refused("x")


def test_what_a_page_says_is_there_in_french():
    texts = {
        found[2]
        for path in pages.DIRECTORY.glob("*.html")
        for found in CALL.finditer(path.read_text(encoding="utf-8"))
    }
    assert len(texts) > 30
    assert texts - set(FRENCH) == set()


def test_pages_are_french_throughout(monkeypatch):
    monkeypatch.setenv("LAB_LANGUAGE", "fr")
    for text in all_pages():
        assert '<html lang="fr">' in text
        assert not ENGLISH.search(text), ENGLISH.search(text)
    monkeypatch.setenv("LAB_LANGUAGE", "en")
    assert all(ENGLISH.search(text) for text in list(all_pages())[:3])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_spreadsheet_has_headings_in_the_language(monkeypatch, language):
    monkeypatch.setenv("LAB_LANGUAGE", language)
    state, _now = a_class()
    rows = [list(row) for row in view.table(state, {"student1": "=HYPERLINK(1)"})]
    assert rows[0][-1] == {"fr": "main levée", "en": "hand raised"}[language]
    assert "'=HYPERLINK(1)" in as_csv(iter(rows), language).decode("utf-8-sig")


def test_an_empty_class_is_said():
    text = pages.board(fold([], {}), time.time(), {}, "word")
    assert "Nothing has happened yet." in text
    assert "Nobody, as far as can be seen." in text


def seen_as(mistake):
    """A student at whose machine the checks end as with a mistake that tests have made."""
    signs = signatures_of("blacklist", FOLDER)[mistake][OUTCOMES]
    results = {name: Result(outcome) for name, outcome in (sign.split() for sign in signs)}
    events = [
        Event(1e9, "student1", "at", "a", exercise="blacklist", stage="start"),
        Event(1e9 + 1, "student1", "verified", "b", exercise="blacklist", results=results),
    ]
    return fold(events, view.course()).seats["student1"]


def test_a_mistake_is_likely_where_tests_saw_checks_end_so():
    wanted = next(each for each in catalogue()["blacklist"].mistakes if each.name == "header")
    assert view.likely_mistakes(seen_as("by_hand.header")) == [wanted.title["en"]]


def test_no_mistake_is_likely_where_all_is_right_or_little_is_known():
    state, _now = a_class()
    assert view.likely_mistakes(state.seats["student1"]) == []
    results = {check: Result("passed") for check in view.course()["blacklist"]}
    events = [Event(1, "student1", "verified", "b", exercise="blacklist", results=results)]
    assert view.likely_mistakes(fold(events, view.course()).seats["student1"]) == []


def test_only_what_changed_is_sent():
    state, now = a_class()
    before = pages.board_parts(state, now, {})
    same = pages.board_parts(state, now, {})
    assert pages.changes(before, same) == {}
    state.seats["student2"].hints["blacklist"].append("another")
    state.seats["student2"].exercise = state.seats["student1"].exercise
    other = pages.board_parts(state, now, {})
    assert set(pages.changes(before, other)) == {"seats"}
    state.seats["student2"].hints["blacklist"].append("a third")
    assert set(pages.changes(other, pages.board_parts(state, now, {}))) == {"row-student2"}


def test_a_whole_lesson_is_folded_in_moments():
    made = lesson(1)
    began = time.process_time()
    fold(made.events * 10, {"made_up": ["greeting"]})
    assert time.process_time() - began < 5
