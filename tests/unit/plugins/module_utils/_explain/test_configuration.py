"""Where things stand: parameters, options, and the rows of tables."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.asking import (
    databases,
    questions,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
    answers,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.sentences import SENTENCES

MAIN = """\
# comment
mynetworks = 127.0.0.0/8
smtpd_sender_restrictions = permit_mynetworks,
  reject_unknown_sender_domain
  check_sender_access hash:/etc/postfix/access
"""
MASTER = """\
smtp inet n - n - - smtpd
2626 inet n - n - - smtpd
  -o content_filter=
  -o smtpd_client_restrictions=permit_mynetworks,reject
"""


@pytest.fixture
def configuration(tmp_path, monkeypatch):
    def configuration(main=MAIN, master=MASTER):
        (tmp_path / "main.cf").write_text(main)
        (tmp_path / "master.cf").write_text(master)
        monkeypatch.setattr(
            Configuration,
            "_values",
            lambda self: {e.name: " ".join(e.value.decode().split()) for e in self.parameters},
        )
        return Configuration(str(tmp_path))

    return configuration


@pytest.mark.parametrize(
    ("name", "service", "word", "file", "line"),
    [
        ("mynetworks", 0, "", "main.cf", 2),
        ("smtpd_sender_restrictions", 0, "check_sender_access", "main.cf", 5),
        ("smtpd_client_restrictions", 1, "reject", "master.cf", 4),
        ("content_filter", 1, "", "master.cf", 3),
    ],
)
def test_places(configuration, name, service, word, file, line):
    conf = configuration()
    place = conf.place(name, conf.services[service], word)
    assert (place.path, place.line) == (f"{conf.directory}/{file}", line)


def test_a_default_has_no_place(configuration):
    conf = configuration()
    assert conf.place("relayhost", conf.services[0]) is None


@pytest.mark.parametrize(
    ("kind", "text", "key", "value", "line"),
    [
        ("hash", "# x\na@b.test OK\npub.fr REJECT\n", "pub.fr", "REJECT", 3),
        ("pcre", "/^a@/ OK\n/^(b)@/ REJECT $1\n/b/ REJECT b\n", "b@c.test", "REJECT b", 2),
        ("regexp", "!/^a@/ REJECT\n/^a@/ REJECT\n", "a@c.test", "REJECT", 2),
        ("cidr", "10.0.0.0/8 OK\n127.0.0.0/30 REJECT\n", "127.0.0.2", "REJECT", 2),
        ("hash", "a@b.test OK\n", "x", "OK", None),
    ],
)
def test_rows(configuration, tmp_path, kind, text, key, value, line):
    path = tmp_path / "table"
    path.write_text(text)
    place = configuration().row(f"{kind}:{path}", key, value)
    assert (place.path, place.line) == (str(path), line)


def test_a_table_without_a_file(configuration):
    assert configuration().row("inline:{a=b}", "a", "b") is None


def test_a_pattern_that_python_cannot_read_may_have_answered():
    assert answers("pcre", b"/(?|a|b)(?<n>x/", b"OK", "y", b"OK")


def test_no_postfix(tmp_path):
    with pytest.raises(ConfigError, match=r"main\.cf"):
        Configuration(str(tmp_path / "missing"))


def test_what_would_be_asked_of_dns(configuration):
    conf = configuration()
    overrides, found = questions(conf, conf.services[0])
    marker = next(iter(found))
    assert len(found) == 1
    assert found[marker].text == "reject_unknown_sender_domain"
    assert not found[marker].may_permit
    assert overrides["smtpd_sender_restrictions"].split(", ")[1] == marker
    assert marker in overrides["smtpd_restriction_classes"]


@pytest.mark.parametrize(
    ("text", "permits"),
    [
        ("reject_rbl_client dnsbl.test", False),
        ("check_policy_service inet:127.0.0.1:10023", True),
        ("check_sender_mx_access hash:/x", True),
        ("permit_mx_backup", True),
        ("reject_unverified_recipient", False),
    ],
)
def test_what_others_decide(configuration, text, permits):
    conf = configuration(f"smtpd_relay_restrictions = permit_mynetworks {text} reject\n")
    overrides, found = questions(conf, conf.services[0])
    assert [(each.text, each.may_permit) for each in found.values()] == [(text, permits)]
    assert text.split()[-1] not in overrides["smtpd_relay_restrictions"].replace(",", "").split()


def test_nothing_is_asked_of_tables_in_files(configuration):
    conf = configuration("smtpd_relay_restrictions = check_sender_access hash:/x\n")
    assert questions(conf, conf.services[0]) == ({}, {})
    assert databases(conf) == []


def test_tables_on_servers(configuration):
    conf = configuration("virtual_alias_maps = proxy:mysql:/etc/postfix/v\nalias_maps = hash:/a\n")
    assert databases(conf) == ["virtual_alias_maps"]


def test_both_languages_name_the_same():
    for sentence in SENTENCES.values():
        english, french = map(_names, sentence)
        assert set(english) == set(french)


def _names(text):
    return [part.partition("}")[0] for part in text.split("{")[1:]]


def test_the_last_of_two_services_counts(configuration):
    master = f"{MASTER}smtp inet n - n - - smtpd -o content_filter=x\nsmtp unix - - n - - smtp\n"
    services = configuration(MAIN, master).services
    assert [(each.name, each.type) for each in services] == [
        ("2626", "inet"),
        ("smtp", "inet"),
        ("smtp", "unix"),
    ]
    assert services[1].option_values() == {"content_filter": "x"}


LOGINS = "smtpd_sender_restrictions = reject_sender_login_mismatch, permit\n"


@pytest.mark.parametrize(("sasl", "asked"), [("yes", 1), ("no", 0)])
def test_logins_are_looked_up_where_clients_may_log_in(configuration, sasl, asked):
    conf = configuration(f"{LOGINS}smtpd_sasl_auth_enable = {sasl}\n")
    assert len(questions(conf, conf.services[0])[1]) == asked
