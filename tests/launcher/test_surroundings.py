"""The shell that a run is started from does not matter."""

from __future__ import annotations

import os
import stat

import pytest

from launcher import surroundings


def prepared(**variables):
    environment = {"HOME": "/", "PATH": "/bin", **variables}
    surroundings.prepare(environment)
    return environment


@pytest.mark.parametrize(
    "variables",
    [
        {"LANG": "fr_FR.UTF-8"},
        {"LC_ALL": "en_US.UTF-8"},
        {"LC_ALL": "C"},
        {"LANG": "fr_FR.ISO-8859-1", "LC_CTYPE": "POSIX"},
        {},
    ],
)
def test_the_locale_is_one_that_there_is(variables):
    found = prepared(**variables)
    locale = {name: value for name, value in found.items() if name.startswith(("LC_", "LANG"))}
    assert locale == {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def test_what_is_run_speaks_the_same_language(monkeypatch):
    monkeypatch.delenv("LAB_LANGUAGE")
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert prepared(LC_ALL="fr_FR.UTF-8")["LAB_LANGUAGE"] == "fr"


def test_a_long_directory_for_temporary_files_is_not_used():
    assert prepared(TMPDIR=f"/{'x' * 119}")["TMPDIR"] == "/tmp"
    assert prepared(TMPDIR="/var/tmp")["TMPDIR"] == "/var/tmp"


@pytest.mark.parametrize("home", ["", "/nowhere/at/all"])
def test_who_has_no_home_has_one(home):
    assert os.path.isdir(prepared(HOME=home)["HOME"])


def test_sockets_of_ssh_have_short_names_whatever_the_home():
    path = prepared(HOME="/")["ANSIBLE_SSH_CONTROL_PATH_DIR"]
    assert len(path) < 40
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o700


def test_the_engine_is_never_asked_through_a_proxy():
    found = prepared(http_proxy="http://192.0.2.1:3128", no_proxy="example.org")
    assert found["no_proxy"] == "example.org,localhost,127.0.0.1,::1"
    assert found["http_proxy"] == "http://192.0.2.1:3128"


@pytest.mark.parametrize("mask", [0o077, 0o000, 0o027])
def test_files_that_are_made_can_be_read_and_not_changed_by_others(tmp_path, mask):
    os.umask(mask)
    prepared()
    (tmp_path / "x").write_text("x")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o644
