from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files import atomic as files
from ansible_collections.labs.mail.plugins.module_utils._files import reading

OLD, NEW = b"a = 1\n", b"a = 2\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "main.cf"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def to_new(_before):
    return NEW


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def refuse(*_arguments):
    raise ConfigError("refused")


LARGE = b"x" * ((1 << 20) + 1)


@pytest.mark.parametrize("data", [b"", OLD, LARGE])
def test_what_a_file_holds_is_told_from_anything_else(path, data):
    path.write_bytes(data)
    assert reading.holds(str(path), data)
    for other in (data + b"x", data[:-1] + b"y", b"y" + data[1:]):
        assert not reading.holds(str(path), other)


def test_a_changed_file_keeps_its_mode_and_leaves_nothing_beside_it(path):
    assert files.edit(str(path), to_new) == (OLD, NEW)
    assert (path.read_bytes(), mode(path)) == (NEW, 0o640)
    assert os.listdir(path.parent) == ["main.cf"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_changed_file_keeps_its_owner(path):
    os.chown(path, 12, 34)
    files.edit(str(path), to_new)
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (12, 34, 0o640)


def test_a_file_that_is_as_wanted_is_not_touched(path):
    before = path.stat()
    assert files.edit(str(path), lambda held: held) == (OLD, OLD)
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    assert os.listdir(path.parent) == ["main.cf"]


def test_a_new_file_can_be_read_by_all_whatever_the_umask(tmp_path):
    path = tmp_path / "new"
    umask = os.umask(0o077)
    try:
        assert files.edit(str(path), to_new) == (None, NEW)
    finally:
        os.umask(umask)
    assert (path.read_bytes(), mode(path)) == (NEW, 0o644)


def test_a_file_is_removed_where_it_is_to_hold_nothing(path):
    assert files.edit(str(path), lambda held: None) == (OLD, None)
    assert os.listdir(path.parent) == []


@pytest.mark.parametrize("nothing", ["missing", "main.cf/below"])
def test_where_there_is_no_file_there_is_nothing_to_read(path, nothing):
    assert reading.read_file(str(path.parent / nothing)) is None


def as_file_link(path):
    link = path.with_name("link")
    link.symlink_to(path.name)
    return link


def as_folder_link(path):
    folder = path.parent.with_name(path.parent.name + "-link")
    folder.symlink_to(path.parent)
    return folder / path.name


def as_relative(path):
    return Path(path.name)


@pytest.mark.parametrize("name", [as_file_link, as_folder_link, as_relative])
def test_a_file_may_be_named_in_other_ways(path, name, monkeypatch):
    monkeypatch.chdir(path.parent)
    given = name(path)
    was_link = given.is_symlink()
    assert files.edit(str(given), to_new) == (OLD, NEW)
    assert path.read_bytes() == NEW
    assert given.is_symlink() == was_link
    assert not path.is_symlink()
    assert not list(path.parent.glob("*.tmp"))


@pytest.mark.parametrize("stage", ["decide", "before_replace"])
def test_what_is_refused_leaves_all_as_it_was(path, stage):
    before = path.stat()
    steps = {"decide": to_new, stage: refuse}
    with pytest.raises(ConfigError, match="refused"):
        files.edit(str(path), **steps)
    assert path.read_bytes() == OLD
    assert path.stat().st_ino == before.st_ino
    assert os.listdir(path.parent) == ["main.cf"]


def test_the_new_file_can_be_looked_at_and_closed_before_it_has_its_name(path):
    seen = []

    def before_replace(aside):
        seen.append((Path(aside).read_bytes(), path.read_bytes(), mode(Path(aside))))
        os.chmod(aside, 0o600)

    files.edit(str(path), to_new, before_replace)
    assert seen == [(NEW, OLD, 0o640)]
    assert mode(path) == 0o600


@pytest.mark.parametrize("old", [None, 0o644])
@pytest.mark.parametrize("left", [None, 0o666])
def test_a_new_mode_is_there_before_the_text_is(path, monkeypatch, old, left):
    """Nobody else can open the new file at any moment, even where a killed run left one."""
    path.chmod(0o644)
    aside = path.with_name("main.cf.tmp")
    if old is None:
        path.unlink()
    if left is not None:
        aside.touch()
        aside.chmod(left)
    seen = []

    def watched(name):
        real = getattr(os, name)

        def call(handle, *arguments):
            result = real(handle, *arguments)
            if stat.S_ISREG(os.fstat(handle).st_mode):
                seen.append(stat.S_IMODE(os.fstat(handle).st_mode))
            return result

        monkeypatch.setattr(os, name, call)

    for name in ("write", "fchmod", "fsync"):
        watched(name)
    files.edit(str(path), to_new, mode=0o600)
    assert set(seen) == {0o600}
    assert (path.read_bytes(), mode(path)) == (NEW, 0o600)


def test_a_mount_point_is_written_in_place(path, monkeypatch):
    inode = path.stat().st_ino

    def rename(_source, _target):
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(os, "rename", rename)
    files.edit(str(path), lambda held: b"x")
    assert (path.read_bytes(), path.stat().st_ino) == (b"x", inode)
    assert os.listdir(path.parent) == ["main.cf"]


def test_a_killed_run_is_no_obstacle(path):
    path.with_name("main.cf.tmp").write_bytes(b"half a file, longer than the new one")
    files.edit(str(path), to_new)
    assert path.read_bytes() == NEW
    assert os.listdir(path.parent) == ["main.cf"]


def test_who_does_not_let_go_of_the_lock_is_named(path):
    with open(f"{path}.tmp", "wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        lock = files.locked(str(path), timeout=0.05)
        with pytest.raises(ConfigError, match=r"fuser .*main\.cf\.tmp") as caught:
            lock.__enter__()
    assert caught.value.path == str(path)


def test_an_edit_waits_for_whoever_has_the_lock_and_sees_what_they_wrote(path):
    aside = f"{path}.tmp"
    held = os.open(aside, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    result = []
    thread = threading.Thread(
        target=lambda: result.append(files.edit(str(path), lambda data: data + b"ours\n"))
    )
    thread.start()
    # As postconf does: fill the locked file, and give it the name.
    os.write(held, b"theirs\n")
    os.rename(aside, path)
    os.close(held)
    thread.join(10)
    assert result == [(b"theirs\n", b"theirs\nours\n")]
    assert path.read_bytes() == b"theirs\nours\n"


COUNT = """
import sys
from ansible_collections.labs.mail.plugins.module_utils._files.atomic import edit
for _time in range(25):
    edit(sys.argv[1], lambda held: b"%d" % (int(held) + 1))
"""


@pytest.mark.slow
def test_runs_at_the_same_time_lose_nothing(path):
    path.write_bytes(b"0")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", COUNT, str(path)]
    runs = [subprocess.Popen(command, env=environment) for _run in range(3)]
    assert [run.wait(30) for run in runs] == [0, 0, 0]
    assert path.read_bytes() == b"75"


@pytest.mark.parametrize(
    ("name", "words"),
    [("no/such/main.cf", "does not exist; create it first"), ("folder", "is a directory")],
)
def test_what_cannot_be_a_file_is_said(tmp_path, name, words):
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match=words):
        files.edit(str(tmp_path / name), to_new)
    assert os.listdir(tmp_path) == ["folder"]


def test_what_stands_in_the_place_of_a_file_is_said_at_once(path):
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ConfigError, match="main.cf: is a FIFO, where a file must be; move it away"):
        files.edit(str(path), to_new)
    assert os.listdir(path.parent) == ["main.cf"]


def planted_by_another(aside):
    aside.write_bytes(b"")
    os.chown(aside, 12, 34)


def planted_with_another_name(aside):
    aside.write_bytes(b"")
    os.link(aside, aside.with_name("mine"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("plant", [planted_by_another, planted_with_another_name, os.mkfifo])
def test_a_file_aside_that_somebody_planted_is_not_written_to(path, plant):
    aside = path.with_name("main.cf.tmp")
    plant(aside)
    # A FIFO needs a reader, which opening it for reading and writing is.
    with open(os.open(aside, os.O_RDWR | os.O_NONBLOCK), "rb") as held:
        files.edit(str(path), to_new)
        assert held.read(1) in (b"", None)
    assert path.read_bytes() == NEW
    assert path.stat().st_uid == os.geteuid()
    assert not aside.exists()
