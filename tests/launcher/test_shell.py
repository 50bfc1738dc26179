"""A shell on a machine: by this lab's key, to the machine that has the host key."""

import pytest
from rich.console import Console

from launcher import shell
from launcher.command import parser
from launcher.settings import Settings, SettingsError


@pytest.fixture
def called(monkeypatch):
    calls = []

    class Done:
        returncode = 3

    monkeypatch.setattr(shell.settings, "needed", lambda: Settings(students=2))
    monkeypatch.setattr(shell.subprocess, "run", lambda call, check: calls.append(call) or Done())
    return calls


def run(*words):
    return shell.shell(parser().parse_args(["shell", *words]), Console())


def test_a_shell_is_roots_and_its_exit_code_is_that_of_the_command(called):
    assert run("student2") == 3
    (call,) = called
    assert call[-4:] == ["-l", "root", "--", "172.30.177.12"]
    assert "StrictHostKeyChecking=yes" in call
    assert "PreferredAuthentications=publickey" in call


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (["tail", "-f", "/var/log/mail.log"], "tail -f /var/log/mail.log"),
        (["echo", "a b;c"], "echo 'a b;c'"),
        (["postconf", "-n"], "postconf -n"),
    ],
)
def test_a_command_arrives_as_it_was_typed(called, words, sent):
    run("student1", *words)
    assert called[0][-2:] == ["172.30.177.11", sent]


def test_the_world_has_one_too(called):
    run("world")
    assert called[0][-1] == "172.30.177.2"


@pytest.mark.parametrize("word", ["all", "tous"])
def test_a_shell_is_on_one_machine(called, word):
    with pytest.raises(SettingsError, match=f"{word}: name one machine, such as student1."):
        run(word)
    assert not called


def test_a_machine_that_is_none_is_refused(called):
    with pytest.raises(SettingsError, match="did you mean student1"):
        run("studen1")
    assert not called
