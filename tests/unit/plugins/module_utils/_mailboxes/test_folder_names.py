"""Names of folders in a tree of mbox files and in a Maildir."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._mailboxes import folder_names as names

IMAP = [
    # RFC 3501, 5.1.3, and the like
    ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ("Entwürfe", "Entw&APw-rfe"),
    ("Reçus & envoyés", "Re&AOc-us &- envoy&AOk-s"),
    ("a&b", "a&-b"),
    ("😀", "&2D3eAA-"),
    ("cours", "cours"),
]


@pytest.mark.parametrize(("name", "encoded"), IMAP)
def test_modified_utf_7(name, encoded):
    assert names.to_imap(name) == encoded
    assert names.from_imap(encoded) == name


@pytest.mark.parametrize("name", ["a&b", "&A-", "&!-", "&2D0-", "R&AOc"])
def test_what_is_no_modified_utf_7_is_taken_as_it_is(name):
    assert names.from_imap(name) == name


@given(st.text())
def test_every_name_survives_modified_utf_7(name):
    encoded = names.to_imap(name)
    assert encoded.isascii()
    assert names.from_imap(encoded) == name


MAILDIR = [
    ((), ""),
    (("cours",), ".cours"),
    (("cours", "Été"), ".cours.Été"),
    (("v1.2",), ".v1_2"),
    (("INBOX",), ".INBOX_"),
    (("Inbox", "x"), ".Inbox_.x"),
    (("x", "INBOX"), ".x.INBOX"),
]


@pytest.mark.parametrize(("folder", "directory"), MAILDIR)
def test_directories_of_a_maildir(folder, directory):
    assert names.in_maildir(folder) == directory


def test_a_directory_of_a_maildir_is_a_folder_again():
    assert names.of_maildir(".cours.Été") == ("cours", "Été")
    assert names.of_maildir("..") == ()


def test_mbox_files():
    assert names.in_mbox_tree(("cours", "Été")) == ("cours", "&AMk-t&AOk-")
    assert names.of_mbox_tree(("cours", "&AMk-t&AOk-")) == ("cours", "Été")


def test_no_mbox_is_hidden_or_in_another_directory():
    assert names.in_mbox_tree(("a/b",)) == ("a_b",)
    assert names.in_mbox_tree((".a",)) == ("_.a",)


def test_what_holds_folders_has_its_messages_in_one_of_them():
    both = {("a",): "", ("a", "b"): ""}
    assert next(names.file_candidates(("a",), both)) == ("a", "a")
    assert next(names.file_candidates(("a", "b"), both)) == ("a", "b")


def test_there_are_other_places_where_the_best_is_taken():
    candidates = itertools.islice(names.file_candidates(("a", "b"), {}), 3)
    assert list(candidates) == [("a", "b"), ("a.b",), ("a.b_",)]
