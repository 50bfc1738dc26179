"""The command lab: text, hints one after the other, checks and their exit codes, languages."""

from __future__ import annotations

import json
import os
import socket

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import lab_command as _lab_command
from ansible_collections.labs.mail.plugins.module_utils._checks.runner import Result


def check(name, *steps, needs=()):
    title = {"fr": f"Il {name}", "en": f"It {name}"}
    return {"name": name, "title": title, "needs": list(needs), "steps": list(steps)}


RUNS = {"command": {"run": ["true"]}}
WRONG = {"command": {"run": ["false"], "within": 0}}
UNKNOWN = {"received": {"recipient": "ami@example.org", "within": 0}}
EXERCISE = {
    "name": "smtp_server",
    "title": {"fr": "Un serveur", "en": "A server"},
    "assignment": {"fr": "Installez-le.\n", "en": "Install it.\n"},
    "hints": [{"fr": f"indice {number}\n", "en": f"hint {number}\n"} for number in "123"],
    "checks": [check("runs", RUNS)],
    "world": [],
}


@pytest.fixture
def lab(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command; it returns its exit code and what it printed."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "password").write_text("secret")

    def lab(*words, there=True, **changes):
        path = tmp_path / "exercise.json"
        if there:
            path.write_text(json.dumps({**EXERCISE, **changes}))
        code = _lab_command.main(list(words), path)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return lab


def test_the_text(lab):
    assert lab("text") == (0, "Un serveur\n==========\n\nInstallez-le.\n")
    assert lab("--lang", "en", "text") == (0, "A server\n========\n\nInstall it.\n")


def test_each_call_gives_one_more_hint(lab):
    hints = [f"Indice {number} sur 3 : indice {number}\n" for number in (1, 2, 3)]
    for number in (1, 2, 3, 3):
        assert lab("hint") == (0, "".join(hints[:number]))


def test_each_exercise_has_hints_of_its_own(lab):
    lab("hint")
    lab("hint")
    assert lab("hint", name="other")[1].count("\n") == 1
    assert lab("hint")[1].count("\n") == 3


def test_no_hints(lab):
    assert lab("--lang", "en", "hint", hints=[]) == (0, "This exercise has no hints.\n")


@pytest.mark.parametrize("text", ["", "two", "1.5"])
def test_hints_begin_again_where_what_was_kept_is_damaged(lab, tmp_path, text):
    (tmp_path / "state" / "lab-hints").mkdir(parents=True)
    (tmp_path / "state" / "lab-hints" / "smtp_server").write_text(text)
    assert lab("--lang", "en", "hint") == (0, "Hint 1 of 3: hint 1\n")
    assert lab("--lang", "en", "hint")[1].count("\n") == 2


def test_a_hint_is_given_where_nothing_can_be_kept(lab, tmp_path):
    (tmp_path / "state").write_text("a file where a folder should be")
    assert lab("--lang", "en", "hint") == (0, "Hint 1 of 3: hint 1\n")


CODES = {
    "passed": ([check("runs", RUNS)], 0, "1 of 1"),
    "wrong": ([check("runs", RUNS), check("fails", WRONG)], 1, "1 of 2"),
    "skipped": (
        [check("fails", WRONG), check("after", RUNS, needs=["fails"]), check("runs", RUNS)],
        1,
        "1 of 3",
    ),
    "unknown": ([check("world", UNKNOWN), check("runs", RUNS)], 3, "1 of 2"),
    "wrong and unknown": ([check("fails", WRONG), check("world", UNKNOWN)], 3, "0 of 2"),
    "nothing": ([], 0, "0 of 0"),
}


@pytest.mark.parametrize(("checks", "code", "score"), CODES.values(), ids=CODES)
def test_the_exit_code_tells_wrong_from_not_known(lab, checks, code, score):
    found, text = lab("--lang", "en", "check", checks=checks)
    assert (found, text.splitlines()[-1]) == (code, score)


def test_what_is_wrong_is_said(lab):
    checks = [check("fails", WRONG), check("after", RUNS, needs=["fails"])]
    assert lab("--lang", "en", "check", checks=checks)[1] == (
        "✗ It fails: wrong\n"
        "    tried     Run: false\n"
        "    expected  exit code 0\n"
        "    seen      [1]\n"
        "- It after: skipped\n"
        "    Nothing: fails comes first\n"
        "0 of 2\n"
    )


def test_what_is_not_known_says_why(lab):
    text = lab("check", checks=[check("world", UNKNOWN)])[1]
    assert text.startswith("? Il world: non vérifiable\n")
    assert "no world: this check needs one" in text


def test_the_world_is_the_one_that_the_file_names(lab):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    code, text = lab("check", checks=[check("world", UNKNOWN)], world=["127.0.0.1", port])
    assert (code, f"127.0.0.1 port {port}" in text) == (3, True)


def test_the_password_logs_in(lab, monkeypatch):
    passwords = []
    monkeypatch.setattr(
        _lab_command, "run_checks", lambda _checks, lab: passwords.append(lab.password) or []
    )
    lab("check")
    assert passwords == ["secret"]


def test_checks_need_root(lab, monkeypatch):
    def refuse(self, *_words, **_more):
        raise PermissionError(13, "Permission denied", str(self))

    read = _lab_command.Path.read_text
    monkeypatch.setattr(
        _lab_command.Path,
        "read_text",
        lambda self, *words, **more: (refuse if self.name == "password" else read)(
            self, *words, **more
        ),
    )
    code, text = lab("check")
    assert (code, "sudo lab check" in text) == (3, True)
    assert lab("text")[0] == 0


@pytest.mark.parametrize("verb", ["text", "hint", "check"])
def test_a_machine_may_have_no_exercise(lab, verb, tmp_path):
    code, text = lab("--lang", "en", verb, there=False)
    assert (code, text) == (
        3,
        f"There is no exercise on this machine ({tmp_path / 'exercise.json'}).\n",
    )
    # The role lab_command without an exercise writes a file without a name.
    empty = {"name": "", "title": {}, "assignment": {}, "hints": [], "checks": [], "world": []}
    assert lab("--lang", "en", verb, **empty) == (code, text)


@pytest.mark.parametrize("words", [[], ["solve"], ["--lang", "de", "text"]])
def test_what_is_no_verb_is_refused(lab, words, capsys):
    with pytest.raises(SystemExit) as caught:
        lab(*words)
    assert caught.value.code == 2
    assert "usage: lab" in capsys.readouterr().err


LANGUAGES = [
    ({}, "fr"),
    ({"LANG": "en_GB.UTF-8"}, "en"),
    ({"LANG": "fr_FR.UTF-8"}, "fr"),
    ({"LANG": "C.UTF-8"}, "fr"),
    ({"LANG": "en_GB.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, "fr"),
    ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
    ({"LANG": "fr_FR", "LANGUAGE": "en"}, "en"),
    ({"LANG": "de_DE.UTF-8"}, "fr"),
]


@pytest.mark.parametrize(("environment", "language"), LANGUAGES)
def test_the_language_is_that_of_the_session(lab, monkeypatch, environment, language):
    assert _lab_command.language(environment) == language
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert lab("text")[1].startswith(EXERCISE["title"][language])


def test_both_languages_say_the_same_things():
    assert set(_lab_command.WORDS["fr"]) == set(_lab_command.WORDS["en"])


def test_colours_are_for_terminals():
    result = Result("a", {"en": "It runs"}, "passed", {}, {}, "", 0.0)
    assert list(_lab_command.lines(result, "en")) == ["✓ It runs: passed"]
    assert list(_lab_command.lines(result, "en", True)) == ["\033[32m✓\033[0m It runs: passed"]


def test_hints_are_kept_at_home(lab, monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setitem(os.environ, "HOME", str(tmp_path))
    lab("hint")
    assert (tmp_path / ".local/state/lab-hints/smtp_server").read_text() == "1\n"
