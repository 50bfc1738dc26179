"""How Incus and LXD are prepared, and what is said where they do not answer."""

from __future__ import annotations

import errno
import os
from types import SimpleNamespace

import pytest

from launcher import engine, incus, inventory, providers, settings
from launcher.engine import EngineError
from launcher.settings import Settings
from tests.support.fake_incus import Daemon


@pytest.fixture
def nobody(tmp_path, monkeypatch):
    """A computer on which nobody answers, and there are no programs."""
    for name in ("INCUS_SOCKET", "LXD_SOCKET"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(incus, "BACKPORTS", tmp_path / "backports.list")
    monkeypatch.setattr(incus, "_has_backports", lambda: False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    installed = []
    monkeypatch.setattr(engine, "install", lambda _console, words: installed.append(words))
    monkeypatch.setattr(incus, "_start", lambda *_which: installed.append("started"))
    monkeypatch.setattr(incus, "_raise_limits", lambda: None)
    monkeypatch.setattr(incus, "program", lambda _name: None)
    return installed


def test_who_is_not_root_is_told_which_group_to_join(nobody, console, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EngineError, match=r"join its group \(incus-admin\), or run make as root"):
        incus.ensure("incus", console)
    assert nobody == []


@pytest.mark.parametrize(
    ("release", "name", "backports"),
    [
        ("bookworm", "incus", True),
        ("trixie", "incus", False),
        ("bookworm", "lxd", False),
    ],
)
def test_backports_are_asked_only_where_nothing_else_has_incus(
    nobody, console, monkeypatch, release, name, backports
):
    monkeypatch.setattr(incus, "release", lambda: release)
    with pytest.raises(EngineError):  # Nothing answers after all that.
        incus.ensure(name, console)
    assert incus.BACKPORTS.exists() == backports
    # Whatever the release has itself comes from there.
    assert nobody[0] == list(incus.DAEMONS[name].packages)
    assert "nftables" in nobody[0]
    assert nobody[1] == "started"


def test_an_engine_that_answers_gets_a_pool_once(tmp_path, nobody, console, monkeypatch):
    daemon = Daemon(tmp_path)
    monkeypatch.setenv("INCUS_SOCKET", daemon.socket)
    incus.ensure("incus", console)
    assert daemon.asked == ["POST /storage-pools"]
    incus.ensure("incus", console)
    assert daemon.asked == ["POST /storage-pools"]
    daemon.stop()


@pytest.fixture
def computer(monkeypatch):
    """A computer: its release, who runs the command, what answers, and what cannot be started."""
    computer = SimpleNamespace(release="bookworm", user=0, answer=set(), broken=set(), began=[])

    def ensure(name, console):
        if name in computer.broken:
            raise EngineError("it did not answer within 90 s")
        computer.began.append(name)

    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "answers", lambda: "docker" in computer.answer)
    monkeypatch.setattr(incus, "answers", lambda name: name in computer.answer)
    monkeypatch.setattr(incus, "release", lambda: computer.release)
    monkeypatch.setattr(incus, "ensure", ensure)
    monkeypatch.setattr("os.geteuid", lambda: computer.user)
    return computer


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        ({"docker"}, "docker"),
        ({"docker", "lxd"}, "lxd"),
        ({"incus", "lxd", "docker"}, "incus"),
    ],
)
def test_a_lab_that_names_no_engine_takes_one_that_answers(computer, console, answer, chosen):
    computer.answer = answer
    assert providers.default(console) == chosen
    assert computer.began == []


@pytest.mark.parametrize(
    ("release", "chosen"),
    [("bookworm", "lxd"), ("trixie", "incus"), ("noble", "incus"), ("", "docker")],
)
def test_where_none_answers_root_gets_the_safest_that_the_release_has(
    computer, console, release, chosen
):
    computer.release = release
    assert providers.default(console) == chosen


def test_where_the_safest_fails_it_is_docker_and_the_reason_is_said(computer, console):
    computer.broken = {"lxd"}
    assert providers.default(console) == "docker"
    assert "lxd: it did not answer within 90 s" in console.text


def test_who_is_not_root_starts_nothing(computer, console):
    computer.user = 1000
    assert providers.default(console) == "docker"
    assert computer.began == []


def test_a_lab_stays_on_its_engine(hosts):
    lab = Settings(engine="incus")
    inventory.write(lab)
    assert settings.up_now() == lab
    with pytest.raises(settings.SettingsError, match="has ENGINE=incus, not docker"):
        settings.read({"ENGINE": "docker"}, lab)


def test_each_lab_has_a_way_out_of_its_own():
    ways = {Settings(lab=name).uplink for name in ("maillab", "salle", "x")}
    assert len(ways) == 3
    assert all(way.startswith("172.31.2") and way.endswith("/29") for way in ways)


def test_a_lab_that_was_written_before_there_was_a_choice_is_on_docker(hosts):
    inventory.write(Settings())
    hosts.write_text(hosts.read_text().replace("    engine: docker\n", ""))
    assert settings.up_now().engine == "docker"


@pytest.mark.parametrize(("error", "ran"), [(errno.ENOTCONN, True), (errno.ENOENT, False)])
def test_what_a_dead_lxcfs_left_mounted_is_unmounted(monkeypatch, error, ran):
    commands = []

    def stat(path):
        raise OSError(error, os.strerror(error), path)

    monkeypatch.setattr(incus.os, "stat", stat)
    monkeypatch.setattr(incus.subprocess, "run", lambda words, check: commands.append(words))
    incus._unmount_dead("/var/lib/lxcfs")
    assert commands == [["umount", "--lazy", "/var/lib/lxcfs"]] * ran
