"""What the checks of a Postfix configuration find in the rows of its tables."""

from __future__ import annotations

import pytest

from tests.support.lint_system import found, place

ACCESS = "smtpd_client_restrictions = check_client_access {}:/etc/postfix/t"
TABLES = {
    "access": ACCESS,
    "class": "smtpd_restriction_classes = strict\nstrict = reject\n" + ACCESS,
    "header": "header_checks = {}:/etc/postfix/t",
    "smtp": "smtp_body_checks = {}:/etc/postfix/t",
    "transport": "transport_maps = {}:/etc/postfix/t",
    "sender": "sender_dependent_default_transport_maps = {}:/etc/postfix/t",
    "relayhost": "sender_dependent_relayhost_maps = {}:/etc/postfix/t",
    "policy": "smtp_tls_policy_maps = {}:/etc/postfix/t",
    "alias": "virtual_alias_maps = {}:/etc/postfix/t",
    "other": "smtpd_sender_login_maps = {}:/etc/postfix/t",
}

WRONG = {
    ("access", "hash", "a.test ACEPT\n"): (1, "error", "there is no action ACEPT"),
    ("access", "hash", "a.test allow\n"): (1, "error", "smtpd answers 451"),
    ("access", "hash", "# x\na..test OK\n"): (2, "warning", "no domain is like a..test"),
    ("access", "hash", "a.test FILTER nosuch:x\n"): (1, "error", "the name nosuch"),
    ("access", "regexp", "/x/ REJET\n"): (1, "error", "there is no action REJET"),
    ("access", "cidr", "10.0.0.0/8 PERMITT\n"): (1, "error", "there is no action PERMITT"),
    ("access", "hash", "a.test REJECT Désolé\n"): (1, "warning", "in ASCII"),
    ("header", "regexp", "/^Subject: x$/ DENY\n"): (1, "error", "cleanup passes over it"),
    ("header", "regexp", "/^Subject: x$/ FILTER smpt:x\n"): (1, "error", "the name smpt"),
    ("header", "pcre", "/x/i DUNNO\n\n/y DUNNO\n"): (3, "error", "no / at its end"),
    ("header", "pcre", "/a\\/ DUNNO\n"): (1, "error", "no / at its end"),
    ("header", "pcre", "if /a\nendif\n"): (1, "error", "no / at its end"),
    ("header", "regexp", "x/ DUNNO\n"): (1, "error", "starts no rule"),
    ("smtp", "regexp", "/x/ WRAN\n"): (1, "error", "there is no action WRAN"),
    ("transport", "hash", "a.test smpt:\n"): (1, "error", "the name smpt"),
    ("transport", "hash", "a.test nosuch\n"): (1, "error", "the name nosuch"),
    ("transport", "hash", "a.test smtp:localhost\n"): (1, "warning", "the DNS for localhost"),
    ("sender", "hash", "@a.test nosuch:x\n"): (1, "error", "the name nosuch"),
    ("transport", "hash", "a.test smtp:[b.test]:smpt\n"): (1, "error", "knows no port smpt"),
    ("transport", "regexp", "/x@(.*)/ smpt:[$1]\n"): (1, "error", "the name smpt"),
    ("sender", "hash", "@a.test DUNNOT\n"): (1, "error", "the name DUNNOT"),
    ("relayhost", "hash", "a@b.test [c.test:587\n"): (1, "error", "make no server"),
    ("policy", "hash", "a.test encrypt\nb.test encryptt\n"): (2, "error", "no level encryptt"),
    ("alias", "hash", "x@a..test y\n"): (1, "warning", "no domain is like x@a..test"),
    ("other", "regexp", "x/ y\n"): (1, "error", "starts no rule"),
}

