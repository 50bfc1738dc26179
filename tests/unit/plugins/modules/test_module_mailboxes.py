"""The module on made-up accounts whose homes and spool are below a folder."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.modules import mailboxes

MESSAGE = b"From tech@x Fri Mar 26 10:59:14 2021\nMessage-Id: <1@x>\n\nbonjour\n\n"


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Two people's accounts, which the user who runs the tests owns, and one of a daemon."""
    numbers = {"tech": 1000, "prof": 1001, "daemon": 1, "gone": 1002}
    entries = []
    for name, number in numbers.items():
        home = tmp_path / name
        entries.append(pwd.struct_passwd((name, "x", number, number, "", str(home), "/bin/sh")))
        if name != "gone":
            home.mkdir()
    (tmp_path / "mail").mkdir()
    monkeypatch.setattr(mailboxes, "SPOOL", str(tmp_path / "mail"))
    monkeypatch.setattr(pwd, "getpwall", lambda: entries)

    def here(uid, gid, groups, action):
        return action()

    monkeypatch.setattr(mailboxes, "as_account", here)
    monkeypatch.setattr(
        mailboxes,
        "Account",
        lambda **words: ACCOUNT(**{**words, "uid": os.geteuid()}),
    )
    return tmp_path


ACCOUNT = mailboxes.Account


@pytest.fixture
def main(run):
    return lambda check=False, **arguments: run(mailboxes.main, check, **arguments)


def test_every_person_gets_a_maildir_with_the_mail(machine, main):
    (machine / "mail" / "tech").write_bytes(MESSAGE)
    result = main(format="maildir")
    assert result["changed"]
    assert result["moved"] == [
        {
            "account": "tech",
            "source": str(machine / "mail/tech"),
            "target": str(machine / "tech/Maildir"),
            "messages": 1,
        }
    ]
    (file,) = (machine / "tech/Maildir/new").iterdir()
    assert file.read_bytes() == b"Message-Id: <1@x>\n\nbonjour\n"
    assert (machine / "prof/Maildir/cur").is_dir()
    assert not (machine / "daemon/Maildir").exists()
    assert not (machine / "gone").exists()
    assert not main(format="maildir")["changed"]


def test_check_mode_gives_the_same_result_and_does_nothing(machine, main):
    (machine / "mail" / "tech").write_bytes(MESSAGE)
    predicted = main(True, format="maildir")
    assert (machine / "mail" / "tech").read_bytes() == MESSAGE
    assert not (machine / "tech/Maildir").exists()
    assert main(format="maildir") == predicted
    predicted = main(True, format="mbox")
    assert main(format="mbox") == predicted
    assert predicted["diff"]


def test_no_maildir_is_made_where_none_is_asked_for(machine, main):
    (machine / "mail" / "tech").write_bytes(MESSAGE)
    main(format="maildir", create=False)
    assert (machine / "tech/Maildir/new").is_dir()
    assert not (machine / "prof/Maildir").exists()


def test_a_server_finds_to_which_folders_one_subscribed(machine, main):
    (machine / "tech/.mailboxlist").write_text("cours\n")
    predicted = main(True, format="maildir", server="courier", create=False)
    assert main(format="maildir", server="courier", create=False) == predicted
    assert predicted["changed"]
    path = machine / "tech/Maildir/courierimapsubscribed"
    assert path.read_text() == "INBOX.cours\n"
    assert (machine / "tech/Maildir/cur").is_dir()
    assert not main(format="maildir", server="courier", create=False)["changed"]


@pytest.mark.parametrize(("server", "form"), [("uw_imap", "maildir"), ("courier", "mbox")])
def test_a_format_that_a_server_cannot_read_is_refused(main, server, form):
    assert main(format=form, server=server)["msg"] == f"{server} reads no {form}"


def test_accounts_are_chosen_by_name(machine, main):
    main(format="maildir", accounts=["prof"])
    assert not (machine / "tech/Maildir").exists()
    assert (machine / "prof/Maildir").exists()


def test_an_unknown_account_is_named(machine, main):
    result = main(format="maildir", accounts=["prof", "profs"])
    assert result["failed"]
    assert result["msg"] == "there is no account profs; write a name of /etc/passwd"
    assert not (machine / "prof/Maildir").exists()


def test_what_is_no_mbox_is_left_and_named(machine, main):
    (machine / "mail" / "tech").write_bytes(b"hello\n")
    result = main(format="maildir", create=False)
    assert not result["changed"]
    assert result["left"] == [str(machine / "mail/tech")]


def test_mail_that_cannot_move_is_an_error_with_its_place(machine, main):
    (machine / "mail" / "tech").write_bytes(MESSAGE)
    main(format="maildir")
    (machine / "mail" / "tech").write_bytes(b"hello\n")
    result = main(format="mbox")
    assert result["failed"]
    assert result["path"] == str(machine / "mail/tech")
    assert "is no mbox of this account" in result["msg"]
    assert list((machine / "tech/Maildir/new").iterdir())


def test_another_account_does_not_get_its_files_touched(machine, main, monkeypatch):
    """What is another user's in the place of a mailbox is left alone."""
    path = machine / "mail" / "tech"
    path.write_bytes(MESSAGE)
    monkeypatch.setattr(
        mailboxes, "Account", lambda **words: ACCOUNT(**{**words, "uid": os.geteuid() + 1})
    )
    result = main(format="maildir", create=False)
    assert result["left"] == [str(path)]
    assert Path(path).read_bytes() == MESSAGE
