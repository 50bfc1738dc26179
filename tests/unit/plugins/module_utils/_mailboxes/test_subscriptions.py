"""Subscriptions to folders in the file of each server, as the servers themselves wrote them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._mailboxes import (
    subscriptions as _subscriptions,
)
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.subscriptions import KINDS

FOLDERS = [("cours",), ("Été",), ("cours", "A & B")]

FILES = {
    ("dovecot", "maildir"): "V\t2\n\ncours\nÉté\ncours\tA & B\n",
    ("dovecot", "mbox"): "V\t2\n\ncours\n&AMk-t&AOk-\ncours\tA &- B\n",
    ("courier", "maildir"): "INBOX.cours\nINBOX.Été\nINBOX.cours.A & B\n",
    ("uw_imap", "mbox"): "cours\n&AMk-t&AOk-\ncours/A &- B\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_is_read_and_written(kind):
    assert KINDS[kind].folders(FILES[kind]) == FOLDERS
    assert KINDS[kind].text([*FOLDERS, FOLDERS[0]]) == FILES[kind]


def test_dovecots_first_version_is_read_too():
    assert KINDS["dovecot", "mbox"].folders("cours\ncours/A &- B\n") == [FOLDERS[0], FOLDERS[2]]
    assert KINDS["dovecot", "maildir"].folders("cours.A & B\n") == [FOLDERS[2]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_inbox_is_no_folder(kind):
    assert KINDS[kind].folders("INBOX\ncours\n") == [("cours",)]


@pytest.mark.parametrize("start", KINDS)
@pytest.mark.parametrize("end", KINDS)
def test_they_move_from_any_server_to_any(tmp_path, start, end):
    path = tmp_path / KINDS[start].path
    path.parent.mkdir(exist_ok=True)
    path.write_text(FILES[start], encoding="utf-8")
    before = [] if start == end else [str(path)]
    assert _subscriptions.move(str(tmp_path), *end, True) == before
    assert path.read_text(encoding="utf-8") == FILES[start]
    assert _subscriptions.move(str(tmp_path), *end, False) == before
    target = tmp_path / KINDS[end].path
    assert target.read_text(encoding="utf-8") == FILES[end]
    files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert files == [target]
    assert _subscriptions.move(str(tmp_path), *end, False) == []


def test_what_is_there_already_stays(tmp_path):
    (tmp_path / "Maildir").mkdir()
    Path(tmp_path, "Maildir/courierimapsubscribed").write_text("INBOX.a\nINBOX.cours\n")
    Path(tmp_path, ".mailboxlist").write_text("cours\nb\n")
    _subscriptions.move(str(tmp_path), "courier", "maildir", False)
    text = Path(tmp_path, "Maildir/courierimapsubscribed").read_text()
    assert text == "INBOX.a\nINBOX.cours\nINBOX.b\n"


def test_a_link_is_not_followed(tmp_path):
    Path(tmp_path, "secret").write_text("a\n")
    Path(tmp_path, ".mailboxlist").symlink_to(tmp_path / "secret")
    assert _subscriptions.move(str(tmp_path), "courier", "maildir", False) == []
