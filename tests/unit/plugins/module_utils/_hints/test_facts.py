"""What a check's message asks the explainer, and signs without what is one machine's own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Place
from ansible_collections.labs.mail.plugins.module_utils._explain.question import End, Step
from ansible_collections.labs.mail.plugins.module_utils._hints import facts
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import Finding
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser

WORLD = "192.0.2.254"


def asked(*steps, world=WORLD):
    return list(facts._questions({"name": "c", "steps": list(steps)}, world))


def smtp(**given):
    return {"smtp": {"sender": "ami@example.org", "recipients": ["prof@s.test"], **given}}


def test_the_first_message_of_a_check_is_asked():
    connect = {"connect": {"port": 25}}
    (question,) = asked(connect, smtp(at="world", helo="mail.example.org"), smtp(sender="tech"))
    assert (question.sender, question.recipients) == ("ami@example.org", ("prof@s.test",))
    assert (question.client.address, question.client.helo) == (WORLD, "mail.example.org")
    assert question.port == 25


def test_a_message_from_the_machine_comes_from_itself():
    (question,) = asked(smtp(sender="tech", recipients=["prof"], port=2525))
    assert (question.client.address, question.port) == ("127.0.0.1", 2525)


def test_header_body_and_attachments_are_asked_about():
    (question,) = asked(smtp(subject="un essai", header={"X-A": "b"}, body="deux\nlignes"))
    head, _empty, body = question.content.partition(b"\n\n")
    assert b"Subject: un essai" in head
    assert b"X-A: b" in head
    assert body == b"deux\nlignes\n"
    (question,) = asked(smtp(attachments={"cadeau.exe": "text"}))
    assert b'filename="cadeau.exe"' in question.content


@pytest.mark.parametrize(
    ("step", "world"),
    [
        (smtp(at="world"), ""),
        (smtp(host="mail.example.org"), WORLD),
        (smtp(recipients=["a b"]), WORLD),
        ({"command": {"run": ["true"]}}, WORLD),
    ],
)
def test_what_cannot_be_asked_is_left_out(step, world):
    assert asked(step, world=world) == []


def test_findings_are_signs_without_lines_and_own_names():
    values = {"myhostname": "mail.student1.test", "mydomain": "student1.test"}
    found = [
        Finding("/etc/postfix/main.cf", 9, 1, "warning", "x: mail.student1.test on line 41", "y"),
        Finding("/etc/postfix/main.cf", 3, 1, "warning", "x: mail.student1.test on line 7", "y"),
        Finding("/etc/aliases", None, None, "error", "no student1.test", ""),
    ]
    assert facts._signs_of(found, "/etc/postfix", values) == [
        "../aliases error no OWN",
        "main.cf warning x: OWN on line N",
    ]


@pytest.mark.parametrize(
    ("end", "sign"),
    [
        (
            End(
                "a@b.test",
                "refused",
                "554 5.7.1 no",
                decided_by=Step(
                    "reject", "", 0, Place("m", 2), "", {"list": "smtpd_x", "name": "reject_y"}
                ),
            ),
            "refused 554 reject smtpd_x reject_y",
        ),
        (End("a@b.test", "mailbox", "/var/mail/a"), "mailbox"),
        (End("a@b.test", "unknown", "reject_rbl_client asks"), "unknown"),
    ],
)
def test_ends_are_signs_by_what_decided_them(end, sign):
    assert facts._decider(end) == sign


def test_what_was_changed_after_a_moment_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(facts, "_started", lambda program: None)
    (tmp_path / "main.cf").write_text("x")
    changed = (tmp_path / "main.cf").stat().st_mtime
    assert facts.changed_since(changed - 10, str(tmp_path)) == str(tmp_path / "main.cf")
    monkeypatch.setattr(facts, "_started", lambda program: changed + 9e9)
    assert facts.changed_since(changed + 8e9, str(tmp_path)) == "postfix reload"
    monkeypatch.setattr(facts, "_started", lambda program: changed)
    assert facts.changed_since(changed + 8e9, str(tmp_path / "none")) == ""


@pytest.mark.parametrize(
    ("value", "signs"),
    [
        ("", {"l  "}),
        (
            "permit_mynetworks, reject",
            {"l  permit_mynetworks", "l permit_mynetworks reject", "l reject "},
        ),
        (
            "check_client_access hash:/etc/postfix/clients reject_rbl_client dnsbl.test",
            {
                "l  check_client_access",
                "l check_client_access reject_rbl_client",
                "l reject_rbl_client ",
            },
        ),
    ],
)
def test_the_order_of_restrictions_is_a_sign(value, signs):
    assert facts._order("l", value) == signs


def test_types_of_tables_are_found_where_they_stand():
    found = facts.TABLE_TYPE.findall("hash:/etc/a, check_client_access cidr:/etc/b inet:static.x:1")
    assert found == ["hash", "cidr"]


@pytest.mark.parametrize(
    ("argv", "macros"),
    [
        ("/usr/local/bin/page ${sender}", ["sender"]),
        ("/usr/local/bin/page -f ${sender} ${recipient} ${sender}", ["recipient", "sender"]),
        ("/usr/local/bin/page", []),
    ],
)
def test_macros_of_a_pipe_are_signs(argv, macros):
    text = f"page unix - n n - - pipe user=nagios argv={argv}\n"
    services = parser.parse(text.encode())[1]
    configuration = SimpleNamespace(parameters=[], values={}, services=services)
    wanted = ["page/unix pipe", *(f"page/unix {macro}" for macro in macros)]
    assert list(facts._set(configuration)) == wanted


def test_a_directory_of_mailboxes_that_is_roots_is_a_sign(tmp_path):
    assert list(facts._base_of("/")) == ["virtual_mailbox_base of root"]
    assert list(facts._base_of("")) == []
    assert list(facts._base_of(str(tmp_path / "none"))) == []


def test_names_that_spamassassin_s_file_sets_are_signs(tmp_path):
    path = tmp_path / "local.cf"
    assert facts._settings(str(path)) == set()
    path.write_text("# report_safe 1\nrewrite_header Subject SPAM\n  use_bayes 0\nrequired_score\n")
    assert facts._settings(str(path)) == {"local.cf rewrite_header", "local.cf use_bayes"}


def test_own_names_are_known_where_the_configuration_cannot_be_read(tmp_path):
    assert facts._own_names(str(tmp_path)) == {}
    (tmp_path / "main.cf").write_text("mydomain = s.test\nmyhostname=mail.s.test\nmyorigin = x\n")
    own = facts._own_names(str(tmp_path))
    assert own == {"mydomain": "s.test", "myhostname": "mail.s.test"}
    finding = Finding("/etc/postfix/master.cf", 1, 1, "error", "'smtp2.s.test' is none", "")
    (sign,) = facts._signs_of([finding], "/etc/postfix", own)
    assert sign == "master.cf error 'smtp2.OWN' is none"
