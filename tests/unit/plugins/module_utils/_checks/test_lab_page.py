"""What a class's page is told of a machine: objects of JSON, and nothing for other words."""

from __future__ import annotations

import json

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import lab_command

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
        assert said.out.count("\n") == (code == 0)
        return code, json.loads(said.out) if said.out else None

    return asked


def test_the_assignment_is_told_in_both_languages(asked):
    told = {name: EXERCISE[name] for name in ("title", "assignment")}
    assert asked("text") == (0, {"exercise": "smtp_server", **told})


def test_a_check_is_told_with_what_was_seen_and_kept_for_hints(asked):
    _code, answer = asked("check")
    assert [(each["name"], each["outcome"]) for each in answer["checks"]] == [
        ("runs", "passed"),
        ("fails", "failed"),
    ]
    assert {"title", "seen", "expected"} < set(answer["checks"][1])
    assert "seals" not in answer["checks"][1]


def test_a_hint_is_one_text(asked):
    assert asked("hint", "en")[1]["text"] == "Hint 1 of 1: hint 1"
    assert "Tous les indices" in asked("hint", "fr")[1]["text"]


def test_where_no_message_was_there_is_no_picture(asked):
    code, answer = asked("picture", "en")
    assert code == 0
    assert set(answer) == {"exercise", "svg"}


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_machine_at_no_exercise_says_so(asked, words):
    assert asked(*words, exercise={}) == (0, {"exercise": ""})


STRANGE = [[], ["solve"], ["text", "en", "en"], ["hint", "de"], ["--help"], ["check", "--all"]]


@pytest.mark.parametrize("words", STRANGE, ids=" ".join)
def test_other_words_are_none(asked, words):
    assert asked(*words) == (2, None)
