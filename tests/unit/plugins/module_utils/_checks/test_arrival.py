"""Messages that have arrived are found by their word in mbox and Maildir, by POP3 and IMAP."""

from __future__ import annotations

import pwd
from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import steps
from ansible_collections.labs.mail.plugins.module_utils._checks.arrival import arrived, judge
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._mail_client import inbox
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
)
from tests.support.check_steps import said, take_step, with_defaults
from tests.support.mail_servers import ImapServer, Pop3Server

ONE = b"""Return-Path: <tech@a.test>
Received: from one
Received: from
 two
Subject: essai w0rd-a-
To: prof

Bonjour de tech
"""
OTHER = ONE.replace(b"w0rd-a-", b"w0rd-b-")
LAB = CheckContext("w0rd-a-", password="secret")


def look(lab, given):
    return arrived(lab, with_defaults("arrived", given))


def judged(texts, given):
    return judge("w0rd-a-", texts, with_defaults("arrived", given))


def mbox(*texts):
    return b"".join(b"From tech Thu Mar 26 16:11:00 2026\n" + text + b"\n" for text in texts)


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes messages into the folder new and cur of a Maildir."""

    def folder(new=(), cur=(), name="Maildir"):
        for place, texts in (("new", new), ("cur", cur), ("tmp", [ONE])):
            (tmp_path / name / place).mkdir(parents=True)
            for number, text in enumerate(texts):
                (tmp_path / name / place / f"{number}.host").write_bytes(text)
        return tmp_path / name

    return folder


def test_a_message_in_an_mbox_is_found(tmp_path):
    box = tmp_path / "prof"
    box.write_bytes(mbox(OTHER, ONE))
    seen = look(LAB, {"path": str(box)})
    assert (seen.ok, said(seen)) == (True, "it is there")


def test_an_mbox_stays_as_it_is(tmp_path):
    box = tmp_path / "prof"
    box.write_bytes(mbox(ONE))
    before = box.stat()
    look(LAB, {"path": str(box)})
    assert box.read_bytes() == mbox(ONE)
    assert box.stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in tmp_path.iterdir()] == ["prof"]


def test_a_message_in_a_maildir_is_found_new_or_seen(folder):
    assert look(LAB, {"path": str(folder(new=[ONE, OTHER], name="a"))}).ok
    assert look(LAB, {"path": str(folder(cur=[ONE], name="b"))}).ok
    assert not look(LAB, {"path": str(folder(name="c"))}).ok


@pytest.mark.parametrize("copies", [0, 1, 2])
def test_where_nothing_is_there_are_no_messages(tmp_path, copies):
    seen = look(LAB, {"path": str(tmp_path / "none"), "copies": copies})
    assert (seen.ok, said(seen)) == (copies == 0, "it is not there" if copies else "none")


def test_what_is_no_mailbox_is_said(tmp_path):
    box = tmp_path / "loop"
    box.symlink_to(box)
    assert not look(LAB, {"path": str(box)}).ok


@pytest.mark.parametrize("copies", [0, 1, 2, 3])
def test_copies_are_counted(copies):
    seen = judged([ONE, OTHER, ONE], {"copies": copies})
    assert (seen.ok, said(seen)) == (
        copies == 2,
        "it is there" if copies == 2 else "it is there 2 times",
    )


HOW = {
    "a field": ({"header": {"To": "^prof$"}}, True, None),
    "whatever case its name has": ({"header": {"return-path": "tech@a"}}, True, None),
    "another value": ({"header": {"To": "^tech$"}}, False, "To: prof"),
    "one of several": ({"header": {"Received": "one"}}, True, None),
    "a folded one": ({"header": {"Received": "^from two$"}}, True, None),
    "none of several": ({"header": {"Received": "three"}}, False, "Received: from one | from two"),
    "missing": ({"header": {"X-Spam": "YES"}}, False, "it has no X-Spam"),
    "absent": ({"header": {"X-Spam": ""}}, True, None),
    "not absent": ({"header": {"To": ""}}, False, "To: prof"),
    "two fields": ({"header": {"To": "prof", "Subject": "nothing"}}, False, "Subject: essai"),
    "body": ({"body": "Bonjour de (tech|prof)"}, True, None),
    "body over lines": ({"body": "prof.*Bonjour"}, True, None),
    "another body": ({"body": "Bonsoir"}, False, "it says: Bonjour de tech"),
}


@pytest.mark.parametrize(("given", "ok", "text"), HOW.values(), ids=HOW)
def test_how_a_message_must_be(given, ok, text):
    seen = judged([ONE, OTHER], given)
    assert seen.ok == ok
    assert ok or said(seen).startswith(text)


def test_each_copy_must_be_so():
    other = ONE.replace(b"To: prof", b"To: tech")
    assert not judged([ONE, other], {"copies": 2, "header": {"To": "prof"}}).ok


@pytest.mark.parametrize("text", [b"", b"\xff\x00w0rd-a-", b"w0rd-a-\n\n", b"Subject: w0rd-a-"])
def test_no_message_is_too_broken(text):
    assert judged(
        [text],
        {"header": {"To": ""}, "copies": int(b"w0rd" in text)},
    ).ok


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The home of prof, the only account."""

    def getpwnam(name):
        if name != "prof":
            raise KeyError(name)
        return SimpleNamespace(pw_dir=str(tmp_path))

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    return tmp_path


