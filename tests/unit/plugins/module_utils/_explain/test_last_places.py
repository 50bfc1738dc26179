"""What keeps an agent from writing, and which programs are not there."""

from __future__ import annotations

import os

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain.last_places import (
    Rights,
    missing_program,
    not_in_maildir,
    not_written,
)

OWNER = Rights(os.getuid() or 4242, os.getgid() or 4242)
STRANGER = Rights(65534, 65534)
ROOT = Rights(0, 0)


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("/bin/sh -c x", ""),
        ("/nowhere/program x", "/nowhere/program"),
        ("/etc", "/etc"),
        ("/etc/passwd", "/etc/passwd"),
        # A shell is asked for these, and says itself what it misses.
        ("/nowhere/program 'x'", ""),
        ("exit 75", ""),
        ("", ""),
    ],
)
def test_programs(command, missing):
    assert missing_program(command) == missing


@pytest.fixture
def place(tmp_path):
    """A directory of the owner's that others may look into."""
    for each in (tmp_path, *tmp_path.parents):
        if not each.stat().st_mode & 0o001:
            each.chmod(0o755)
    if not os.getuid():
        os.chown(tmp_path, OWNER.uid, OWNER.gid)
    return tmp_path


def owned(path, mode):
    if not os.getuid():
        os.chown(path, OWNER.uid, OWNER.gid)
    path.chmod(mode)


@pytest.mark.parametrize(
    ("mode", "rights", "said"),
    [
        (0o600, OWNER, ""),
        (0o600, STRANGER, "cannot be written"),
        (0o666, STRANGER, ""),
        (0o400, OWNER, "cannot be written"),
        (0o400, ROOT, ""),
        (0o060, OWNER, "cannot be written"),
    ],
)
def test_files_that_are_there(place, mode, rights, said):
    path = place / "box"
    path.write_text("x")
    owned(path, mode)
    why = not_written(str(path), rights)
    assert said in why
    assert bool(why) == bool(said)


@pytest.mark.parametrize(("rights", "fails"), [(OWNER, False), (STRANGER, True), (ROOT, False)])
def test_files_that_are_not_there(place, rights, fails):
    assert bool(not_written(str(place / "box"), rights)) == fails
    assert not_written(str(place / "no" / "box"), rights)


def test_a_lock_takes_the_directory(place):
    path = place / "box"
    path.write_text("x")
    owned(path, 0o666)
    assert not not_written(str(path), STRANGER)
    assert ".lock" in not_written(str(path), STRANGER, dot_lock=True)


def test_a_directory_that_may_not_be_searched(place):
    inner = place / "inner"
    inner.mkdir()
    path = inner / "box"
    path.write_text("x")
    owned(path, 0o666)
    owned(inner, 0o700)
    assert not_written(str(path), STRANGER)
    assert not not_written(str(path), OWNER)


def test_a_directory_is_no_mbox_and_one_that_is_full_takes_no_more(place):
    assert "is a directory" in not_written(str(place), ROOT)
    path = place / "box"
    path.write_text("x" * 100)
    assert "full" in not_written(str(path), ROOT, most_bytes=99)
    assert not not_written(str(path), ROOT, most_bytes=100)


@pytest.mark.parametrize(("rights", "fails"), [(OWNER, False), (STRANGER, True), (ROOT, False)])
@pytest.mark.parametrize("there", [(), ("a",), ("a", "a/b", "a/b/tmp", "a/b/new")])
def test_maildirs(place, rights, fails, there):
    for name in there:
        (place / name).mkdir()
        owned(place / name, 0o755)
    assert bool(not_in_maildir(f"{place}/a/b/", rights)) == fails
