"""What is said where there is no engine, or one that cannot be used; nothing is installed here."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from launcher import engine
from launcher.engine import EngineError


@pytest.fixture
def path(tmp_path, monkeypatch):
    """An empty folder that alone is searched for programs, on a machine where nobody answers."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "_connect", lambda: None)
    monkeypatch.setattr(engine, "LOG", tmp_path / "dockerd.log")
    monkeypatch.setattr(engine, "SYSTEMD", tmp_path / "no-systemd")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


def program(folder, name, text):
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def refused(console):
    with pytest.raises(EngineError) as caught:
        engine.ensure(console)
    return str(caught.value)


def test_who_is_not_root_is_told_what_to_do(path, console, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    text = refused(console)
    assert text.startswith("No container engine answers, and only root may install one")
    assert "run make as root" in text


def test_an_engine_elsewhere_that_does_not_answer_is_named(path, console, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    assert "No container engine answers at DOCKER_HOST=tcp://192.0.2.1:2375" in refused(console)


def test_nothing_can_be_installed_where_apt_is_not(path, console):
    text = refused(console)
    assert "no Debian or Ubuntu machine: install docker.io iptables mmdebstrap" in text


def test_what_apt_says_is_shown(path, console):
    program(path, "apt-get", 'echo "E: no network" >&2; exit 100')
    assert refused(console) == "apt-get update -qq failed: E: no network"


def test_apt_asks_nothing(path, console, tmp_path):
    log = tmp_path / "asked"
    program(path, "apt-get", f'echo "$DEBIAN_FRONTEND $@" >> {log}')
    engine.install(console, ["docker.io"])
    assert log.read_text().splitlines() == [
        "noninteractive update -qq",
        "noninteractive install -y -qq --no-install-recommends docker.io",
    ]


def test_only_root_installs(path, console, monkeypatch):
    program(path, "apt-get", "exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EngineError, match=r"run `apt-get install mmdebstrap` as root"):
        engine.install(console, ["mmdebstrap"])


def test_a_daemon_that_ends_at_once_is_not_waited_for(path, console):
    program(path, "dockerd", 'echo "failed to mount cgroups" >&2; exit 1')
    text = refused(console)
    assert "dockerd cannot run here" in text
    assert text.endswith("failed to mount cgroups")
    assert str(engine.LOG) in text


def test_a_daemon_that_never_answers_is_given_up(path, console, monkeypatch):
    monkeypatch.setattr(engine, "START_SECONDS", 0)
    program(path, "dockerd", "exit 0")
    assert "did not answer within 0 s" in refused(console)


def client(*options, found=()):
    collection = SimpleNamespace(list=lambda **_asked: list(found))
    return SimpleNamespace(
        info=lambda: {"SecurityOptions": list(options)}, containers=collection, networks=collection
    )


def test_a_rootless_engine_is_refused(path, console, monkeypatch):
    monkeypatch.setattr(engine, "_connect", lambda: client("name=seccomp", "name=rootless"))
    assert "The engine is rootless" in refused(console)


def test_ssh_is_installed_where_it_lacks(path, console, monkeypatch):
    monkeypatch.setattr(engine, "_connect", client)
    installed = []
    monkeypatch.setattr(engine, "install", lambda _console, packages: installed.append(packages))
    engine.ensure(console)
    program(path, "ssh-keygen", "exit 0")
    engine.ensure(console)
    assert installed == [["openssh-client"]]


@pytest.mark.parametrize(("found", "has"), [([], False), (["something"], True)])
def test_whether_the_engine_has_anything_of_a_lab(found, has):
    assert engine.has_lab(client(found=found), "maillab") is has
