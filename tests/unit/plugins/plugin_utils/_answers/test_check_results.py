"""A machine's results are those of the checks that were asked for, or none at all."""

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.seals import request, seal
from ansible_collections.labs.mail.plugins.plugin_utils._answers.check_results import (
    Witness,
    as_asked,
)
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import AnswerError

WORDS = {"fr": "essai", "en": "try"}
CHECKS = [
    {"name": "greets", "title": {"fr": "Il répond", "en": "It answers"}, "needs": []},
    {"name": "delivers", "title": {"fr": "Il dépose", "en": "It delivers"}, "needs": ["greets"]},
]


def result(name, outcome, **more):
    return {
        "name": name,
        "title": {"fr": "faux", "en": "wrong"},
        "outcome": outcome,
        "tried": WORDS,
        "expected": WORDS,
        "seen": WORDS,
        "seconds": 0.1,
        **more,
    }


PASSED = [result("greets", "passed"), result("delivers", "passed")]

FITTING = [
    PASSED,
    [result("greets", "passed"), result("delivers", "failed")],
    [result("greets", "passed"), result("delivers", "unchecked")],
    [result("greets", "failed"), result("delivers", "skipped")],
    [result("greets", "unchecked"), result("delivers", "skipped")],
]

UNFIT = [
    None,
    {},
    [],
    PASSED[:1],
    [*PASSED, PASSED[0]],
    PASSED[::-1],
    [PASSED[0], PASSED[0]],
    [1, 2],
    ["passed", "passed"],
    [{"outcome": "passed"}, {"outcome": "passed"}],
    [result("greets", "excellent"), result("delivers", "passed")],
    [result("greets", None), PASSED[1]],
    [result("greets", ["passed"]), PASSED[1]],
    [result("greets", '=HYPERLINK("http://evil")'), PASSED[1]],
    # Passed without what it needs, and skipped although it need not be.
    [result("greets", "failed"), result("delivers", "passed")],
    [result("greets", "skipped"), result("delivers", "skipped")],
    [result("greets", "passed"), result("delivers", "skipped")],
    [result("greets", "passed", seconds=-1.0), PASSED[1]],
    [result("greets", "passed", seconds=1e17), PASSED[1]],
    [result("greets", "passed", seconds=None), PASSED[1]],
    [result("greets", "passed", seen=None), PASSED[1]],
    [result("greets", "passed", seen="250 Ok"), PASSED[1]],
    [result("greets", "passed", tried="essai"), PASSED[1]],
    [result("greets", "passed", expected={"fr": "x"}), PASSED[1]],
    [result("greets", "passed", tried={"fr": 1, "en": 2}), PASSED[1]],
]


@pytest.mark.parametrize("results", FITTING)
def test_what_fits_is_taken_with_the_titles_that_are_known(results):
    read = as_asked(results, CHECKS)
    assert [each["outcome"] for each in read] == [each["outcome"] for each in results]
    assert [each["title"] for each in read] == [check["title"] for check in CHECKS]
    assert {each["vouched_by"] for each in read} == {"verified"}


def test_no_machine_says_who_vouches_for_it():
    forged = [{**each, "vouched_by": "seen"} for each in PASSED]
    assert {each["vouched_by"] for each in as_asked(forged, CHECKS)} == {"verified"}


@pytest.mark.parametrize("results", UNFIT)
def test_what_does_not_fit_is_refused(results):
    with pytest.raises(AnswerError):
        as_asked(results, CHECKS)


WORLD = Witness("k3y", "172.30.1.11", "0123456789abcdef")
STEP = {"smtp": {"at": "world", "recipients": ["tech"]}}
FROM_OUTSIDE = [{**CHECKS[0], "steps": [STEP]}, {**CHECKS[1], "steps": [{"log": {"line": "x"}}]}]


def sealed(ok=True, machine="172.30.1.11"):
    return [seal("k3y", machine, "0123456789abcdef-greets-", *request(STEP), ok)]


def test_what_the_world_sealed_was_seen_from_outside():
    results = [result("greets", "passed", seals=sealed()), PASSED[1]]
    read = as_asked(results, FROM_OUTSIDE, WORLD)
    assert [each["vouched_by"] for each in read] == ["seen", "verified"]
    assert all("seals" not in each for each in read)
    assert {each["vouched_by"] for each in as_asked(results, FROM_OUTSIDE)} == {"verified"}


def test_a_failure_that_the_world_saw_is_seen_and_any_other_is_the_machine_s_word():
    for seals, vouched_by in ((sealed(False), "seen"), ([], "verified"), (sealed(), "verified")):
        results = [result("greets", "failed", seals=seals), result("delivers", "skipped")]
        assert as_asked(results, FROM_OUTSIDE, WORLD)[0]["vouched_by"] == vouched_by


@pytest.mark.parametrize("seals", [None, [], "x", sealed(False), sealed(machine="172.30.1.12")])
def test_a_pass_that_the_world_did_not_see_is_a_lie(seals):
    results = [result("greets", "passed", seals=seals), PASSED[1]]
    with pytest.raises(AnswerError, match="greets: passed, and the world did not see it"):
        as_asked(results, FROM_OUTSIDE, WORLD)


def test_sentences_are_one_line_and_not_endless():
    lie = "\x1b[2J\nstudent2: ✗ FORGED\n" + "a" * 10_000
    words = {"fr": lie, "en": lie}
    first = as_asked(
        [result("greets", "failed", seen=words, tried=words), result("delivers", "skipped")], CHECKS
    )[0]
    for text in (first["seen"]["fr"], first["tried"]["fr"], first["tried"]["en"]):
        assert text.isprintable() or text.replace("\u202f", "").isprintable()
        assert len(text) <= 1_001
