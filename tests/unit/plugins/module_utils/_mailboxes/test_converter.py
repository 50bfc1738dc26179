"""All mail of an account moves into one format and back, and a kill at any moment loses none."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._mailboxes import converter, mover
from tests.support.mail_accounts import WHEN, Home, message

INBOX = [message(1, recent=True), message(2), message(3, "RS"), message(4, "DFRST")]
FOLDERS = {
    (): INBOX,
    ("cours",): [message(5, "S"), message(5, "S")],
    ("Été", "reçus & envoyés"): [message(6, "F")],
    ("vide",): [],
}
IN_MBOX_TREE = {
    (): (),
    ("cours",): ("cours",),
    ("Été", "reçus & envoyés"): ("&AMk-t&AOk-", "re&AOc-us &- envoy&AOk-s"),
    ("vide",): ("vide",),
}


@pytest.fixture
def home(tmp_path):
    return Home.below(tmp_path)


def in_mbox(home):
    for folder, messages in FOLDERS.items():
        home.put_mbox(IN_MBOX_TREE[folder], messages)
    return home


def in_maildir(home):
    for folder, messages in FOLDERS.items():
        home.put_maildir(folder, messages)
    return home


def names_below(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))


def test_everything_moves_into_maildirs(home):
    before = in_mbox(home).mail()
    outcome = converter.to_maildir(home, False)
    assert home.mail() == before
    assert sorted(count for _source, _target, count in outcome.moved) == [0, 1, 2, 4]
    directories = {name for name in os.listdir(home.maildir) if name.startswith(".")}
    assert directories == {".cours", ".Été.reçus & envoyés", ".vide"}
    assert Path(home.inbox).read_bytes() == b""
    assert not os.path.exists(home.folders)


def test_everything_moves_into_mbox_files(home):
    before = in_maildir(home).mail()
    outcome = converter.to_mbox(home, False)
    assert home.mail() == before
    assert sorted(count for _source, _target, count in outcome.moved) == [0, 1, 2, 4]
    assert names_below(home.folders) == [
        "&AMk-t&AOk-",
        "&AMk-t&AOk-/re&AOc-us &- envoy&AOk-s",
        "cours",
        "vide",
    ]
    assert not os.path.exists(home.maildir)


@pytest.mark.parametrize("start", [in_mbox, in_maildir])
def test_there_and_back_again_twice(home, start):
    before = start(home).mail()
    for move in (converter.to_maildir, converter.to_mbox) * 2:
        move(home, False)
        assert home.mail() == before


@pytest.mark.parametrize("start", [in_mbox, in_maildir])
@pytest.mark.parametrize("move", [converter.to_maildir, converter.to_mbox])
def test_check_mode_says_what_the_run_does_and_does_nothing(home, start, move):
    start(home)
    before = names_below(Path(home.maildir).parent)
    predicted = move(home, True)
    assert names_below(Path(home.maildir).parent) == before
    done = move(home, False)
    assert done == predicted
    again = move(home, False)
    assert not again.changed
    assert again == move(home, True)


def test_dovecots_indexes_of_mbox_files_go(home):
    in_mbox(home)
    for folder in (home.folders, os.path.join(home.folders, "&AMk-t&AOk-")):
        index = Path(folder, ".imap", "cours", "dovecot.index.log")
        index.parent.mkdir(parents=True)
        index.write_bytes(b"x")
    converter.to_maildir(home, False)
    assert not os.path.exists(home.folders)


def test_uw_imap_would_take_dovecots_indexes_for_folders(home):
    in_mbox(home)
    index = Path(home.folders, ".imap")
    index.mkdir()
    assert not converter.to_mbox(home, False, "dovecot").changed
    assert converter.to_mbox(home, True, "uw_imap").removed == [str(index)]
    assert converter.to_mbox(home, False, "uw_imap").removed == [str(index)]
    assert not index.exists()
    assert not converter.to_mbox(home, False, "uw_imap").changed


def test_messages_of_one_second_keep_their_order(home):
    messages = [replace(message(number), date=WHEN) for number in range(20)]
    path = home.put_mbox((), messages)
    before = path.read_bytes()
    converter.to_maildir(home, False)
    converter.to_mbox(home, False)
    assert path.read_bytes() == before


def test_what_is_in_both_formats_comes_together(home):
    in_mbox(home)
    home.put_maildir(("cours",), [message(7, "S")])
    home.put_maildir((), [message(8, "S")])
    before = home.mail()
    converter.to_maildir(home, False)
    after = home.mail()
    assert sum(after[("cours",)].values()) == 3
    assert sum(after[()].values()) == 5
    home.put_mbox(("cours",), [message(9, "S")])
    home.put_mbox((), [message(10, "S")])
    converter.to_mbox(home, False)
    assert sum(home.mail()[("cours",)].values()) == 4
    assert sum(home.mail()[()].values()) == 6
    assert set(before[()]) <= set(home.mail()[()])


def test_a_folder_with_folders_keeps_its_messages(home):
    home.put_maildir(("a",), [message(1)])
    home.put_maildir(("a", "b"), [message(2)])
    converter.to_mbox(home, False)
    assert names_below(home.folders) == ["a", "a/a", "a/b"]


def test_a_folder_whose_file_is_in_the_way_gets_another_name(home):
    home.put_mbox(("a",), [message(1)])
    home.put_maildir(("a", "b"), [message(2)])
    converter.to_mbox(home, False)
    assert names_below(home.folders) == ["a", "a.b"]


def test_what_is_no_mbox_is_left_and_named(home):
    notes = Path(home.folders) / "notes.txt"
    notes.parent.mkdir()
    notes.write_bytes(b"From here on\n")
    Path(home.inbox).write_bytes(b"hello\n")
    (notes.parent / "link").symlink_to("/etc/passwd")
    outcome = converter.to_maildir(home, False)
    assert outcome.left == [home.inbox, str(notes.parent / "link"), str(notes)]
    assert not outcome.moved
    assert notes.exists()


def test_mail_never_goes_behind_what_is_no_mbox(home):
    Path(home.inbox).write_bytes(b"hello\n")
    home.put_maildir((), [message(1)])
    with pytest.raises(ConfigError, match="is no mbox"):
        converter.to_mbox(home, False)
    assert sum(home.mail()[()].values()) == 1


def test_no_link_is_followed(home, tmp_path):
    others = tmp_path / "others"
    others.mkdir()
    Home.below(others).put_mbox(("x",), [message(1)])
    Path(home.folders).symlink_to(others / "home" / "mail")
    assert converter.to_maildir(home, False).left == [home.folders]


def test_what_is_no_mail_stays_in_a_maildir(home):
    directory = home.put_maildir((), [message(1)])
    (directory / "dovecot-uidlist").write_text("3\n")
    (directory / "note").write_text("mine")
    converter.to_mbox(home, False)
    assert names_below(home.maildir) == ["note"]
    assert not converter.to_mbox(home, False).changed


# A kill at every moment: the process ends itself before the n-th call that changes the disk.

CALLS = ("rename", "unlink", "utime", "rmdir", "fsync", "mkdir")


def killed(move, home, moment):
    """Run a move that is killed at a moment; tell whether it was."""
    child = os.fork()
    if not child:
        left = iter(range(moment))
        for name in CALLS:
            setattr(os, name, counted(getattr(os, name), left))
        try:
            move(home, False)
        finally:
            os._exit(0)
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status)


def counted(call, left):
    def wrapper(*args, **kwargs):
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)

    return wrapper


@pytest.mark.slow
@pytest.mark.parametrize("again", [converter.to_maildir, converter.to_mbox])
@pytest.mark.parametrize(
    ("start", "move"), [(in_mbox, converter.to_maildir), (in_maildir, converter.to_mbox)]
)
def test_a_kill_at_any_moment_loses_nothing_and_doubles_nothing(
    tmp_path, monkeypatch, start, move, again
):
    # Against a kill the disk has nothing to keep, and thousands of times it takes minutes.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    moment, was_killed = 0, True
    while was_killed:
        root = tmp_path / str(moment)
        root.mkdir()
        home = start(Home.below(root))
        before = home.mail()
        was_killed = killed(move, home, moment)
        # Mail comes in before anybody runs it again.
        home.put_mbox((), [message(11, recent=True)])
        before[()].update([(message(11).text, "", True)])
        again(home, False)
        assert {key: value for key, value in home.mail().items() if value} == before, moment
        assert not list(root.rglob("*.labs-mail")), moment
        assert not list(root.rglob(mover.NOTE + "*")), moment
        moment += 1
    assert moment > 20


def test_a_mailbox_that_is_held_is_left_as_it_is(home):
    in_mbox(home)
    lock = Path(home.inbox + ".lock")
    lock.write_text(str(os.getppid()))
    held = mover.locked(home.inbox, home.uid, timeout=0.2)
    with pytest.raises(ConfigError, match="has held this mailbox"), held:
        pass
    assert lock.exists()


@pytest.mark.parametrize("holder", ["4194999", "0"])
def test_the_lock_of_the_dead_counts_for_nothing(home, holder):
    in_mbox(home)
    lock = Path(home.inbox + ".lock")
    lock.write_text(holder)
    os.utime(lock, (1, 1))
    with mover.locked(home.inbox, home.uid, timeout=0.2) as file:
        assert file.read(5) == b"From "
    assert not lock.exists()
