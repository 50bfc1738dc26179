"""What people reported of other tools: what must be found, at the line that Postfix names, and what
must be left alone since Postfix takes it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.choices import (
    ONE_OF,
    SOME_OF,
    choices,
)
from tests.support.lint_system import DEFAULTS, found, place

MAIN = {
    # indentation that joins lines
    b"smtp_tls_security_level = may\n   smtp_tls_loglevel = 1\n": ("2:4", "at the margin"),
    b"home_mailbox = Maildir/\n\n# c\n\n\tsmtpd_helo_required=yes\n": ("5:2", "at the margin"),
    b"smtpd_banner = x\n smtpd_helo_requird = yes\n": ("2:2", "at the margin"),
    b"relayhost = a.test\n smtp_sasl_auth_enable = yes\n": ("2:2", "at the margin"),
    b"biff = no\n myhostname = x\n": ("2:2", "at the margin"),
    b"mynetworks =\n  127.0.0.0/8\n  biff = no\n": ("3:3", "at the margin"),
    b"  biff = no\n": ("1:1", "at the margin"),
    b"# c\n\n\tbiff = no\nmydomain = a.test\n": ("3:1", "at the margin"),
    b"mynetworks = 127.0.0.0/8\n#relay_domains =\n  10.0.0.0/8\n": ("3:3", "# before this line"),
    b"mynetworks = 127.0.0.0/8,\n10.0.0.0/8\n  10.1.0.0/16\n": ("2:11", "name = value"),
    # booleans and closed sets
    b"tls_preempt_cipherlist = yess\n": ("1:26", "yes or no"),
    b"tls_preempt_cipherlist = yes # as Bob said\n": ("1:26", "yes or no"),
    b"smtpd_relay_before_recipient_restrictions = maybe\n": ("1:45", "yes or no"),
    b"smtpd_forbid_bare_newline = yess\n": ("1:29", "yes"),
    b"smtpd_tls_loglevel = O\n": ("1:22", "0, 1, 2"),
    b"smtp_tls_loglevel = 1 # was 5\n": ("1:21", "0, 1, 2"),
    b"milter_protocol = O\n": ("1:19", "2, 3, 4, 6"),
    b"smtp_tls_security_level = maybe\n": ("1:27", "may"),
    b"smtpd_tls_security_level = yes\n": ("1:28", "none, may"),
    b"notify_classes = resource, resourcs\n": ("1:28", "resource"),
    b"mynetworks_style = net\n": ("1:20", "subnet"),
    b"recipient_canonical_classes = envelope_recipent\n": ("1:31", "envelope_recipient"),
    b"receive_override_options = no_adress_mappings\n": ("1:28", "no_address_mappings"),
    b"inet_protocols = ipv4, ipv5\n": ("1:24", "ipv"),
    b"milter_default_action = acept\n": ("1:25", "accept"),
    b"smtp_sasl_security_options = noanonymus\n": ("1:30", "noanonymous"),
    b"postscreen_greet_action = enforc\n": ("1:27", "enforce"),
    b"smtpd_discard_ehlo_keywords = dns, silent-discard\n": ("1:31", "dsn"),
    b"smtpd_tls_mandatory_protocols = !SSLv2, !TSLv1\n": ("1:41", "!TLSv1"),
    b"smtp_tls_protocols = >=TLSv1.4\n": ("1:22", ">=TLSv1"),
    b"smtpd_tls_ciphers = hihg\n": ("1:21", "high"),
    # types wherever a table may stand
    b"alias_database = hah:/etc/aliases\n": ("1:18", "hash"),
    b"relay_domains = hsah:/x\n": ("1:17", "hash"),
    b"mynetworks = cird:/x\n": ("1:14", "cidr"),
    b"virtual_mailbox_domains = proxy:mysl:/x\n": ("1:33", "mysql"),
    b"virtual_mailbox_domains = proxy:mysql: /x\n": ("1:27", "proxy:mysql:/x"),
    b"postscreen_access_list = permit_mynetworks, cird:/x\n": ("1:45", "cidr"),
    b"postscreen_access_list = permit_ynetworks\n": ("1:26", "permit_mynetworks"),
    b"smtp_tls_session_cache_database = btre:/var/lib/x\n": ("1:35", "btree"),
    b"smtpd_client_restrictions = cird:/x, permit\n": ("1:29", "cidr"),
    # restrictions behind a name of one's own
    b"mine = check_sal_access hash:/etc/d\nsmtpd_sender_restrictions = $mine\n": (
        "1:8", "check_sasl_access"),
    b"a = ${b}\nb = premit\nsmtpd_client_restrictions = reject_unauth_pipelining, $a\n": (
        "2:5", "permit"),
    # names
    b"virtual_mailbox_maps = ldap:acc\nacc_server_hots = a.test\n": ("2:1", "acc_server_host"),
    b"virtual_mailbox_maps = mysql:boxes\nboxes_pasword = x\n": ("2:1", "boxes_password"),
    b"virtual_mailbox_maps = pgsql:boxes\nbxes_dbname = mail\n": ("2:1", "one that"),
    b"mydestination = localhost localhost.mydomain\n": ("1:27", "localhost.$mydomain"),
    b"127.0.0.1:9999_time_limit = 3600\n": ("1:1", "one that is there"),
    b"cleanup_service_name = subcleanup\n": ("1:24", "cleanup"),
}  # fmt: skip

MASTER = {
    b"26 inet n - n - - smtpd -o cleanup_service_name=subcleanup\n": ("1:49", "cleanup"),
    b"26 inet n - n - - smtpd\n#27 inet n - n - - smtpd\n  -o biff=no\n": ("3:3", "# before"),
    b"#27 inet n - n - - smtpd\n26 inet n - n - - smtpd\n#submission inet n - n - - smtpd\n"
    b"#  -o biff=no\n  -o biff=no\n": ("5:3", "# before"),
    b"  26 inet n - n - - smtpd\n": ("1:1", "at the margin"),
    b"26 inet n - n - - smtpd\n-o biff=no\n  -o biff=no\n": ("2:11", "name type"),
    b"x unix - - n - - lmtp flags=OZ\n": ("1:23", "some of DORX"),
    b"x unix - - n - - smtp flag=O\n": ("1:23", "flags=DORX"),
    b"x unix - - n - - smtp o=p\n": ("1:23", "flags=DORX"),
}

FILES = {"/etc/d": b"a.test OK\n", "/etc/c": b"10.0.0.0/8 OK\n"}

RIGHT_MAIN = [
    # names of one's own, and of tables
    b"virtual_mailbox_maps = ldap:acc\nacc_server_host = a.test\nacc_query_filter = (mail=%s)\n",
    b"virtual_mailbox_maps = proxy:mysql:boxes\nboxes_hosts = db.test\nboxes_dbname = mail\n",
    b"virtual_alias_maps = unionmap:{ldap:one, pgsql:two}\none_bind = no\ntwo_user = x\n",
    b"acc = ldap:a\nvirtual_mailbox_maps = $acc\na_newer_than_this = 1\n",
    b"a_b = c\nmyorigin = ${x?{$a_b}:{d}}\nx = y\n",
    b"header_checks = pcre:{{/^Subject: #1/ REJECT}}\n",
    # continuations that are what they look like
    b"mynetworks = 127.0.0.0/8\n# not: relay_domains = x\n  10.0.0.0/8\n",
    b"mynetworks = 127.0.0.0/8\n#  10.1.0.0/16\n  10.0.0.0/8\n",
    b"import_environment = TZ\n  MAIL_CONFIG=/etc/postfix\n",
    b"smtpd_client_restrictions = check_client_access inline:{\n  { a.test = OK } }\n",
    b"mailbox_command = /usr/bin/procmail\n   DEFAULT=$HOME/Maildir/\n",
    # names that only defaults refer to
    b"virtual_maps =\nfallback_relay = a.test\nauthorized_verp_clients = a.test\n",
    b"smtpd_client_connection_limit_exceptions = 127.0.0.1\nsmtp_per_record_deadline = yes\n",
    b"postscreen_blacklist_action = drop\npostscreen_dnsbl_ttl = 5m\n",
    b"postscreen_dnsbl_whitelist_threshold = -1\npostscreen_whitelist_interfaces = static:all\n",
    b"tlsproxy_client_level = may\ntlsproxy_client_policy =\n",
    # tables
    b"smtp_sasl_auth_cache_name = proxy:btree:/var/lib/postfix/sasl_auth_cache\n",
    b"db = hash\nalias_maps = $db:/etc/aliases\n",
    b"alias_maps = ${db}:/etc/aliases\ndb = hash\n",
    b"alias_maps = $default_database_type:/etc/aliases\n",
    b"db = hash\nzz = /etc/aliases\nalias_maps = $db:$zz\n",
    b"smtpd_milters = unix:/run/x, local:/run/x\n",
    b"tls_random_source = dev:/dev/urandom\n",
    b"postscreen_access_list = permit_mynetworks, cidr:/etc/c, reject\n",
    # closed sets, in other letters and with references
    b"smtp_tls_security_level = dane-only\nsmtpd_tls_security_level = encrypt\n",
    b"smtp_tls_security_level =\nnotify_classes =\n",
    b"smtp_tls_security_level = ${x?may}\nx = y\n",
    b"inet_protocols = IPv4\nsmtp_tls_mandatory_ciphers = MEDIUM\n",
    b"smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3 : !TLSv1 TLSv1.2\n",
    b"smtp_tls_protocols = >=TLSv1.2, <=TLSv1.3\nsmtpd_tls_protocols = >=0x0303\n",
    b"smtpd_forbid_bare_newline = normalize\ntls_preempt_cipherlist = YES\n",
    b"notify_classes = bounce, delay, 2bounce policy\n",
    b"smtpd_discard_ehlo_keywords = silent-discard, DSN CHUNKING\n",
    # restrictions
    b"mine = permit\nsmtpd_sender_restrictions = $mine\n",
    b"t = hash:/etc/d\nsmtpd_sender_restrictions = check_sender_access $t, permit\n",
    # services
    b"127.0.0.1:9998_time_limit = 3600\npolicy_time_limit = 3600\n",
    b"cleanup_service_name = cleanup\nbounce_service_name = ${x}\nx = bounce\n",
    b"mydestination = localhost, localhost.$mydomain, $myhostname\n",
]

SPAWNED = (
    b"127.0.0.1:9998 inet n n n - 0 spawn user=nobody argv=/usr/bin/x\n"
    b"policy inet n n n - 0 spawn user=nobody argv=/usr/bin/x\n"
)

RIGHT_MASTER = [
    b"x unix - - n - - lmtp flags=O\n",
    b"x unix - - n - - smtp\n  -o smtp_helo_name=x flags=DORX\n",
    b"x unix - - n - - lmtp flags=\n",
    b"sub unix n - n - 0 cleanup\n26 inet n - n - - smtpd -o cleanup_service_name=sub\n",
    b"26 inet n - n - - smtpd\n#  -o biff=no\n  -o mydomain=a.test\n",
    b"26 inet n - n - - smtpd\n# a b c d e f g h\n  -o mydomain=a.test\n",
    b"26 inet n - n - - smtpd\n#27 inet n - n - - smtpd\n#  -o mydomain=a.test\n",
]


@pytest.mark.parametrize("text", MAIN)
def test_what_is_found_in_main_cf(text):
    at, instead = MAIN[text]
    findings = found(text, files=FILES)
    assert [place(finding) for finding in findings] == [f"main.cf:{at}"], findings
    assert instead in findings[0].instead


@pytest.mark.parametrize("text", MASTER)
def test_what_is_found_in_master_cf(text):
    at, instead = MASTER[text]
    findings = found(master=text)
    assert [place(finding) for finding in findings] == [f"master.cf:{at}"], findings
    assert instead in findings[0].instead


@pytest.mark.parametrize("release", DEFAULTS)
@pytest.mark.parametrize("text", RIGHT_MAIN)
def test_what_postfix_takes_in_main_cf(text, release):
    services = SPAWNED.replace(b"policy ", b"2525 ") if b"policy_" not in text else SPAWNED
    master = services if b"time_limit" in text else b""
    findings = found(text, master, files=FILES, release=release)
    problems = [f for f in findings if "knows no port" not in f.message]
    assert problems == []


@pytest.mark.parametrize("text", RIGHT_MASTER)
def test_what_postfix_takes_in_master_cf(text):
    assert found(master=text) == []


def test_a_class_that_an_option_declares():
    option = b"-o smtpd_restriction_classes=bar -o smtpd_recipient_restrictions=bar,reject"
    master = b"26 inet n - n - - smtpd " + option + b"\n"
    assert found(b"bar = permit\n", master) == []
    [finding] = found(b"bar = premit\n", master)
    assert (place(finding), finding.instead) == ("main.cf:1:7", "permit")


def test_an_index_without_its_text_is_no_fault():
    text = b"transport_maps = hash:/etc/t\n"
    assert found(text, files={"/etc/t.db": b""}) == []
    [finding] = found(text, files={"/etc/t.dbx": b""})
    assert "there is no table" in finding.message


CLOSED = [
    (name, words)
    for table in (ONE_OF, SOME_OF)
    for names, words in table
    for name in sorted({*DEFAULTS["debian-12"], *DEFAULTS["debian-13"]})
    if re.fullmatch(names, name)
]


def test_every_closed_set_is_of_a_parameter_that_there_is():
    for table in (ONE_OF, SOME_OF):
        for names, words in table:
            assert any(w == words for _name, w in CLOSED), names


@given(st.sampled_from(CLOSED), st.data())
def test_any_word_of_a_set_is_taken_and_a_misspelt_one_is_found(closed, data):
    name, words = closed
    word = data.draw(st.sampled_from(words.split()))
    at = data.draw(st.integers(0, len(word) - 1))
    slip = word[:at] + "q" + word[at:]
    assert not [f for f in found(f"{name} = {word}\n".encode()) if "none of the words" in f.message]
    [finding] = [f for f in found(f"{name} = {slip}\n".encode()) if name in f.message]
    assert place(finding) == f"main.cf:1:{len(name) + 4}"
    assert any(choices(name))


@pytest.mark.parametrize("release", DEFAULTS)
def test_the_defaults_are_in_the_closed_sets(release):
    text = "".join(
        f"{name} = {DEFAULTS[release][name]}\n"
        for name, _words in CLOSED
        if name in DEFAULTS[release]
    )
    assert [f for f in found(text.encode(), release=release) if "none of" in f.message] == []
