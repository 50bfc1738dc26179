"""Graders test themselves: every exercise at every stage and by hand, on each Debian release."""

import os
from collections import Counter

import pytest

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import (
    FOLDER,
    catalogue,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.mistakes import (
    key_of,
    signatures_of,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import way_to
from tests.support.signatures import record

EXERCISES = catalogue()
ALTERNATIVES = [(name, each.name) for name in EXERCISES for each in EXERCISES[name].alternatives]
FAULTS = [(name, each) for name in EXERCISES for each in EXERCISES[name].faults]
BY_HAND = [(name, each) for name in EXERCISES for each in EXERCISES[name].by_hand]
FROM_THE_FIRST = [name for name in EXERCISES if EXERCISES[name].after and not EXERCISES[name].start]
COUNTED = Counter()
"""How many of each kind were as they should be, on each release."""


@pytest.fixture(scope="module", autouse=True)
def counted(request):
    """Print how many there were, at the end."""
    yield
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        for what, number in sorted(COUNTED.items()):
            print(f"\nCOUNTED {number} {what}", end="")
        print()


def told(results):
    """What the checks of a machine saw, where they did not pass."""
    return {
        name: (each["outcome"], each["tried"]["en"], each["expected"]["en"], each["seen"])
        for name, each in results.items()
        if each["outcome"] != "passed"
    }


def hinted(course, exercise, mistake):
    """See that `lab hint` knows the mistake; or, with RECORD=1, write down what shows it."""
    if "RECORD" in os.environ:
        seen = [each["signs"] for each in course.facts().values()]
        record(exercise, key_of(mistake), seen)
        return
    if not signatures_of(exercise, FOLDER):
        return
    facts = course.facts()
    name = mistake.alike or mistake.name
    steps = next(each.steps for each in EXERCISES[exercise].mistakes if each.name == name)
    for host, each in facts.items():
        assert each["recognized"] == name, (host, each)
        for number, step in enumerate(steps, 1):
            language = ("fr", "en")[number % 2]
            said = course.hint(host, language)
            assert step[language] in said, (host, number, said)
        COUNTED["mistakes whose own hints are shown"] += 1


def brought(course, exercise, stage):
    """Bring the machines to a stage, and see that doing so again changes nothing."""
    course.bring(exercise, stage)
    changed, output = course.bring(exercise, stage)
    assert changed == 0, output


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_start_does_not_pass(course, exercise):
    brought(course, exercise, "start")
    for host, results in course.check(exercise).items():
        outcomes = [each["outcome"] for each in results.values()]
        assert "failed" in outcomes, (host, outcomes)
        assert "unchecked" not in outcomes, (host, told(results))
        COUNTED["starts that do not pass"] += 1


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_passes(course, exercise):
    brought(course, exercise, "solution")
    for host, results in course.check(exercise).items():
        assert not told(results), host
        COUNTED["solutions that pass"] += 1
    if signatures_of(exercise, FOLDER):
        for host, facts in course.facts().items():
            assert (facts["recognized"], bool(facts["known"])) == ("", True), (host, facts)
            assert "Rien à corriger" in course.hint(host, "fr"), host
            assert "Nothing to mend" in course.hint(host, "en"), host


@pytest.mark.parametrize(("exercise", "stage"), ALTERNATIVES)
def test_an_alternative_passes(course, exercise, stage):
    course.bring(exercise, stage)
    for host, results in course.check(exercise).items():
        assert not told(results), host
        COUNTED["alternatives that pass"] += 1


@pytest.mark.parametrize(
    ("exercise", "fault"), FAULTS, ids=lambda each: getattr(each, "name", each)
)
def test_a_fault_is_caught_by_the_check_that_it_names(course, exercise, fault):
    course.bring(exercise, fault.name)
    for host, results in course.check(exercise).items():
        assert results[fault.caught_by]["outcome"] == "failed", (host, told(results))
        COUNTED["faults that are caught"] += 1
    hinted(course, exercise, fault)


@pytest.mark.parametrize("exercise", FROM_THE_FIRST)
def test_by_hand_from_the_first_exercise_on(course, exercise):
    """Beneath it is then what students have: the package's configuration and their own."""
    path = way_to(exercise, EXERCISES)
    course.begin_anew(path[0].name)
    printed = [course.type(each.name, each.by_hand[0].name) for each in path]
    for host, results in course.check(exercise).items():
        assert not told(results), (host, told(results), [each[host] for each in printed])
        COUNTED["paths by hand that pass"] += 1


@pytest.mark.parametrize(("exercise", "way"), BY_HAND, ids=lambda each: getattr(each, "name", each))
def test_by_hand(course, exercise, way):
    course.begin_anew(exercise)
    printed = course.type(exercise, way.name)
    for host, results in course.check(exercise).items():
        if way.caught_by:
            assert results[way.caught_by]["outcome"] == "failed", (host, told(results))
            COUNTED["wrong ways by hand that are caught"] += 1
        else:
            assert not told(results), (host, told(results), printed[host])
            COUNTED["right ways by hand that pass"] += 1
    if way.caught_by:
        hinted(course, exercise, way)