RIGHT = [
    ("access", "hash", "a.test OK\nb.test 550 5.7.1 no\n10.1.2 REJECT go\n10 123456\n"),
    ("access", "hash", "a.test permit_mynetworks, reject\nb.test hash:/x\nc.test relay\n"),
    ("access", "hash", "a.test FILTER smtp:[b.test]\nb.test DISCARD\nc.test 450\n"),
    ("class", "hash", "a.test strict\n"),
    ("access", "cidr", "if 10.0.0.0/8\n10.1.0.0/16 REJECT\nendif\n!10.0.0.0/8 DUNNO\n"),
    ("header", "regexp", "/^Subject: (.*)$/ REPLACE Subject: $1\n!/x/ DUNNO\n"),
    ("header", "regexp", "if /^Subject/\n/x/ STRIP\nendif\n/a\\/b/m pass\n#/x\n"),
    ("header", "pcre", "/name=.*\\.(exe|com)\\b/i REJECT\n/x y/ WARN é\n|/a|/ HOLD\n"),
    ("header", "pcre", "/^Content-Type:.*name=\"?[^\";]*\\.(exe|com)(\"|;|$)/ REJECT\n"),
    ("transport", "hash", "a.test smtp:[b.test]:26\nb.test :\nc.test :[x]\nd.test error:no\n"),
    ("transport", "hash", "x@a.test local:$myhostname\nb.test smtp\n"),
    ("transport", "regexp", "/x@(.*)/ smtp:[$1]:26\n/y@(.*)/ smtp:[${1}.b.test]\n"),
    ("transport", "hash", "a.test smtp:[b.test]:submission, [c.test]\n"),
    ("sender", "hash", "@a.test smtp:\n@b.test DUNNO\n"),
    ("relayhost", "hash", "a@b.test [c.test]:587\n@d.test DUNNO\n@e.test e.test, [::1]:25\n"),
    ("policy", "hash", "a.test secure match=nexthop\nb.test MAY\nc.test dane-only\n"),
    ("alias", "hash", "@a.test x, y@b.test\nz \"|a..b\"\n"),
    ("other", "hash", "a..b ACEPT\n"),
]  # fmt: skip


def look(use, kind, text):
    return found(
        TABLES[use].format(kind).encode() + b"\n",
        files={"/etc/postfix/t": text.encode()},
        types=["pcre"],
    )


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_a_wrong_row(case):
    line, severity, words = WRONG[case]
    [finding] = look(*case)
    assert (place(finding), finding.severity) == (f"t:{line}:1", severity)
    assert words in finding.message
    assert finding.instead


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_right_rows(case):
    assert look(*case) == []


@pytest.mark.parametrize(
    ("word", "instead"),
    [("ACCEPT", "OK"), ("Deny", "REJECT"), ("DROP", "DISCARD"), ("Hodl", "HOLD")],
)
def test_the_action_that_is_meant(word, instead):
    [finding] = look("access", "hash", f"a.test {word}\n")
    assert finding.instead == instead


def test_what_the_reader_of_tables_finds_is_a_warning():
    findings = look("alias", "hash", "a.test\nb.test x\nB.test y\n")
    assert [(place(f), f.severity) for f in findings] == [
        ("t:1:1", "warning"),
        ("t:3:1", "warning"),
    ]


def test_a_nul_byte_in_a_table():
    [finding] = look("alias", "hash", "a.test x\0\n")
    assert (place(finding), finding.severity) == ("t:1:9", "error")


def test_a_table_that_two_parameters_name_is_looked_at_once():
    text = b"virtual_alias_maps = hash:/etc/postfix/t\ncanonical_maps = hash:/etc/postfix/t\n"
    [finding] = found(text, files={"/etc/postfix/t": b"a..test x\n"})
    assert place(finding) == "t:1:1"
    [finding] = found(text)
    assert place(finding) == "main.cf:1:22"


@pytest.mark.parametrize("reason", ["missing", "stale", "contents", "type", "corrupt"])
def test_an_index_that_mail_would_suffer_from(reason):
    text = b"virtual_alias_maps = hash:/etc/postfix/t\n"
    files = {"/etc/postfix/t": b"a.test x\n"}
    [finding] = found(text, files=files, index={"/etc/postfix/t": reason})
    assert (place(finding), finding.severity) == ("main.cf:1:22", "error")
    assert finding.instead.endswith("postmap hash:/etc/postfix/t")


@pytest.mark.parametrize("reason", ["mode", "owner"])
def test_an_index_that_others_may_read(reason):
    text = b"virtual_alias_maps = hash:/etc/postfix/t\n"
    files = {"/etc/postfix/t": b"a.test x\n"}
    [finding] = found(text, files=files, index={"/etc/postfix/t": reason})
    assert finding.severity == "warning"


def test_an_action_may_be_a_slip_of_a_restriction():
    text = b"a.test reject_unknown_sendr_domain\nb.test REJCT\nc.test gold\n"
    main = b"smtpd_restriction_classes = golds\ngolds = permit\n" + ACCESS.format("hash").encode()
    findings = found(main + b"\n", files={"/etc/postfix/t": text})
    assert [f.instead for f in findings] == ["reject_unknown_sender_domain", "REJECT", "golds"]


def test_the_networks_in_a_file_are_looked_at():
    text = b"# 10.0.0.1/8\n10.0.0.0/8, a.test\n  10.1.0.1/16 10.2.0.1/16\n"
    [finding] = found(b"mynetworks = !/etc/n\n", files={"/etc/n": text})
    assert (place(finding), finding.instead) == ("/etc/n:3:3", "10.1.0.0/16")
    assert not found(b"mynetworks = /etc/n\n", files={"/etc/n": text[: text.index(b"  ")]})
