"""What is done as an account is done in a process of its own, and its errors come back."""

from __future__ import annotations

import os

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.as_account import as_account
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.locks import ForeignFileError


@pytest.fixture
def asked(monkeypatch):
    """Play root; returns what the system was asked for in the process of the account."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    asked = []
    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, lambda value, name=name: asked.append((name, value)))
    return asked


def test_root_becomes_the_account_in_another_process(asked):
    number, rights = as_account(1000, 1001, [1001, 8], lambda: [os.getpid(), asked])
    assert number != os.getpid()
    assert rights == [["setgroups", [1001, 8]], ["setgid", 1001], ["setuid", 1000]]
    assert not asked


def test_anybody_else_does_it_as_who_they_are(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert as_account(1001, 1001, [], os.getpid) == os.getpid()


def refuse(error):
    raise error


ERRORS = [
    (ConfigError("is odd", "/x"), "/x: is odd"),
    (ForeignFileError("/x"), "/x: is no plain file of the account; move it away"),
    (PermissionError(13, "Permission denied", "/x"), "/x: Permission denied"),
]


@pytest.mark.parametrize(("error", "text"), ERRORS)
def test_errors_come_back(asked, error, text):
    with pytest.raises(ConfigError) as caught:
        as_account(1000, 1000, [], lambda: refuse(error))
    assert str(caught.value) == text


def test_a_process_that_dies_is_no_success(asked):
    with pytest.raises(ConfigError, match="died"):
        as_account(1000, 1000, [], lambda: os._exit(1))


def test_a_mistake_of_ours_is_no_success(asked, capfd):
    with pytest.raises(ConfigError, match="died"):
        as_account(1000, 1000, [], lambda: refuse(ValueError("ours")))


def test_bytes_of_names_come_back(asked):
    assert as_account(1000, 1000, [], lambda: os.fsdecode(b"\xe9")) == os.fsdecode(b"\xe9")
