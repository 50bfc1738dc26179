"""Exercises as data: what is read, what is refused and where, and states laid over each other."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._exercises import model


def both(text):
    return {"fr": f"{text} (fr)", "en": text}


def check(name, **more):
    return {"name": name, "title": both(name), "steps": [{"connect": {"port": 25}}], **more}


def fault(name, caught_by="greets", **state):
    return {"name": name, "title": both(name), "caught_by": caught_by, "state": state}


def way(name, **more):
    return {"name": name, "title": both(name), "commands": f"{name}\n", **more}


WHOLE = {
    "title": both("A server"),
    "assignment": both("Install it."),
    "hints": [both("apt")],
    "after": "another",
    "start": {"procmail_state": "absent"},
    "solution": {"postfix_state": "present"},
    "alternatives": [{"name": "other", "title": both("Other"), "state": {"x": 1}}],
    "checks": [check("greets"), check("sends", needs=["greets"])],
    "faults": [fault("silent", postfix_state="absent")],
    "by_hand": [way("package"), way("slip", after="package", caught_by="sends")],
}


def changed(*way, to):
    """Return WHOLE with another value at the end of a way of keys and numbers."""
    data = copy.deepcopy(WHOLE)
    place = data
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = to
    return data


def without(key):
    return {name: each for name, each in WHOLE.items() if name != key}


def test_an_exercise_is_read():
    read = model.read_exercise("server", WHOLE)
    assert (read.name, read.after) == ("server", "another")
    assert read.title["fr"] == "A server (fr)"
    assert read.stages == ["start", "solution", "other", "silent"]
    assert [each["needs"] for each in read.checks] == [[], ["greets"]]
    assert read.faults[0].caught_by == "greets"
    assert read.alternatives[0].state == {"x": 1}
    assert [each.caught_by for each in read.by_hand] == ["", "sends"]


def test_a_way_by_hand_begins_with_the_commands_of_the_one_it_comes_after():
    read = model.read_exercise("server", WHOLE)
    assert read.typed("package") == "package\n"
    assert read.typed("slip") == "package\nslip\n"


@pytest.mark.parametrize("key", ["hints", "after", "start", "alternatives", "by_hand"])
def test_what_is_not_needed_may_be_missing(key):
    assert not getattr(model.read_exercise("server", without(key)), key)


def test_templates_are_not_filled_in_yet():
    step = {"smtp": {"port": "{{ port }}", "recipients": "{{ all }}"}}
    read = model.read_exercise("server", changed("checks", 0, "steps", to=[step]))
    assert read.checks[0]["steps"] == [step]


STEPS = ("checks", 0, "steps")
SLIPS = {
    "no mapping": (["x"], None, "write a mapping"),
    "empty": (None, None, "write a mapping"),
    "unknown key": (changed("asignment", to="x"), "asignment", "did you mean assignment?"),
    "far from all keys": (changed("zzz", to="x"), "zzz", "write one of title, assignment"),
    "no title": (without("title"), None, "title is missing"),
    "no assignment": (without("assignment"), None, "assignment is missing"),
    "no solution": (without("solution"), None, "solution is missing"),
    "no checks": (without("checks"), None, "checks is missing"),
    "no faults": (without("faults"), None, "faults is missing"),
    "text for languages": (changed("title", to="A server"), "title", "found 'A server'"),
    "one language": (changed("title", to={"fr": "x"}), "title", "en is missing"),
    "no text": (changed("title", "en", to=""), "title.en", "write a text"),
    "another language": (changed("title", "de", to="x"), "title.de", "de is no key"),
    "hint": (changed("hints", 0, to={"en": "x"}), "hints.0", "fr is missing"),
    "hint about no check": (
        changed("hints", 0, to={**both("x"), "about": "send"}),
        "hints.0.about",
        "no check is called send; did you mean sends?",
    ),
    "words in one language": (
        changed(*STEPS, to=[{"connect": {"port": 25, "in_words": {"fr": "x"}}}]),
        "checks.0.steps.0.connect.in_words",
        "write it in both languages",
    ),
    "a turn that is two": (
        changed(*STEPS, to=[{"connect": {"port": 25, "dialogue": [{"send": "x", "says": "y"}]}}]),
        "checks.0.steps.0.connect.dialogue",
        "one turn after the other",
    ),
    "hints no list": (changed("hints", to=both("x")), "hints", "write a list"),
    "after": (changed("after", to="Two Words"), "after", "write small letters"),
    "start": (changed("start", to=["x"]), "start", "write variables of roles"),
    "solution": (changed("solution", to="x"), "solution", "write variables of roles"),
    "accounts": (
        changed("solution", "accounts_users", to=["tech"]),
        "solution",
        "accounts_users: write a mapping",
    ),
    "way's commands": (
        changed("by_hand", 0, to={"name": "package", "title": both("x")}),
        "by_hand.0",
        "commands is missing",
    ),
    "way's check": (
        changed("by_hand", 1, "caught_by", to="send"),
        "by_hand.1.caught_by",
        "no check is called send; did you mean sends?",
    ),
    "way after none": (
        changed("by_hand", 1, "after", to="packge"),
        "by_hand.1.after",
        "no way before this one is packge; did you mean package?",
    ),
    "way after itself": (changed("by_hand", 1, "after", to="slip"), "by_hand.1.after", "no way"),
    "two ways of one name": (
        changed("by_hand", 1, "name", to="package"),
        "by_hand.1.name",
        "twice",
    ),
    "check's key": (changed("checks", 1, "need", to=["greets"]), "checks.1.need", "mean needs?"),
    "check's name": (changed("checks", 1, "name", to="A b"), "checks.1.name", "small letters"),
    "no steps": (
        changed("checks", 0, to={"name": "greets", "title": both("x")}),
        "checks.0",
        "steps is missing",
    ),
    "two steps in one": (changed(*STEPS, to=[{"log": {}, "file": {}}]), "checks.0.steps.0", "one"),
    "step no mapping": (changed(*STEPS, to=["log"]), "checks.0.steps.0", "one kind of step"),
    "kind": (changed(*STEPS, to=[{"stmp": {}}]), "checks.0.steps.0", "did you mean smtp?"),
    "attribute": (
        changed(*STEPS, to=[{"connect": {"prot": 25}}]),
        "checks.0.steps.0.connect.prot",
        "did you mean port?",
    ),
    "no attributes": (changed(*STEPS, to=[{"log": None}]), "checks.0.steps.0.log", "line is"),
    "port": (
        changed(*STEPS, to=[{"connect": {"port": 70000}}]),
        "checks.0.steps.0.connect.port",
        "found 70000; write a port",
    ),
    "within": (
        changed(*STEPS, to=[{"log": {"line": "x", "within": "soon"}}]),
        "checks.0.steps.0.log.within",
        "write seconds",
    ),
    "pattern": (
        changed(*STEPS, to=[{"log": {"line": "to=(.*"}}]),
        "checks.0.steps.0.log.line",
        "regular expression",
    ),
    "pattern of a header": (
        changed(*STEPS, to=[{"arrived": {"account": "prof", "header": {"To": "["}}}]),
        "checks.0.steps.0.arrived.header",
        "regular expression",
    ),
    "line break in a header": (
        changed(*STEPS, to=[{"smtp": {"recipients": ["x"], "header": {"X-A": "b\n"}}}]),
        "checks.0.steps.0.smtp.header",
        "on one line",
    ),
    "an archive as a body": (
        changed(*STEPS, to=[{"smtp": {"recipients": ["x"], "content": "eicar_zip"}}]),
        "checks.0.steps.0.smtp.content",
        "write one of eicar, gtube, text",
    ),
    "needs a later one": (
        changed("checks", 0, "needs", to=["sends"]),
        "checks.0.needs",
        "no check before this one is sends",
    ),
    "needs a misspelt one": (
        changed("checks", 1, "needs", to=["greet"]),
        "checks.1.needs",
        "did you mean greets?",
    ),
    "check twice": (changed("checks", 1, to=check("greets")), "checks.1.name", "is there twice"),
    "fault names no check": (
        changed("faults", 0, "caught_by", to="send"),
        "faults.0.caught_by",
        "no check is called send; did you mean sends?",
    ),
    "fault without a check": (
        changed("faults", 0, to={"name": "x", "title": both("x"), "state": {}}),
        "faults.0",
        "caught_by is missing",
    ),
    "alternative with a check": (
        changed("alternatives", 0, to=fault("x")),
        "alternatives.0.caught_by",
        "caught_by is no key",
    ),
    "fault as alternative": (
        changed("faults", 0, to=fault("other")),
        "faults.0.name",
        "other is there twice",
    ),
    "fault as stage": (changed("faults", 0, to=fault("start")), "faults.0.name", "is there twice"),
}


@pytest.mark.parametrize(("data", "path", "words"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_said_in_its_place(data, path, words):
    with pytest.raises(ConfigError) as caught:
        model.read_exercise("server", data)
    assert (caught.value.path or None) == path
    assert words in caught.value.message


def exercises(**after):
    """Return a catalogue: names of exercises with what each comes after, and a variable of each."""
    return {
        name: model.read_exercise(
            name,
            {
                **WHOLE,
                "after": before or None,
                "start": {"began": name, "shared": {f"{name}_start": 1}},
                "solution": {"solved": name, "shared": {f"{name}_solution": 1}},
                "faults": [fault("wrong", solved=None, shared={f"{name}_start": None})],
            },
        )
        for name, before in after.items()
    }


CATALOGUE = exercises(first="", second="first", third="second", beside="first")

STATES = [
    ("first", "start", {"began": "first", "shared": {"first_start": 1}}),
    (
        "first",
        "solution",
        {"began": "first", "solved": "first", "shared": {"first_start": 1, "first_solution": 1}},
    ),
    (
        "second",
        "start",
        {
            "began": "second",
            "solved": "first",
            "shared": {"first_start": 1, "first_solution": 1, "second_start": 1},
        },
    ),
    (
        "first",
        "other",
        {
            "began": "first",
            "solved": "first",
            "shared": {"first_start": 1, "first_solution": 1},
            "x": 1,
        },
    ),
    ("first", "wrong", {"began": "first", "shared": {"first_solution": 1}}),
]


@pytest.mark.parametrize(("name", "stage", "state"), STATES)
def test_a_state_is_all_before_it_laid_one_over_the_other(name, stage, state):
    assert model.state_of(name, stage, CATALOGUE) == state


def test_the_way_leads_from_the_first_exercise():
    way = model.way_to("third", CATALOGUE)
    assert [each.name for each in way] == ["first", "second", "third"]


def test_variants_of_those_before_it_have_no_part_in_a_state():
    assert "x" not in model.state_of("second", "solution", CATALOGUE)


WRONG_WAYS = [
    ("secnod", "start", CATALOGUE, "there is no exercise secnod; did you mean second?"),
    ("zzz", "start", CATALOGUE, "there is no exercise zzz; write one of first, second"),
    ("first", "solutoin", CATALOGUE, "no stage of first solutoin; did you mean solution?"),
    ("a", "start", exercises(a="b", b="c", c="a"), "in a circle: a after b after c after a"),
    ("a", "start", exercises(a="a"), "in a circle: a after a"),
    ("a", "start", exercises(a="b"), "there is no exercise b"),
    ("a", "start", {}, "there is no exercise a"),
]


@pytest.mark.parametrize(("name", "stage", "catalogue", "words"), WRONG_WAYS)
def test_a_wrong_name_or_a_circle_is_refused(name, stage, catalogue, words):
    with pytest.raises(ConfigError) as caught:
        model.state_of(name, stage, catalogue)
    assert words in caught.value.message


def test_a_state_says_what_of_all_exercises_is_absent():
    data = {
        **WHOLE,
        "start": {"lab_files": {"/one": {"content": "x"}}},
        "solution": {"accounts_users": {"tech": {}}, "lab_files": None},
        "alternatives": [
            {"name": "other", "title": both("x"), "state": {"lab_postfix_maps": {"virtual": {}}}}
        ],
        "faults": [fault("wrong", lab_files={"/two": {"content": "y"}})],
    }
    universe = model.universe_of({"server": model.read_exercise("server", data)})
    absent = {"state": "absent"}
    assert universe == {
        "accounts_users": {"tech": absent},
        "lab_files": {"/one": absent, "/two": absent},
        "lab_postfix_maps": {"virtual": None},
    }
    state = {"lab_files": {"/one": {"content": "x"}}, "postfix_state": "present"}
    assert model.complete(state, universe) == {
        "accounts_users": {"tech": absent},
        "lab_files": {"/one": {"content": "x"}, "/two": absent},
        "lab_postfix_maps": {"virtual": None},
        "postfix_state": "present",
    }
    assert model.complete({"lab_files": None}, universe) == universe


LAYERS = [
    ({}, {"a": 1}, {"a": 1}),
    ({"a": 1}, {}, {"a": 1}),
    ({"a": 1}, {"a": 2}, {"a": 2}),
    ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
    ({"a": {"x": {"u": 1}}}, {"a": {"x": {"v": 2}}}, {"a": {"x": {"u": 1, "v": 2}}}),
    ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
    ({"a": {"x": 1}}, {"a": 2}, {"a": 2}),
    ({"a": 1}, {"a": {"x": 1}}, {"a": {"x": 1}}),
    ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
    ({"a": {"x": 1}}, {"a": {"x": None}}, {"a": {}}),
    # What is not there cannot be taken away here: a role may know it.
    ({}, {"a": None}, {"a": None}),
    ({"a": {}}, {"a": {"x": None}}, {"a": {"x": None}}),
]


@pytest.mark.parametrize(("below", "above", "result"), LAYERS)
def test_layers(below, above, result):
    assert model.laid_over(below, above) == result


VALUES = st.recursive(
    st.integers() | st.text(max_size=2) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
STATE = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(STATE, STATE)
def test_laying_over_changes_neither_and_doing_it_again_nothing(below, above):
    before = copy.deepcopy((below, above))
    laid = model.laid_over(below, above)
    assert (below, above) == before
    assert model.laid_over(laid, above) == laid
    assert set(laid) == {*below, *above}


@given(STATE)
def test_none_takes_all_away(state):
    assert model.laid_over(state, dict.fromkeys(state)) == {}
