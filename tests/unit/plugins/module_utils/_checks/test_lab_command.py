"""The command lab: text, hints one after the other, checks and their exit codes, languages."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import lab_check, lab_command
from ansible_collections.labs.mail.plugins.module_utils._checks.lab_words import WORDS
from ansible_collections.labs.mail.plugins.module_utils._checks.rendering import shown
from ansible_collections.labs.mail.plugins.module_utils._checks.words import NARROW


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
    (tmp_path / "passwords").write_text("tech:secret\nprof:ot:her\n")

    def lab(*words, there=True, **changes):
        path = tmp_path / "exercise.json"
        if there:
            path.write_text(json.dumps({**EXERCISE, **changes}))
        code = lab_command.main(list(words), path)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return lab


def test_the_text(lab):
    assert lab("text") == (0, "Un serveur\n==========\n\nInstallez-le.\n")
    assert lab("--lang", "en", "text") == (0, "A server\n========\n\nInstall it.\n")


def hint(number, total=3):
    return f"Indice {number} sur {total}{NARROW}: indice {number}\n"


def test_each_call_gives_one_more_hint_and_that_alone(lab):
    for number in (1, 2, 3):
        assert lab("hint") == (0, hint(number))
    assert lab("hint") == (
        0,
        f"Tous les indices ont été donnés{NARROW}; lab hint --all les répète.\n",
    )


def test_those_that_were_given_can_be_repeated(lab):
    assert "Aucun indice" in lab("hint", "--all")[1]
    lab("hint")
    lab("hint")
    assert lab("hint", "--all") == (0, hint(1) + hint(2))


def test_a_hint_about_what_the_last_check_found_wrong_comes_first(lab):
    hints = [{"fr": f"{name}\n", "en": f"{name}\n", "about": name} for name in ("runs", "fails")]
    more = {"hints": hints, "checks": [check("runs", RUNS), check("fails", WRONG)]}
    lab("check", **more)
    assert lab("--lang", "en", "hint", **more)[1] == "Hint 1 of 2: fails\n"
    assert lab("--lang", "en", "hint", **more)[1] == "Hint 2 of 2: runs\n"


def test_each_exercise_has_hints_of_its_own(lab):
    lab("hint")
    lab("hint")
    assert lab("hint", name="other") == (0, hint(1))
    assert lab("hint") == (0, hint(3))


def test_no_hints(lab):
    assert lab("--lang", "en", "hint", hints=[]) == (0, "This exercise has no hints.\n")


DAMAGED = ["", "two", "[]", '{"hints": "1"}', '{"hints": [0], "last_check": {"at": 1}}', "\x00"]


@pytest.mark.parametrize("text", DAMAGED)
def test_hints_begin_again_where_what_was_kept_is_damaged(lab, tmp_path, text):
    (tmp_path / "state" / "lab").mkdir(parents=True)
    (tmp_path / "state" / "lab" / "smtp_server.json").write_text(text)
    assert lab("--lang", "en", "hint") == (0, "Hint 1 of 3: hint 1\n")
    assert lab("--lang", "en", "hint") == (0, "Hint 2 of 3: hint 2\n")


def test_a_hint_is_given_where_nothing_can_be_kept(lab, tmp_path):
    (tmp_path / "state").write_text("a file where a folder should be")
    assert lab("--lang", "en", "hint") == (0, "Hint 1 of 3: hint 1\n")


def test_alone_it_says_where_one_is(lab):
    code, text = lab("--lang", "en")
    assert code == 0
    assert text.startswith(
        "Exercise: A server (smtp_server)\nNot checked yet.\nHints: 0 of 3 given\n"
    )
    assert "lab check" in text
    lab("check")
    lab("hint")
    code, text = lab()
    assert text.startswith(f"Exercice{NARROW}: Un serveur (smtp_server)\n")
    assert f"Dernière vérification{NARROW}: 1 sur 1, le " in text
    assert f"Indices{NARROW}: 1 sur 3 donnés" in text


ASKS = {"answer": {"question": {"fr": "Pourquoi ?", "en": "Why?"}, "matches": "loop"}}


def test_it_says_that_there_are_questions_where_there_are(lab):
    assert "lab answer" in lab(checks=[check("asks", ASKS)])[1]
    assert "lab answer" not in lab()[1]


def test_questions_are_shown_answered_and_checked(lab):
    more = {"checks": [check("asks", ASKS), check("runs", RUNS)]}
    assert lab("--lang", "en", "answer", **more) == (
        0,
        "1. Why?\n   (no answer yet)\nTo answer the first one: lab answer 1 TEXT\n",
    )
    assert lab("check", **more)[0] == 1
    code, text = lab("--lang", "en", "answer", "1", "against", "loops", **more)
    assert (code, text) == (0, "Answer 1 is kept; lab check checks it.\n")
    assert "against loops" in lab("answer", **more)[1]


@pytest.mark.parametrize("words", [["2", "x"], ["0", "x"], ["x", "y"], ["1"], ["²", "x"]])
def test_what_is_no_answer_is_refused(lab, words):
    code, text = lab("answer", *words, checks=[check("asks", ASKS)])
    assert (code, "lab answer 1 TEXTE" in text) == (2, True)


def test_an_exercise_may_ask_nothing(lab):
    assert lab("--lang", "en", "answer") == (0, "This exercise asks no question.\n")


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
        "    tried: Run: false\n"
        "    expected: exit code 0\n"
        "    seen: exit code 1\n"
        "- It after: not checked\n"
        '    to be done first: "It fails"\n'
        "0 of 2\n"
    )


def test_what_is_not_known_says_why(lab):
    text = lab("check", checks=[check("world", UNKNOWN)])[1]
    assert text.startswith(f"? Il world{NARROW}: vérification impossible\n")
    assert "cette vérification a besoin du monde extérieur" in text


def test_the_world_is_the_one_that_the_file_names(lab):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    code, text = lab("check", checks=[check("world", UNKNOWN)], world=["127.0.0.1", port])
    assert (code, f"127.0.0.1 port {port}" in text) == (3, True)


def test_the_password_logs_in(lab, monkeypatch):
    passwords = []

    def checks(_checks, context):
        passwords.extend(map(context.password_of, ["tech", "prof"]))
        yield from ()

    monkeypatch.setattr(lab_check, "check_machine", checks)
    lab("check")
    assert passwords == ["secret", "ot:her"]


def test_checks_need_root(lab, monkeypatch):
    def refuse(self, *_words, **_more):
        raise PermissionError(13, "Permission denied", str(self))

    read = lab_command.Path.read_text
    monkeypatch.setattr(
        lab_command.Path,
        "read_text",
        lambda self, *words, **more: (refuse if self.name == "passwords" else read)(
            self, *words, **more
        ),
    )
    for there, words in (("/usr/bin/sudo", "sudo lab check"), (None, "su -, puis lab check")):
        monkeypatch.setattr(lab_command.shutil, "which", lambda _name, there=there: there)
        code, text = lab("check")
        assert (code, words in text) == (3, True)
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


MISUSED = {
    "another verb": (["solve"], f"«{NARROW}solve{NARROW}» n'est pas une commande de lab."),
    "a misspelt verb": (["chek"], f"Vouliez-vous dire «{NARROW}check{NARROW}»{NARROW}?"),
    "two verbs": (["text", "check"], f"«{NARROW}check{NARROW}»"),
    "an option": (["--colour"], f"«{NARROW}--colour{NARROW}»"),
    "another language": (["--lang", "de", "text"], f"«{NARROW}de{NARROW}» n'est pas une langue"),
    "no language": (["--lang"], "usage"),
}


@pytest.mark.parametrize(("words", "said"), MISUSED.values(), ids=MISUSED)
def test_what_is_no_call_of_it_is_refused_in_french(lab, words, said):
    code, text = lab(*words)
    assert (code, said in text) == (2, True)
    assert f"usage{NARROW}: lab" in text
    assert "invalid" not in text


def test_help_is_in_the_language_of_the_session(lab):
    assert lab("--help")[1].startswith(f"usage{NARROW}: lab")
    assert "show this" not in lab("--help")[1]
    assert lab("--lang", "en", "-h")[1].startswith("usage: lab")


def test_who_reads_no_further_ends_it_without_a_traceback(tmp_path):
    (tmp_path / "exercise.json").write_text(json.dumps(EXERCISE))
    program = (
        "import sys; from pathlib import Path\n"
        f"from {lab_command.__name__} import main\n"
        "import time; sys.stdin.read()\n"
        f"sys.exit(main(['text'], Path({str(tmp_path / 'exercise.json')!r})))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 141


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
    assert lab_command.language(environment) == language
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert lab("text")[1].startswith(EXERCISE["title"][language])


def test_both_languages_say_the_same_things():
    assert set(WORDS["fr"]) == set(WORDS["en"])


def test_colours_are_for_terminals():
    result = {"title": {"en": "It runs"}, "outcome": "passed"}
    assert list(shown(result, "en")) == ["✓ It runs: passed"]
    assert list(shown(result, "en", True)) == ["\033[32m✓\033[0m It runs: passed"]


def test_hints_are_kept_at_home(lab, monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setitem(os.environ, "HOME", str(tmp_path))
    lab("hint")
    kept = json.loads((tmp_path / ".local/state/lab/smtp_server.json").read_text())
    assert kept["hints"] == [0]
