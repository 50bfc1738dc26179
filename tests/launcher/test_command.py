"""From make's command line to an exit code and one sentence."""

from __future__ import annotations

import os
import subprocess

import docker
import pytest
import requests

from launcher import command
from launcher.engine import EngineError
from launcher.playbook import PlaybookError
from launcher.settings import CHECKS, ROOT, SettingsError

ERRORS = {
    "settings": SettingsError("LAB=[/x]: no"),
    "engine": EngineError("No container engine answers."),
    "playbook": PlaybookError("playbooks/up.yml failed; the reason stands above."),
    "broken off": requests.exceptions.ConnectionError("Connection aborted."),
    "refused": docker.errors.APIError("conflict"),
}


def run(monkeypatch, capsys, error=None):
    given = []

    def verb(variables, _console):
        given.append(variables)
        if error:
            raise error

    monkeypatch.setitem(command.VERBS, "up", command.Verb(command.made_of(verb), "Bring it up"))
    code = command.main(["up", "STUDENTS=2", "LAB=a=b"])
    assert given == [{"STUDENTS": "2", "LAB": "a=b"}]
    return code, capsys.readouterr().out


def test_a_verb_gets_the_variables_and_its_success_is_the_commands(monkeypatch, capsys):
    assert run(monkeypatch, capsys) == (0, "")


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_what_went_wrong_is_said_in_one_line(monkeypatch, capsys, error):
    code, output = run(monkeypatch, capsys, error)
    assert code == 1
    assert output.startswith("up: ")
    assert output.endswith(f"{error}\n")
    assert output.count("\n") == 1


def test_who_interrupts_is_told_how_it_goes_on(monkeypatch, capsys):
    code, output = run(monkeypatch, capsys, KeyboardInterrupt())
    assert code == 130
    assert "run the same command again" in output


WORDS = {
    "nothing": ([], ""),
    "variables": (["STUDENTS=3", "DEBIAN=13"], "'STUDENTS=3' 'DEBIAN=13'"),
    "unknown": (["FOO=x"], "'FOO=x'"),
    "empty": (["STUDENTS="], "'STUDENTS='"),
    "two words": (["LAB=a b"], "'LAB=a b'"),
}


@pytest.mark.parametrize(("words", "passed_on"), WORDS.values(), ids=WORDS)
@pytest.mark.parametrize(("target", "verb"), [("lab", "up"), ("down", "down"), ("image", "image")])
def test_make_passes_every_variable_on(target, verb, words, passed_on):
    assert passed(target, words, {}, verb) == sorted(passed_on.split())


SHELL = {
    "a lab's": (["DEBIAN=13"], {"STUDENTS": "3"}, "'STUDENTS=3' 'DEBIAN=13'"),
    "others": ([], {"FOO": "x", "LABEL": "y"}, ""),
    "both": (["STUDENTS=4"], {"STUDENTS": "3"}, "'STUDENTS=4'"),
}


@pytest.mark.parametrize(("words", "shell", "passed_on"), SHELL.values(), ids=SHELL)
def test_make_takes_a_labs_variables_from_the_environment(words, shell, passed_on):
    assert passed("lab", words, shell, "up") == sorted(passed_on.split())


def passed(target, words, shell, verb):
    """Return the words that make gives the launcher."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    for name in CHECKS:
        environment.pop(name, None)
    output = subprocess.run(
        ["make", "--dry-run", target, *words],
        cwd=ROOT, env={**environment, **shell}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return sorted(output.splitlines()[-1].partition(f"-m launcher {verb}")[2].split())
