from __future__ import annotations

import os

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system import restart_notes, restarts
from ansible_collections.labs.mail.plugins.module_utils._system.restarts import Start, is_due


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(restart_notes, "STATE", tmp_path / "state")
    return tmp_path / "state"


DUE = {
    # what is known of the last start, when a restart was noted, what the command answers now,
    # when the configuration was changed: whether a restart is due
    "nothing": ((Start(100.0, "all"), 0.0, "all", 50.0), False),
    "noted since": ((Start(100.0, "all"), 101.0, "all", 50.0), True),
    "noted since, and no command": ((Start(100.0), 101.0, None, 50.0), True),
    "noted before": ((Start(100.0, "all"), 99.0, "all", 50.0), False),
    "changed by hand": ((Start(100.0, "all"), 0.0, "loopback-only", 150.0), True),
    "changed by hand, and back": ((Start(100.0, "all"), 0.0, "all", 150.0), False),
    "an unknown start before the change": ((Start(100.0), 0.0, "all", 150.0), True),
    "an unknown start after the change": ((Start(100.0), 0.0, "all", 50.0), False),
    "no command": ((Start(100.0, "all"), 0.0, None, 150.0), False),
}


@pytest.mark.parametrize(("asked", "due"), DUE.values(), ids=DUE)
def test_when_a_restart_is_due(asked, due):
    assert is_due(*asked) is due


def test_a_start_is_remembered():
    restarts.remember_start("postfix@-", Start(100.5, "all\n"))
    assert restarts.last_start("postfix@-", 100.0) == Start(100.5, "all\n")
    assert restarts.last_start("postfix", 100.0) == Start(100.0)


def test_a_start_by_somebody_else_is_unknown():
    restarts.remember_start("postfix", Start(100.5, "all"))
    assert restarts.last_start("postfix", 101.0) == Start(101.0)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": "x", "answer": ""}', "null"])
def test_what_is_damaged_is_not_known(state, text):
    restarts.remember_start("postfix", Start(100.5, "all"))
    [path] = (state / "start").iterdir()
    path.write_text(text)
    assert restarts.last_start("postfix", 100.0) == Start(100.0)


@pytest.mark.parametrize("asked", ["main.cf", ".", "..", "link", "link/main.cf"])
def test_a_note_counts_for_its_file_and_what_is_above(tmp_path, asked):
    folder = tmp_path / "100% of postfix"
    folder.mkdir()
    (folder / "link").symlink_to(folder)
    assert restart_notes.noted_at([folder / asked]) == 0.0
    restart_notes.note(str(folder / "main.cf"))
    assert restart_notes.noted_at([folder / asked]) > 0.0
    assert restart_notes.noted_at([tmp_path / "100% of", folder / "main.cf.d"]) == 0.0


def test_a_second_note_is_newer(state, tmp_path):
    restart_notes.note(str(tmp_path / "main.cf"))
    [path] = (state / "restart").iterdir()
    os.utime(path, (1, 1))
    restart_notes.note(str(tmp_path / "main.cf"))
    assert restart_notes.noted_at([tmp_path]) > 1


def test_nothing_is_noted_where_nothing_can_be_written(state):
    state.write_text("")
    restart_notes.note("/etc/postfix/main.cf")
    assert restart_notes.noted_at([]) == 0.0


def test_a_start_that_took_its_time_is_known_by_when_it_was_over():
    """systemd says when a unit had become active, seconds after it was told on a busy machine."""
    slow = Start(100.5, "all\n", entered=104.0)
    restarts.remember_start("postfix", slow)
    assert restarts.last_start("postfix", 104.0) == slow
    assert restarts.last_start("postfix", 105.0) == Start(105.0)
    # What was noted while it started may not have been read.
    assert restarts.is_due(slow, 102.0, "all\n", 0.0)
