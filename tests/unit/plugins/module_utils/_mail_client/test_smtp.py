"""SMTP dialogues of checks, with real servers on loopback whose replies are scripted."""

from __future__ import annotations

import smtplib

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._mail_client.smtp import queue_id, talk
from tests.support.check_steps import said, take_step, with_defaults


def say(server, **given):
    given = with_defaults("smtp", {"recipients": ["prof"], "port": server.port, **given})
    return talk("w0rd", server.host, given)


def test_a_message_is_taken(smtp):
    seen = say(smtp, recipients=["prof", "tech@a.test"], subject="bonjour")
    assert (seen.ok, seen.text) == (True, "250 2.0.0 Ok: queued as 4F1B2")
    assert [line.lower() for line in smtp.heard if ":" in line or "helo" in line.lower()][:4] == [
        "helo pv",
        "mail from:<tech>",
        "rcpt to:<prof>",
        "rcpt to:<tech@a.test>",
    ]
    assert "Subject: bonjour w0rd\n" in smtp.messages[0]


def test_it_says_the_name_and_the_sender_that_are_given(smtp):
    say(smtp, helo="mail.pub.fr", sender="")
    assert [line.lower() for line in smtp.heard[:2]] == ["helo mail.pub.fr", "mail from:<>"]


def test_a_sender_may_bear_the_word(smtp):
    say(smtp, sender="ami-{word}@example.org")
    assert smtp.heard[1].lower() == "mail from:<ami-w0rd@example.org>"


def test_what_servers_added_may_be_replayed(smtp):
    say(smtp, replay="Received: by mail.a.test (Postfix, from userid 102)\n\tid 4F1\nX-A: b\n")
    lines = smtp.messages[0].splitlines()
    assert lines[:3] == [
        "Received: by mail.a.test (Postfix, from userid 102)",
        "\tid 4F1",
        "X-A: b",
    ]
    assert "Subject: essai w0rd" in lines


def test_it_says_ehlo_where_that_is_wanted(smtp):
    say(smtp, ehlo="yes", helo="mail.pub.fr")
    assert smtp.heard[0].lower() == "ehlo mail.pub.fr"


def test_it_comes_from_the_address_that_is_given(smtp, monkeypatch):
    peers = []
    serve = smtp.talk
    monkeypatch.setattr(smtp, "talk", lambda each: (peers.append(each.getpeername()), serve(each)))
    assert say(smtp, source="127.0.0.9").ok
    assert peers[0][0] == "127.0.0.9"


OUTCOMES = ("accepted", "refused", "deferred", "rejected")
REPLIES = {
    "taken": ({}, "250", {"accepted"}),
    "refused at MAIL": ({"mail": b"550 5.1.7 no"}, "550 5.1.7 no", {"refused", "rejected"}),
    "refused at RCPT": ({"rcpt": b"554 5.7.1 no"}, "554 5.7.1 no", {"refused", "rejected"}),
    "deferred at RCPT": ({"rcpt": b"450 4.2.0 later"}, "450", {"deferred", "rejected"}),
    "refused at HELO": ({"helo": b"504 5.5.2 no"}, "504", {"refused", "rejected"}),
    "refused at DATA": ({"data": b"554 5.5.1 no"}, "554 5.5.1 no", {"refused", "rejected"}),
    "refused after DATA": ({".": b"550 5.7.1 virus"}, "550", {"refused", "rejected"}),
    "deferred after DATA": ({".": b"451 4.7.1 later"}, "451", {"deferred", "rejected"}),
    "several lines": ({"rcpt": b"550-one\r\n550 two"}, "550 one two", {"refused", "rejected"}),
}


@pytest.mark.parametrize("expect", OUTCOMES)
@pytest.mark.parametrize(("replies", "text", "right"), REPLIES.values(), ids=REPLIES)
def test_the_last_reply_is_compared(smtp, replies, text, right, expect):
    smtp.replies = replies
    seen = say(smtp, expect=expect)
    assert seen.ok == (expect in right)
    assert seen.text.startswith(text)


