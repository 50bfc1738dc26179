"""What a class's page is told of a machine: objects of JSON, and nothing for other words."""

from __future__ import annotations

import json

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import lab_command, lab_page
from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import Result

EXERCISE = {
    "name": "smtp_server",
    "title": {"fr": "Un serveur", "en": "A server"},
    "assignment": {"fr": "Installez-le.\n", "en": "Install it.\n"},
    "hints": [{"fr": "indice 1\n", "en": "hint 1\n"}],
    "checks": [
        {
            "name": name,
            "title": {"fr": f"Il {name}", "en": f"It {name}"},
            "needs": [],
            "steps": [{"command": {"run": [command], "within": 0}}],
        }
        for name, command in (("runs", "true"), ("fails", "false"))
    ],
    "world": [],
}
WORDS = [["text"], ["check"], ["hint", "fr"], ["hint", "en"], ["picture", "en"]]


@pytest.fixture
def asked(tmp_path, monkeypatch, capsys):
    """Return a function that runs `lab page`; it returns its exit code and what it answered."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "passwords").write_text("tech:secret\n")
    path = tmp_path / "exercise.json"

    def asked(*words, exercise=None):
        path.write_text(json.dumps(EXERCISE if exercise is None else exercise))
        code = lab_command.main(["page", *words], path)
        said = capsys.readouterr()
        assert said.err == ""
        lines = [json.loads(line) for line in said.out.splitlines()]
        assert said.out == "" or said.out.endswith("\n")
        if words == ("check",):
            return code, lines
        assert len(lines) == (code == 0)
        return code, lines[0] if lines else None

    return asked


def test_the_assignment_is_told_in_both_languages(asked):
    told = {name: EXERCISE[name] for name in ("title", "assignment")}
    assert asked("text") == (0, {"exercise": "smtp_server", **told})


def test_a_check_is_told_with_what_was_seen_and_kept_for_hints(asked):
    code, (first, *results) = asked("check")
    assert (code, first) == (0, {"exercise": "smtp_server"})
    checks = [each["check"] for each in results]
    assert [(each["name"], each["outcome"]) for each in checks] == [
        ("runs", "passed"),
        ("fails", "failed"),
    ]
    assert {"title", "seen", "expected"} < set(checks[1])
    assert "seals" not in checks[1]


def test_each_result_is_told_as_soon_as_it_is_known(asked, monkeypatch, capsys):
    def results_of(_exercise, _known):
        for name in ("first", "second"):
            assert len(told) == (name == "second") + 1
            yield Result(name, {}, "passed", {}, {}, {}, 0.0)

    told = []
    monkeypatch.setattr(lab_page, "results_of", results_of)
    monkeypatch.setattr(lab_page, "say", told.append)
    assert asked("check") == (0, [])
    assert len(told) == 3


def test_a_hint_is_one_text(asked):
    assert asked("hint", "en")[1]["text"] == "Hint 1 of 1: hint 1"
    assert "Tous les indices" in asked("hint", "fr")[1]["text"]


def test_where_no_message_was_there_is_no_picture(asked):
    code, answer = asked("picture", "en")
    assert code == 0
    assert set(answer) == {"exercise", "svg"}


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_machine_at_no_exercise_says_so(asked, words):
    told = {"exercise": ""}
    assert asked(*words, exercise={}) == (0, [told] if words == ["check"] else told)


STRANGE = [[], ["solve"], ["text", "en", "en"], ["hint", "de"], ["--help"], ["check", "--all"]]


@pytest.mark.parametrize("words", STRANGE, ids=" ".join)
def test_other_words_are_none(asked, words):
    assert asked(*words) == (2, None)
