from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix import parameter_names as names
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.request import (
    requested_value,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterTypes,
    elements,
    fold,
)

DEFAULTS = {
    "biff": "yes",
    "message_size_limit": "10240000",
    "smtpd_timeout": "300s",
    "maximal_queue_lifetime": "5d",
    "smtpd_tls_loglevel": "0",
    "compatibility_level": "0",
    "myorigin": "$myhostname",
    "default_destination_concurrency_limit": "20",
    "default_process_limit": "100",
    "delay_logging_resolution_limit": "2",
    "header_size_limit": "102400",
    "hopcount_limit": "50",
    "in_flow_delay": "1s",
    "line_length_limit": "2048",
    "mailbox_size_limit": "51200000",
    "unverified_sender_defer_code": "450",
}
TYPES = ParameterTypes(DEFAULTS, b"mine, theirs")


def value(asked):
    """What is asked for a parameter, as a playbook spells it."""
    found = requested_value("a", asked)
    assert found is not None
    return found


def same(name, found, asked, lines=1, types=TYPES):
    return types.same(name, found, types.to_lay_out(name, value(asked)), lines)


SAME = [
    ("biff", b"Yes", "yes"),
    ("message_size_limit", b"+010", "10"),
    ("smtpd_timeout", b"300", "5m"),
    ("smtpd_timeout", b"1h", "3600s"),
    ("maximal_queue_lifetime", b"1w", "7"),
    ("mynetworks", b"a b,c,, d", "a, b c d"),
    ("smtpd_milters", b"{ inet:x:1,  connect_timeout=1s }", "{inet:x:1 connect_timeout=1s}"),
    ("x_maps", b"inline:{ {a = b  c}, d=e }", "inline:{ { a = b  c } d=e }"),
    ("mine", b"permit_mynetworks,reject", "permit_mynetworks reject"),
    ("smtp_tls_protocols", b"!SSLv2:!SSLv3", "!SSLv2, !SSLv3"),
    ("myorigin", b"a", ["a"]),
    ("myorigin", b"a, b", ["a", "b"]),
]
OTHER = [
    ("biff", b"yes", "no"),
    ("biff", b"$x", "yes"),
    ("message_size_limit", b"10", "100"),
    ("smtpd_timeout", b"300", "300m"),
    ("maximal_queue_lifetime", b"1w", "7h"),
    ("mynetworks", b"a b", "b a"),
    ("mynetworks", b"a:b", "a b"),
    ("x_maps", b"static:{a b}", "static:{a  b}"),
    ("x_maps", b"static:{a, b}", "static:{a b}"),
    ("x_maps", b"inline:{ {a = b  c} }", "inline:{ {a = b c} }"),
    ("yours", b"permit_mynetworks,reject", "permit_mynetworks reject"),
    ("smtpd_banner", b"a b", "a  b"),
    ("smtpd_banner", b"a, b", ["a b"]),
    ("myorigin", b"a  b", "a b"),
    ("myorigin", b"a, b", "a b"),
    ("unknown", b"yes", "Yes"),
]


@pytest.mark.parametrize(("name", "found", "wanted"), SAME)
def test_another_spelling(name, found, wanted):
    assert same(name, found, wanted)


@pytest.mark.parametrize(("name", "found", "wanted"), OTHER)
def test_another_meaning(name, found, wanted):
    assert not same(name, found, wanted)


def test_white_space_where_lines_are_joined_is_layout_but_in_a_text():
    assert same("myorigin", b"a    b", "a b", lines=2)
    assert same("myorigin", b"a b", "a\nb")
    assert not same("smtpd_banner", b"a    b", "a b", lines=2)


def test_without_postfix_types_are_not_known():
    assert not same("biff", b"Yes", "yes", types=ParameterTypes())
    assert ParameterTypes().problem("biff", value("perhaps")) is None


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("biff", "perhaps", "yes or no"),
        ("biff", "", "yes or no"),
        ("message_size_limit", "10M", "whole number"),
        ("message_size_limit", ["1", "2"], "whole number"),
        ("smtpd_timeout", "notatime", "30s"),
        ("smtpd_timeout", "-1", "30s"),
        ("smtpd_timeout", "5 m", "30s"),
        ("smtpd_timeout", "0", "1s or more"),
        ("smtpd_timeout", "0m", "1s or more"),
        ("hopcount_limit", "0", "1 or more"),
        ("hopcount_limit", "-1", "1 or more"),
        ("line_length_limit", "80", "512 or more"),
        ("in_flow_delay", "1m", "10s or less"),
        ("delay_logging_resolution_limit", "7", "6 or less"),
        ("unverified_sender_defer_code", "550", "499 or less"),
        ("maximal_queue_lifetime", "101d", "8640000s or less"),
        ("default_process_limit", "2147483648", "2147483647 or less"),
        ("smtpd_timeout", "4000w", "2147483647s or less"),
    ],
)
def test_values_that_a_program_would_die_of(name, asked, words):
    assert words in TYPES.problem(name, value(asked))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("biff", "$other"),
        ("smtpd_timeout", "${stress?{10}:{300}}s"),
        ("smtpd_tls_loglevel", "routine"),
        ("compatibility_level", "3.6"),
        ("mynetworks", "10 M"),
        ("hopcount_limit", "1"),
        ("header_size_limit", "+1"),
        ("maximal_queue_lifetime", "0"),
        ("maximal_queue_lifetime", "100d"),
        ("in_flow_delay", "0"),
        ("mailbox_size_limit", "0"),
        ("mailbox_size_limit", "3000000000"),
        ("default_destination_concurrency_limit", "-1"),
    ],
)
def test_values_that_we_say_nothing_of(name, asked):
    assert TYPES.problem(name, value(asked)) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"", []),
        (b" , ", []),
        (b"a,,b\t c", [b"a", b"b", b"c"]),
        (b"a{b, c}d e", [b"a{b, c}d", b"e"]),
        (b"{ a { b } } c", [b"{ a { b } }", b"c"]),
        (b"} a", [b"}", b"a"]),
        (b"{ a b", [b"{ a b"]),
        (b"a\x0bb", [b"a\x0bb"]),
    ],
)
def test_elements(value, found):
    assert elements(value) == found


def test_defaults_are_read_from_postconf():
    assert names.read_defaults("a = x = y\nb =\n\n") == {"a": "x = y", "b": ""}


VALUES = {
    "mydestination": "$mine, ${other}, $(third)",
    "smtpd_restriction_classes": "class_a, class_b",
    "virtual_alias_maps": "proxy:ldap:people, hash:/x",
}


@pytest.mark.parametrize(
    "name",
    ["biff", "mine", "other", "third", "class_a", "people_base", "new_time_limit", "in_master"],
)
def test_names_that_somebody_knows(name):
    assert names.unknown_names([name], DEFAULTS, VALUES, "-o x=$in_master") == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("smtpd_timeouts", "did you mean smtpd_timeout?"),
        ("zzz", "nothing refers to it"),
        ("hash_x", "nothing refers to it"),
    ],
)
def test_names_that_nobody_knows(name, words):
    assert words in names.unknown_names([name], DEFAULTS, VALUES)[0]


def test_without_postfix_every_name_is_taken():
    assert names.unknown_names(["zzz"], {}, {}) == []


def test_white_space_is_folded_as_postconf_prints_it():
    # Printed so by postconf -n of Postfix 3.7.11: form feed and vertical tab stay between words.
    value = b" \v x\v y \f  z\t\t\n \v w\r u \v"
    assert fold(value) == b"x\v y \f z \v w u"
