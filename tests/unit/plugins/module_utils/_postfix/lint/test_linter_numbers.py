"""Numbers beyond the limits of Postfix's programs, and those too small or large beside others."""

from __future__ import annotations

import pytest

from tests.support.lint_system import found, place

# The place of the finding, and a word of what to write instead.
WRONG = {
    b"hopcount_limit = 0\n": ("main.cf:1:18", "1 or more"),
    b"smtpd_timeout = 0\n": ("main.cf:1:17", "1s or more"),
    b"default_process_limit = 9999999999\n": ("main.cf:1:25", "2147483647 or less"),
    b"smtp_recipient_refill_limit = 0\n": ("main.cf:1:31", "1 or more"),
    b"smtp_initial_destination_concurrency = 0\n": ("main.cf:1:40", "1 or more"),
    b"relay_delivery_slot_discount = 101\n": ("main.cf:1:32", "100 or less"),
    b"message_size_limit = 104857600\n": ("main.cf:1:22", "at least 104857600, or 0"),
    b"message_size_limit = 0\n": ("main.cf:1:22", "0 for mailbox_size_limit too"),
    b"mailbox_size_limit = 1000\n": ("main.cf:1:22", "at least 10240000"),
    b"message_size_limit = 9\nmailbox_size_limit = 8\n": ("main.cf:2:22", "at least 9"),
    b"virtual_mailbox_domains = a.test\nvirtual_mailbox_limit = 5\n"
    b"virtual_transport = lmtp:a\ntransport_maps = inline:{b.test=virtual:}\n": (
        "main.cf:2:25",
        "virtual_mailbox_limit of at least",
    ),
    b"virtual_mailbox_domains = a.test\nvirtual_mailbox_limit = 5\n": (
        "main.cf:2:25",
        "virtual_mailbox_limit of at least",
    ),
    b"queue_minfree = 1000000\n": ("main.cf:1:17", "15360000 or more"),
    b"bounce_queue_lifetime = 6d\n": ("main.cf:1:25", "432000s"),
    b"maximal_queue_lifetime = 1h\n": ("main.cf:1:26", "3600s"),
    b"qmgr_message_recipient_limit = 10\n": ("main.cf:1:32", "20000"),
}

RIGHT = [
    b"hopcount_limit = 1\nmaximal_queue_lifetime = 0\nbounce_queue_lifetime = 0\n",
    b"message_size_limit = 104857600\nmailbox_size_limit = 0\n",
    b"message_size_limit = 104857600\nmailbox_size_limit = $message_size_limit\n",
    b"message_size_limit = 0\nmailbox_size_limit = 0\nvirtual_mailbox_limit = 0\n",
    b"message_size_limit = 104857600\nmydestination =\n",
    b"mailbox_size_limit = 3000000000\n",
    b"virtual_mailbox_limit = 5\n",
    # virtual(8) delivers nothing there
    b"virtual_mailbox_domains = a.test\nvirtual_mailbox_limit = 5\n"
    b"virtual_transport = lmtp:unix:private/dovecot-lmtp\n",
    b"queue_minfree = 20000000\n",
    b"maximal_queue_lifetime = 7d\nbounce_queue_lifetime = 1w\n",
    b"message_size_limit = ${stress?{1000}:{999999999}}\n",
    b"smtp_recipient_refill_delay = 1s\n",
]

SMTPD = b"smtp inet n - n - - smtpd\n"


@pytest.mark.parametrize("main", WRONG)
def test_a_number_that_a_program_dies_of_or_changes(main):
    at, instead = WRONG[main]
    [finding] = found(main, SMTPD)
    assert place(finding) == at
    assert instead in finding.instead


@pytest.mark.parametrize("main", RIGHT)
def test_numbers_that_programs_take(main):
    assert found(main, SMTPD) == []


def test_the_option_of_a_service_counts_for_this_alone():
    main = b"mailbox_size_limit = 9\nmessage_size_limit = 9\n"
    [finding] = found(main, b"26 inet n - n - - smtpd\n  -o queue_minfree=5\n")
    assert place(finding) == "master.cf:2:20"
    assert found(main, b"x unix - n n - - local -o mailbox_size_limit=10\n") == []
