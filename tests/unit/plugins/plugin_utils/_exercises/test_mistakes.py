"""Each mistake has its steps, no step has the solution, and recorded signatures are told apart."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._hints.matching import Mistake, confused
from ansible_collections.labs.mail.plugins.plugin_utils._exercises import catalogue as files
from ansible_collections.labs.mail.plugins.plugin_utils._exercises import model
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.mistakes import (
    key_of,
    mistakes_of,
    signatures_of,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import read_exercise

EXERCISES = files.catalogue()
RECORDED = sorted(path.stem for path in (files.FOLDER / "signatures").glob("*.json"))
PRECISE = re.compile(r"[^\s,'\"()]*[_:/@\[\]\\.|][^\s,'\"()]*")
"""What is typed and not said: parameters, tables, addresses, patterns."""


@pytest.mark.parametrize("name", EXERCISES)
def test_every_mistake_has_three_steps_in_both_languages(name):
    for mistake in EXERCISES[name].mistakes:
        assert mistake.alike or len(mistake.steps) == 3, f"{name}: {key_of(mistake)} has no steps"
        for step in mistake.steps:
            assert step["fr"].strip()
            assert step["en"].strip()
            assert step["fr"] != step["en"]
        questions = mistake.steps[:1]
        assert all(each[lang].endswith("?") for each in questions for lang in ("fr", "en"))


def typed(value):
    """All that a state's value has to be typed of."""
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in typed(each)]
    if isinstance(value, list):
        return [text for each in value for text in typed(each)]
    return [str(value)]


def hidden(exercise, language):
    """The precise words of the solution that the exercise itself does not tell its students."""
    told = " ".join([exercise.assignment[language], *(h[language] for h in exercise.hints)])
    told += " ".join(str(check) for check in exercise.checks)
    words = {
        word.strip(".") for text in typed(dict(exercise.solution)) for word in PRECISE.findall(text)
    }
    before = " ".join(typed(model.state_of(exercise.name, model.START, EXERCISES)))
    known = told + before + " ".join(PLACES)
    return {word for word in words if len(word) > 3 and word not in known}


PLACES = ("lab_postfix_parameters", "lab_postfix_maps", "lab_postfix_services", "lab_files")
"""What a state calls the files, which no student sees."""


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", EXERCISES)
def test_no_step_has_the_solution(name, language):
    exercise = EXERCISES[name]
    whole = {text for text in typed(dict(exercise.solution)) if " " in text and len(text) > 12}
    lines = {
        line.strip()
        for way in exercise.by_hand
        if not way.caught_by
        for line in way.commands.splitlines()
        if len(line.strip()) > 12
    }
    own = hidden(exercise, language)
    for mistake in exercise.mistakes:
        for number, step in enumerate(mistake.steps, 1):
            text = step[language]
            place = f"{name}: {key_of(mistake)}, step {number}"
            assert not [each for each in whole | lines if each in text], place
            parameters = set(exercise.solution.get("lab_postfix_parameters") or {})
            found = [w for w in own - parameters if w in PRECISE.findall(text)]
            assert not found, (place, found)


def test_a_step_with_the_solution_would_be_found():
    assert "exe|com|bat|pif|scr|vbs|lnk" in hidden(EXERCISES["attachments"], "fr")


@pytest.mark.parametrize("name", RECORDED)
def test_every_mistake_has_a_signature(name):
    signatures = signatures_of(name, files.FOLDER)
    assert set(signatures) == set(map(key_of, EXERCISES[name].mistakes))
    for mistake in EXERCISES[name].mistakes:
        outcomes = signatures[key_of(mistake)]["outcomes"]
        assert f"{mistake.caught_by} failed" in outcomes, key_of(mistake)


@pytest.mark.parametrize("name", RECORDED)
def test_mistakes_that_are_not_declared_alike_are_told_apart(name):
    found = mistakes_of(EXERCISES[name], signatures_of(name, files.FOLDER))
    known = [Mistake(each["name"], each["signatures"]) for each in found]
    assert known
    assert confused(known) == []


BASE = {
    "title": {"fr": "a", "en": "a"},
    "assignment": {"fr": "a", "en": "a"},
    "solution": {},
    "checks": [
        {"name": "c", "title": {"fr": "a", "en": "a"}, "steps": [{"command": {"run": ["true"]}}]}
    ],
}
STEPS = [{"fr": "a ?", "en": "a?"}] * 3


def fault(name="f", **more):
    return {"name": name, "title": {"fr": "a", "en": "a"}, "caught_by": "c", "state": {}, **more}


@pytest.mark.parametrize(
    ("faults", "place", "found"),
    [
        ([fault(steps=STEPS[:2])], "faults.0.steps", "found 2 steps"),
        ([fault(steps=[{"fr": "a"}] * 3)], "faults.0.steps.0", "en is missing"),
        ([fault(alike="g")], "faults.0.alike", "no mistake with steps is g"),
        ([fault(steps=STEPS), fault("g", steps=STEPS, alike="f")], "faults.1.steps", "count for"),
    ],
)
def test_steps_that_make_no_sense_are_refused(faults, place, found):
    with pytest.raises(ConfigError, match=found) as error:
        read_exercise("e", {**BASE, "faults": faults})
    assert error.value.path == place


def test_a_way_with_steps_cannot_have_a_faults_name():
    way = {"name": "f", "title": {"fr": "a", "en": "a"}, "commands": "true", "caught_by": "c"}
    with pytest.raises(ConfigError, match="f is there twice"):
        read_exercise(
            "e",
            {**BASE, "faults": [fault(steps=STEPS)], "by_hand": [{**way, "steps": STEPS}]},
        )


def test_those_that_are_alike_become_one_mistake():
    exercise = read_exercise(
        "e",
        {**BASE, "faults": [fault(steps=STEPS), fault("g", alike="f"), fault("h", steps=STEPS)]},
    )
    one, other = {"outcomes": ["c failed"]}, {"outcomes": ["c failed"], "log": ["odd"]}
    assert mistakes_of(exercise, {"faults.f": one, "faults.g": other}) == [
        {"name": "f", "steps": STEPS, "signatures": [one, other]}
    ]


def test_a_damaged_file_of_signatures_is_named(tmp_path):
    (tmp_path / "signatures").mkdir()
    (tmp_path / "signatures" / "e.json").write_text("{")
    with pytest.raises(ConfigError, match="it has no mistakes") as error:
        signatures_of("e", tmp_path)
    assert error.value.path == str(tmp_path / "signatures" / "e.json")
    (tmp_path / "signatures" / "e.json").write_text(
        json.dumps({"common": {}, "mistakes": {"faults.f": {}}})
    )
    assert signatures_of("e", tmp_path) == {"faults.f": {}}
    assert signatures_of("other", tmp_path) == {}