def test_an_account_has_a_maildir_at_its_home(home, folder):
    folder(new=[ONE])
    assert look(LAB, {"account": "prof"}).ok


def test_an_account_that_is_not_there_says_nothing_about_mail(home):
    with pytest.raises(CouldNotCheckError, match="no account nobody"):
        look(LAB, {"account": "nobody"})


class Pop3(Pop3Server):
    def answer(self, line):
        if line.startswith("RETR"):
            return b"+OK\r\nSubject: %s\r\n\r\n." % self.subjects[int(line[5:]) - 1].encode()
        return super().answer(line)


class Imap(ImapServer):
    def answer(self, line):
        if line == "SEARCH ALL":
            return b"* SEARCH 1 2\r\nTAG OK done"
        if line.startswith("FETCH"):
            header = f"Subject: {self.subjects[int(line.split()[1]) - 1]}\r\n\r\n"
            reply = f"* 1 FETCH (BODY[] {{{len(header)}}}\r\n{header})\r\nTAG OK done"
            return reply.encode()
        return super().answer(line)


SERVERS = {"pop3": Pop3, "imap": Imap}


@pytest.fixture(params=SERVERS)
def server(request):
    server = SERVERS[request.param]("essai w0rd-a-", "essai w0rd-b-")
    server.given = {"protocol": request.param, "port": server.port, "account": "tech"}
    yield server
    server.close()


def test_a_message_is_fetched(server):
    seen = look(LAB, server.given)
    assert (seen.ok, said(seen)) == (True, "it is there")


def test_a_mailbox_stays_as_it_is(server):
    look(LAB, server.given)
    assert len(server.subjects) == 2
    assert not [line for line in server.heard if "STORE" in line or "DELE" in line]
    assert "SELECT" not in "".join(server.heard)


def test_a_wrong_password_is_said(server):
    seen = look(CheckContext("w0rd-a-", password="wrong"), server.given)
    assert not seen.ok
    assert "AUTH" in said(seen)


@pytest.mark.parametrize("word", ["USER", "PASS", "RETR", "LOGIN", "FETCH"])
def test_a_server_that_dies_is_said(server, word):
    server.replies = {word.lower(): None}
    seen = look(LAB, server.given)
    assert seen.ok == (not any(word in line for line in server.heard))


@pytest.mark.parametrize("greeting", [b"-ERR no", b"* BYE no", b"nonsense"])
def test_a_server_that_does_not_want_is_said(server, greeting):
    server.greeting = greeting
    assert not look(LAB, server.given).ok


def step(lab, **given):
    return take_step("arrived", lab, **given)


def test_that_nothing_is_there_says_something_only_once_postfix_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr(steps, "WAIT_SECONDS", 0)
    log = tmp_path / "mail.log"
    lab = CheckContext("w0rd-a-", log=str(log), queue_ids=["4F1AB2"])
    begin = "2026-03-26T16:11:02 a postfix/"
    log.write_text(f"{begin}cleanup[1]: 4F1AB2: message-id=<w0rd-a-@check.invalid>\n")
    seen = step(lab, path=str(tmp_path / "box"), copies=0)
    assert (seen.ok, said(seen)) == (False, "still in the queue: 4F1AB2")
    log.write_text(log.read_text() + f"{begin}qmgr[1]: 4F1AB2: removed\n")
    assert step(lab, path=str(tmp_path / "box"), copies=0).ok
    (tmp_path / "box").write_bytes(mbox(ONE))
    assert not step(lab, path=str(tmp_path / "box"), copies=0).ok


def test_the_ports_are_those_of_the_protocols():
    assert inbox.PORTS == {"pop3": 110, "imap": 143}


def test_what_servers_added_to_the_header_is_remembered(tmp_path):
    path = tmp_path / "prof"
    received = "Received: by mail.a.test (Postfix, from userid 102)\n\tid 4F1; now\n"
    path.write_text(
        f"From ami Thu Jan  1 00:00:00 2026\nReturn-Path: <ami@a.test>\n{received}X-Spam-Level: *\n"
        "Subject: essai w0rd\nContent-Type: text/plain\n\nX-Body: no\n"
    )
    context = CheckContext("w0rd")
    assert arrived(context, {"path": str(path), "copies": 1}).ok
    assert context.added == f"{received}X-Spam-Level: *\n"
