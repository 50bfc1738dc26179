"""Checks are run in order, and each says in both languages what was tried, expected and seen."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import runner, step_schema, steps
from ansible_collections.labs.mail.plugins.module_utils._checks.check_schema import read_checks
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.words import NARROW
from ansible_collections.labs.mail.plugins.module_utils._mail_client import observation
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
    last_words,
)


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(observation, "PAUSE_SECONDS", (0.001, 0.001))


def check(name, *steps, needs=()):
    title = {"fr": f"{name} en français", "en": name}
    return {"name": name, "title": title, "needs": list(needs), "steps": list(steps)}


def connect(port, **more):
    return {"connect": {"port": port, **more}}


def run(*checks, look=lambda *_: Observation(True, "well"), lab=None):
    return list(runner.run_checks(read_checks(checks), lab or CheckContext("word"), look))


def by_port(*bad):
    """Return a look that sees nothing well at some ports, and cannot look at the port 1."""

    def look(_kind, given, _lab):
        if given["port"] == 1:
            raise CouldNotCheckError("no world")
        return Observation(given["port"] not in bad, f"port {given['port']}")

    return look


def test_checks_are_run_in_their_order():
    asked = []

    def look(kind, given, _lab):
        asked.append((kind, given["port"]))
        return Observation(True, "")

    results = run(check("a", connect(1), connect(2)), check("b", connect(3)), look=look)
    assert asked == [("connect", 1), ("connect", 2), ("connect", 3)]
    assert [(each.name, each.outcome) for each in results] == [("a", "passed"), ("b", "passed")]


def test_a_check_ends_at_its_first_step_that_is_not_well():
    (result,) = run(check("a", connect(25), connect(110), connect(143)), look=by_port(110, 143))
    assert (result.outcome, result.seen["en"]) == ("failed", "port 110")
    assert "110" in result.tried["en"]


def test_what_needs_a_check_that_did_not_pass_is_skipped_and_says_why():
    results = run(
        check("fails", connect(25)),
        check("apart", connect(110)),
        check("after", connect(110), needs=["fails", "apart"]),
        check("far", connect(110), needs=["after"]),
        look=by_port(25),
    )
    assert [each.outcome for each in results] == ["failed", "passed", "skipped", "skipped"]
    assert results[2].tried == {
        "en": 'to be done first: "fails"',
        "fr": f"à faire d'abord{NARROW}: «{NARROW}fails en français{NARROW}»",
    }
    assert results[3].tried["en"] == 'to be done first: "after"'
    assert (results[2].seen["fr"], results[2].seconds) == ("", 0.0)


def test_what_could_not_be_looked_at_is_not_wrong():
    results = run(
        check("world", connect(1), connect(25)),
        check("after", connect(110), needs=["world"]),
        look=by_port(25),
    )
    assert [each.outcome for each in results] == ["unchecked", "skipped"]
    assert results[0].seen["en"] == "no world"


def test_what_was_seen_comes_on_one_line_and_cannot_steer_a_terminal():
    wrong = Observation(False, "a\r\n\x1b[2Jb \x9b1m")
    (result,) = run(check("a", connect(25)), look=lambda *_: wrong)
    assert result.seen["en"] == "a �[2Jb �1m"


def test_each_check_has_its_own_word_and_forgets_the_queue_ids_of_others(tmp_path):
    log = tmp_path / "mail.log"
    log.write_text("four")
    seen = []

    def look(_kind, _given, lab):
        seen.append((lab.word, lab.log_start, list(lab.queue_ids)))
        lab.queue_ids.append("4F1")
        return Observation(True, "")

    lab = CheckContext("w", ("world", 1), "secret", str(log))
    run(check("a", connect(25), connect(26)), check("a_b", connect(27)), look=look, lab=lab)
    words = [word for word, _start, _ids in seen]
    assert words[0] == words[1]
    # No check's word is in another's, or messages of one would be counted as those of the other.
    assert words[0] not in words[2]
    assert words[2] not in words[0]
    assert all(word.startswith("w-") for word in words)
    assert [ids for _word, _start, ids in seen] == [[], ["4F1"], []]
    assert {start for _word, start, _ids in seen} == {4}
    assert lab.queue_ids == []


def test_no_word_is_like_another():
    words = {runner.new_word() for _number in range(100)}
    assert len(words) == 100
    assert all(word.isalnum() for word in words)


@pytest.fixture
def connect_sees(monkeypatch):
    """Return a function that lets the step connect see the given things one after the other."""

    def connect_sees(looks, waits=True):
        rest = iter(looks)
        monkeypatch.setitem(steps.ACTIONS, "connect", lambda *_: next(rest))
        kind = replace(step_schema.KINDS["connect"], waits=waits)
        monkeypatch.setitem(step_schema.KINDS, "connect", kind)

    return connect_sees


def test_a_step_waits_for_what_it_expects(connect_sees):
    looks = [Observation(False, "one"), Observation(False, "two"), Observation(True, "three")]
    connect_sees(looks)
    (result,) = runner.run_checks([check("a", connect(25))], CheckContext("w"))
    assert (result.outcome, result.seen["en"]) == ("passed", "three")


def test_a_step_that_does_not_wait_looks_once(connect_sees):
    looks = [Observation(False, "one"), Observation(True, "two")]
    connect_sees(looks, waits=False)
    (result,) = runner.run_checks([check("a", connect(25))], CheckContext("w"))
    assert (result.outcome, result.seen["en"]) == ("failed", "one")


@pytest.mark.parametrize("seconds", [0, 0.1])
def test_a_step_waits_until_its_deadline(connect_sees, seconds):
    def looks():
        while True:
            yield Observation(False, "never")

    connect_sees(looks())
    started = time.monotonic()
    (result,) = runner.run_checks([check("a", connect(25, within=seconds))], CheckContext("w"))
    assert (result.outcome, result.seen["en"]) == ("failed", "never")
    assert seconds <= time.monotonic() - started < seconds + 5
    assert result.seconds >= seconds


LAST_WORDS = [("a\n b\t c ", "a b c"), ("", ""), ("x" * 301, "…" + "x" * 300), ("é\x00", "é�")]


@pytest.mark.parametrize(("text", "line"), LAST_WORDS)
def test_last_words(text, line):
    assert last_words(text) == line
