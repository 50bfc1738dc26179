"""The phases of a restore that need no machine of their own."""

from __future__ import annotations

import fcntl
import os

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine import restore


def test_of_two_runs_one_is_busy(tmp_path):
    lock = str(tmp_path / "lock")
    with restore.alone(lock), pytest.raises(restore.BusyError), restore.alone(lock):
        pass
    with restore.alone(lock):
        pass


def test_the_lock_is_nobodys_afterwards(tmp_path):
    lock = tmp_path / "lock"
    with pytest.raises(ConfigError), restore.alone(str(lock)):
        raise ConfigError("x")
    with open(lock, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Machine:
    """Writes down what is run; apt-get says what it is told to."""

    def __init__(self, fails=""):
        self.ran = []
        self.fails = fails

    def __call__(self, *words):
        self.ran.append(" ".join(words))
        if self.fails and self.fails in words:
            return 100, "", "E: Unable to fetch\nsome archives"
        return 0, "", ""


def test_packages_are_fetched_through_the_proxy():
    run = Machine()
    restore.reinstall(["curl", "bash"], run, "http://172.30.177.2:3142")
    assert [line.split()[:4] for line in run.ran] == [
        ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get"]
    ] * 2
    assert all("Acquire::http::Proxy=http://172.30.177.2:3142" in line for line in run.ran)
    assert run.ran[1].endswith("install --reinstall --allow-downgrades curl bash")


@pytest.mark.parametrize("command", ["update", "install"])
def test_packages_that_cannot_be_fetched_are_named(command):
    with pytest.raises(
        ConfigError, match=rf"apt-get {command} failed while curl .* Unable to fetch"
    ):
        restore.reinstall(["curl"], Machine(command))


def test_homes_are_cleared_given_or_removed(tmp_path):
    (tmp_path / "prof" / "mail").mkdir(parents=True)
    own = {"prof": os.getuid() or 1}
    cleared = restore.restore_homes(
        True, {"prof": (tmp_path / "prof").stat().st_uid}, str(tmp_path)
    )
    assert cleared == [str(tmp_path / "prof" / "mail")]
    assert restore.restore_homes(False, own, str(tmp_path)) == [str(tmp_path / "prof")]
    assert not (tmp_path / "prof").exists()
