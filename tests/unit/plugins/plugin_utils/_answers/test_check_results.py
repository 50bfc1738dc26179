"""A machine's results are those of the checks that were asked for, or none at all."""

import pytest

from ansible_collections.labs.mail.plugins.plugin_utils._answers.check_results import as_asked
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


def test_sentences_are_one_line_and_not_endless():
    lie = "\x1b[2J\nstudent2: ✗ FORGED\n" + "a" * 10_000
    words = {"fr": lie, "en": lie}
    first = as_asked(
        [result("greets", "failed", seen=words, tried=words), result("delivers", "skipped")], CHECKS
    )[0]
    for text in (first["seen"]["fr"], first["tried"]["fr"], first["tried"]["en"]):
        assert text.isprintable() or text.replace("\u202f", "").isprintable()
        assert len(text) <= 1_001
