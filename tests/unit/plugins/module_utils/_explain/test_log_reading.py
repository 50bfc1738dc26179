"""What Postfix's verbose log tells: restrictions with their rows, tables that answered, content."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain import log_reading

LISTS = ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"]


def log(program, *texts):
    return [f"Nov 29 17:38:09 mail postfix/{program}[884]: {text}" for text in texts]


SENDER = log(
    "smtpd",
    "< pc.test[203.0.113.9]: RCPT TO:<tech@student1.test>",
    ">>> START Sender address RESTRICTIONS <<<",
    "generic_checks: name=permit_mynetworks",
    "generic_checks: name=permit_mynetworks status=0",
    "generic_checks: name=check_sender_access",
    "maps_find: hash:/etc/postfix/access: hash:/etc/postfix/access(0,lock|fold_fix): pub.fr = "
    "REJECT no",
    "check_table_result: hash:/etc/postfix/access REJECT no a@pub.fr",
    "generic_checks: name=check_sender_access status=2",
    ">>> END Sender address RESTRICTIONS <<<",
)


def test_a_row_that_refuses():
    first, second = log_reading.restrictions(SENDER, LISTS)
    assert (first.list, first.name, first.opinion, first.table) == (
        "smtpd_sender_restrictions", "permit_mynetworks", "none", "",
    )  # fmt: skip
    assert (second.opinion, second.table, second.key, second.value) == (
        "reject", "hash:/etc/postfix/access", "pub.fr", "REJECT no",
    )  # fmt: skip
    assert second.command == "RCPT TO:<tech@student1.test>"


def test_a_pattern_is_known_by_its_result_alone():
    lines = [line for line in SENDER if "maps_find" not in line]
    assert log_reading.restrictions(lines, LISTS)[1].key == "a@pub.fr"


@pytest.mark.parametrize("lists", [LISTS, LISTS[::-1]])
def test_both_lists_about_recipients_have_one_heading(lists):
    both = log(
        "smtpd",
        "< pc.test[203.0.113.9]: RCPT TO:<tech@student1.test>",
        ">>> START Recipient address RESTRICTIONS <<<",
        "generic_checks: name=a",
        "generic_checks: name=a status=1",
        ">>> START Recipient address RESTRICTIONS <<<",
        "generic_checks: name=b",
        "generic_checks: name=b status=2",
    )
    assert [each.list for each in log_reading.restrictions(both, lists)] == lists


def test_a_class_holds_its_restrictions():
    lines = log(
        "smtpd",
        ">>> START Client host RESTRICTIONS <<<",
        "generic_checks: name=strict",
        "generic_checks: name=reject",
        "generic_checks: name=reject status=2",
        "generic_checks: name=strict status=2",
    )
    found = log_reading.restrictions(lines, [])
    assert [(each.name, each.depth, each.opinion) for each in found] == [
        ("strict", 0, "reject"), ("reject", 1, "reject"),
    ]  # fmt: skip


def test_tables_that_answered():
    lines = log(
        "cleanup",
        "maps_find: virtual_alias_maps: x@b.test: not found",
        "maps_find: virtual_alias_maps: hash:/v(0,lock|no_regsub|fold_fix): a@b.test = c, d",
    )
    (found,) = log_reading.lookups(lines, "cleanup")
    assert (found.parameter, found.table, found.key, found.value) == (
        "virtual_alias_maps", "hash:/v", "a@b.test", "c, d",
    )  # fmt: skip
    assert not log_reading.lookups(lines, "smtpd")


def test_a_check_of_the_content():
    lines = log(
        "cleanup",
        "7E2BE35E859: discard: header Subject: away from unknown[127.0.0.3]; from=<a@b.test>",
    )
    (found,) = log_reading.content_actions(lines)
    assert (found.queue_id, found.action, found.part, found.text) == (
        "7E2BE35E859", "discard", "header", "Subject: away",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["fatal: no such table", "warning: hash:/x is unavailable. open"])
def test_troubles(text):
    assert log_reading.troubles(log("smtpd", text)) == [text]


def test_what_is_no_trouble():
    assert not log_reading.troubles(log("smtpd", "connect from localhost[127.0.0.1]", "warning: x"))


@pytest.mark.parametrize(
    ("program", "text", "told"),
    [
        ("pipe", "fatal: get_service_attr: unknown username: x", True),
        ("local", "warning: connect #1 to subsystem private/lmtp: No such file or directory", True),
        ("local", "warning: connect to something else", False),
        ("smtpd", "fatal: no such table", False),
    ],
)
def test_agents_that_cannot_go_on(program, text, told):
    line = f"Nov 30 18:41:57 mail postfix/{program}[1]: {text}"
    assert log_reading.stuck([line], "pipe", "local") == (text if told else "")
