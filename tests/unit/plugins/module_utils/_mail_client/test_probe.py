from __future__ import annotations

import time
from email import message_from_string

import pytest

from ansible_collections.labs.mail.plugins.module_utils._mail_client import observation, probe
from ansible_collections.labs.mail.plugins.module_utils._mail_client import smtp as smtp_client
from ansible_collections.labs.mail.plugins.module_utils._mail_client.inbox import Inbox
from tests.support.mail_servers import ImapServer, Pop3Server

MAILBOXES = {"pop3": Pop3Server, "imap": ImapServer}


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(observation, "PAUSE_SECONDS", (0.01, 0.01))


def send(server):
    return probe.send(server.host, server.port, "tech", "prof@student1.test", "probe 42")


def test_a_message_is_sent_as_in_the_courses_telnet_dialogue(smtp):
    seen = send(smtp)
    assert (seen.ok, seen.text) == (True, "250 2.0.0 Ok: queued as 4F1B2")
    assert 0 < seen.seconds < 10
    spoken = [
        line.lower() for line in smtp.heard if line.lower().startswith(("helo", "mail", "rc"))
    ]
    assert spoken == ["helo localhost", "mail from:<tech>", "rcpt to:<prof@student1.test>"]
    message = message_from_string(smtp.messages[0])
    assert [message[name] for name in ("From", "To", "Subject")] == [
        "tech",
        "prof@student1.test",
        "probe 42",
    ]


REFUSALS = {
    "sender": ({"mail": b"550 5.1.7 no"}, "550 5.1.7 no"),
    "recipient": ({"rcpt": b"554 5.7.1 Relay access denied"}, "554 5.7.1 Relay access denied"),
    "for now": ({"rcpt": b"450 4.2.0 later"}, "450 4.2.0 later"),
    "several lines": ({"rcpt": b"550-no\r\n550 such user"}, "550 no such user"),
    "data": ({"data": b"503 no"}, "127.0.0.1 port {port}: 503 no"),
    "message": ({".": b"552 5.3.4 too big"}, "552 5.3.4 too big"),
    "silence": ({"rcpt": None}, "127.0.0.1 port {port}: Connection unexpectedly closed"),
}


@pytest.mark.parametrize(("replies", "text"), REFUSALS.values(), ids=REFUSALS)
def test_what_the_server_said_last_is_seen(smtp, replies, text):
    smtp.replies = replies
    seen = send(smtp)
    assert (seen.ok, seen.text) == (False, text.format(port=smtp.port))


GREETINGS = {
    b"220 mail.test ESMTP": (True, "220 mail.test ESMTP"),
    b"220-one\r\n220 two": (True, "220 one two"),
    b"554 5.7.1 go away": (False, "554 5.7.1 go away"),
    b"SSH-2.0-OpenSSH": (False, "-1"),
}


@pytest.mark.parametrize(("greeting", "seen"), GREETINGS.items())
def test_how_a_server_greets(smtp, greeting, seen):
    smtp.greeting = greeting
    found = smtp_client.greeting(smtp.host, smtp.port)
    assert found.ok is seen[0]
    assert found.text.startswith(seen[1])


@pytest.mark.parametrize("protocol", ["smtp", "pop3", "imap"])
def test_where_nothing_listens(protocol, closed_port):
    words = f"nothing listens on 127.0.0.1 port {closed_port}"
    if protocol == "smtp":
        sent = probe.send("127.0.0.1", closed_port, "tech", "prof", "x")
        greeted = smtp_client.greeting("127.0.0.1", closed_port)
        assert [(seen.ok, seen.text) for seen in (sent, greeted)] == [(False, words)] * 2
    else:
        inbox = Inbox(protocol, "127.0.0.1", closed_port, "tech", "secret")
        seen = probe.wait_for_message(inbox, "x", 0)
        assert (seen.ok, seen.text) == (False, words)


def test_a_server_that_says_nothing_is_not_waited_for_without_end(smtp, monkeypatch):
    for client in (probe, smtp_client):
        monkeypatch.setattr(client, "CONNECT_SECONDS", 0.1)
    smtp.greeting = b""
    assert "timed out" in smtp_client.greeting(smtp.host, smtp.port).text
    assert "timed out" in send(smtp).text


@pytest.fixture(params=MAILBOXES)
def mailbox(request):
    """A mailbox of each protocol, and how its owner looks into it."""
    server = MAILBOXES[request.param]("probe 1", "probe 2", "other")

    def look(subject="probe 2", timeout=0, password="secret", **how):
        owner = Inbox(request.param, server.host, server.port, "tech", password)
        return probe.wait_for_message(owner, subject, timeout, **how)

    server.look = look
    yield server
    server.close()


def test_a_message_is_found_by_its_subject_and_stays(mailbox):
    seen = mailbox.look()
    assert (seen.ok, seen.text) == (True, "message 2 of 3")
    assert mailbox.subjects == ["probe 1", "probe 2", "other"]
    assert not [line for line in mailbox.heard if "SELECT" in line or "DELE" in line]


def test_the_newest_of_those_that_bear_the_subject_is_taken(mailbox):
    mailbox.subjects += ["probe 2", "other"]
    assert mailbox.look().text == "message 4 of 5"


def test_a_subject_that_begins_with_it_is_another_one(mailbox):
    mailbox.subjects = ["probe 2", "Probe 20", "re: probe 2"]
    assert mailbox.look(delete=True).text == "message 1 of 3"
    assert mailbox.subjects == ["Probe 20", "re: probe 2"]
    assert not mailbox.look().ok


def test_a_message_is_removed_and_no_other(mailbox):
    assert mailbox.look(delete=True).ok
    assert mailbox.subjects == ["probe 1", "other"]


@pytest.mark.parametrize(
    ("subjects", "text"), [(["other"], "not among 1 messages"), ([], "not among 0 messages")]
)
def test_a_message_that_is_not_there(mailbox, subjects, text):
    mailbox.subjects = subjects
    seen = mailbox.look(timeout=0.05, delete=True)
    assert (seen.ok, seen.text) == (False, text)
    assert seen.seconds >= 0.05
    assert mailbox.subjects == subjects


def test_a_message_is_waited_for(mailbox):
    mailbox.subjects = ["other"]
    answer, looks = mailbox.answer, []

    def arrives(line):
        looks.append(line)
        if sum("PASS" in each or "LOGIN" in each for each in looks) == 3:
            mailbox.subjects = ["other", "probe 2"]
        return answer(line)

    mailbox.answer = arrives
    started = time.monotonic()
    seen = mailbox.look(timeout=30)
    assert (seen.ok, seen.text) == (True, "message 2 of 2")
    assert time.monotonic() - started < 10


def test_a_wrong_password(mailbox):
    seen = mailbox.look(password="wrong")
    assert not seen.ok
    assert "Authentication failed." in seen.text


STEPS = {
    Pop3Server: (["user", "pass", "stat", "top"], b"-ERR [SYS/TEMP] later"),
    ImapServer: (["login", "examine", "search"], b"TAG NO [SERVERBUG] later"),
}


def test_a_server_that_refuses_or_dies_at_any_step_is_no_traceback(mailbox):
    steps, refusal = STEPS[type(mailbox)]
    for step in steps:
        for reply, words in ((refusal, "later"), (None, ": ")):
            mailbox.replies = {step: reply}
            seen = mailbox.look()
            assert not seen.ok
            assert words in seen.text
