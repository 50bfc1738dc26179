"""What is to be seen of procmail's files: which, whose, and what is odd about their recipes."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._hints import recipes


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        (":0:\n* ^Subject: \\[TP\\]\ntp\n", []),
        (":0c:\n* ^Subject: \\[TP\\]\ntp\n", ["flags c"]),
        (":0:\ntp\n", ["unconditional"]),
        (":0:\n^Subject: \\[TP\\]\ntp\n", ["unconditional", "action ^"]),
        (":0:\n\n* ^Subject:\n~/tp\n", ["action ~"]),
        (":0\n* ^Subject:\n{\n  :0\n  * ^To:\n  | formail\n}\n", ["action |"]),
        (":0", ["unconditional"]),
        ("LOGFILE=$HOME/log\n# :0 c\n", []),
        ("", []),
    ],
)
def test_what_is_odd_about_recipes(text, signs):
    assert list(recipes.of_recipes(text)) == signs


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The home of the only account, whose number is that of who runs the tests."""
    account = SimpleNamespace(pw_dir=str(tmp_path), pw_uid=os.getuid() or 7)
    monkeypatch.setattr(recipes.pwd, "getpwall", lambda: [account])
    return tmp_path


def seen(home):
    return list(recipes.signs(str(home / "none")))


def test_an_account_without_a_file_shows_nothing(home):
    assert seen(home) == []


def test_a_file_that_others_can_write_shows(home):
    path = home / ".procmailrc"
    path.write_text(":0:\n* ^To:\ntp\n")
    path.chmod(0o666)
    assert "~/.procmailrc writable" in seen(home)
    path.chmod(0o644)
    assert "~/.procmailrc writable" not in seen(home)
    assert "~/.procmailrc" in seen(home)


def test_another_s_file_shows(home, monkeypatch):
    (home / ".procmailrc").write_text("")
    account = SimpleNamespace(pw_dir=str(home), pw_uid=os.getuid() + 1)
    monkeypatch.setattr(recipes.pwd, "getpwall", lambda: [account])
    assert seen(home) == ["~/.procmailrc", "~/.procmailrc another's"]


def test_what_is_no_file_is_not_waited_for(home):
    os.mkfifo(home / ".procmailrc")
    assert seen(home) == []


def test_the_system_s_file_is_seen(home):
    (home / "procmailrc").write_text(":0 c\n* ^To:\n! tech\n")
    (home / "procmailrc").chmod(0o644)
    found = [
        each for each in recipes.signs(str(home / "procmailrc")) if not each.endswith("another's")
    ]
    assert found == ["/etc/procmailrc", "/etc/procmailrc action !", "/etc/procmailrc flags c"]
