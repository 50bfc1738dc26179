from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.words import NARROW
from ansible_collections.labs.mail.plugins.modules import exercise_check

TITLE = {"fr": "Il marche", "en": "It runs"}


def check(name, *steps, **more):
    return {"name": name, "title": TITLE, "steps": list(steps), **more}


RUNS = {"command": {"run": ["echo", "bien"], "output": "bien"}}
WRONG = {"command": {"run": ["false"], "within": 0}}
UNKNOWN = {"received": {"recipient": "a@b"}}


def test_what_was_seen_is_returned(run):
    checks = [check("one", RUNS), check("two", WRONG), check("three", RUNS, needs=["two"])]
    result = run(exercise_check.main, checks=checks)
    assert not result["changed"]
    assert [each["outcome"] for each in result["results"]] == ["passed", "failed", "skipped"]
    first = result["results"][0]
    assert (first["name"], first["title"]) == ("one", TITLE)
    assert first["tried"] == {"en": "Run: echo bien", "fr": f"Exécuter{NARROW}: echo bien"}
    assert first["seen"] == {"en": "bien", "fr": "bien"}
    assert 0 <= first["seconds"] < 10


def test_without_a_world_what_needs_it_is_unchecked(run):
    (result,) = run(exercise_check.main, checks=[check("one", UNKNOWN)])["results"]
    assert (result["outcome"], result["seen"]["en"]) == (
        "unchecked",
        "no world: this check needs one",
    )


def test_the_world_and_the_log_are_those_given(run, tmp_path):
    log = {"log": {"line": "x", "within": 0}}
    results = run(
        exercise_check.main,
        checks=[check("one", {"received": {"recipient": "a@b", "within": 0}}), check("two", log)],
        world="127.0.0.1",
        world_port=1,
        log=str(tmp_path / "none"),
    )["results"]
    assert results[0]["seen"]["en"].startswith("the world, 127.0.0.1 port 1, does not")
    assert results[1]["seen"]["en"] == f"{tmp_path}/none: No such file or directory"


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ([check("one", {"command": {"rnu": ["true"]}})], "checks.0.steps.0.command.rnu: rnu is no"),
        ([check("one", RUNS, needs=["two"])], "checks.0.needs: no check before this one is two"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(run, checks, words):
    result = run(exercise_check.main, checks=checks)
    assert result["failed"]
    assert words in result["msg"]