@pytest.mark.parametrize(("replies", "text", "right"), REPLIES.values(), ids=REPLIES)
def test_who_is_rejected_is_kept_out(smtp, replies, text, right):
    smtp.replies = replies
    seen = say(smtp, expect="kept_out")
    assert seen.ok == ("rejected" in right)
    assert seen.text.startswith(text)


def test_who_finds_nobody_listening_is_kept_out_too(closed_port):
    seen = step(CheckContext("w0rd"), port=closed_port, expect="kept_out")
    assert seen.ok
    assert seen.text == f"nothing listens on 127.0.0.1 port {closed_port}"


def test_nothing_is_said_after_a_refusal(smtp):
    smtp.replies = {"rcpt": b"550 no"}
    say(smtp, recipients=["one", "two"])
    assert [line.split()[0].lower() for line in smtp.heard] == ["helo", "mail", "rcpt", "quit"]


def test_each_recipient_must_be_taken(smtp):
    smtp.replies = {"rcpt to:<two": b"550 no"}
    assert not say(smtp, recipients=["one", "two"]).ok
    assert say(smtp, recipients=["one", "two"], expect="refused").ok


@pytest.mark.parametrize(("greeting", "expect"), [(b"554 no", "refused"), (b"421 x", "deferred")])
def test_a_greeting_may_be_a_refusal(smtp, greeting, expect):
    smtp.greeting = greeting
    assert say(smtp, expect=expect).ok
    assert [line.lower() for line in smtp.heard] in ([], ["quit"])


@pytest.mark.parametrize(
    ("reply", "ok"), [("relay", True), ("Access DENIED$", True), ("^554", True), ("spam", False)]
)
def test_the_reply_must_be_like_the_pattern(smtp, reply, ok):
    smtp.replies = {"rcpt": b"554 5.7.1 Relay access denied"}
    assert say(smtp, expect="refused", reply=reply).ok == ok


@pytest.mark.parametrize("verb", ["helo", "mail", "data", "."])
def test_a_server_that_dies_is_no_dialogue(smtp, verb):
    smtp.replies = {verb: None}
    with pytest.raises(smtplib.SMTPException):
        say(smtp)


QUEUE_IDS = {
    "250 2.0.0 Ok: queued as 4F1B2": "4F1B2",
    "250 2.0.0 Ok: queued as 4j7Bcd3xyzZ1": "4j7Bcd3xyzZ1",
    "250 Ok": "",
    "554 no": "",
}


@pytest.mark.parametrize(("reply", "name"), QUEUE_IDS.items())
def test_the_queue_id_is_in_the_reply(reply, name):
    assert queue_id(reply) == name


def step(lab, **given):
    return take_step("smtp", lab, **{"recipients": ["prof"], **given})


def test_the_step_notes_the_queue_id_of_a_message_that_was_taken(smtp):
    lab = CheckContext("w0rd")
    assert step(lab, port=smtp.port).ok
    smtp.replies = {"rcpt": b"554 no"}
    assert not step(lab, port=smtp.port).ok
    assert lab.queue_ids == ["4F1B2"]


@pytest.mark.parametrize("expect", OUTCOMES)
def test_where_nothing_listens_nothing_is_as_expected(closed_port, expect):
    seen = step(CheckContext("w0rd"), port=closed_port, expect=expect)
    assert not seen.ok
    assert said(seen) == f"nothing listens on 127.0.0.1 port {closed_port}"
    assert said(seen, "fr") == f"personne n'écoute sur 127.0.0.1, port {closed_port}"


@pytest.mark.parametrize("expect", OUTCOMES)
def test_a_server_that_dies_is_not_as_expected(smtp, expect):
    smtp.replies = {"mail": None}
    seen = step(CheckContext("w0rd"), port=smtp.port, expect=expect)
    assert not seen.ok
    assert f"127.0.0.1 port {smtp.port}" in said(seen)
