"""What the checks of a whole Postfix configuration find beside the slips of the course."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.linter import lint
from tests.support.lint_system import FOLDER, found, place, system

MAIN = {
    # names
    b"smtpd_recipient_restriction = permit\n": ("1:1", "smtpd_recipient_restrictions"),
    b"spamasassin_destination_recipient_limit = 1\n": ("1:1", "one that is there"),
    b"smpt_destination_recipient_limit = 1\n": ("1:1", "smtp_destination_recipient_limit"),
    # values
    b"smtp_connect_timeout = notatime\n": ("1:24", "a number with"),
    b"message_size_limit = 10M\n": ("1:22", "a whole number"),
    b"biff = maybe\n": ("1:8", "yes or no"),
    b"myorigin = a b\n": ("1:14", "alone"),
    b"myorigin = /etc/nosuch\n": ("1:12", "create it"),
    b"mydestination = $myhostnam, localhost\n": ("1:17", "$myhostname"),
    b"relayhost = mydomain\n": ("1:13", "$mydomain"),
    b"relay_domains = a.test,\n  mydestination\n": ("2:3", "$mydestination"),
    "mydestination = a\N{EN DASH}b.test\n".encode(): ("1:17", "domains alone"),
    "smtpd_helo_required = «yes»\n".encode(): ("1:23", "nothing, or a straight quote"),
    b"inet_interfaces = 127.0.0.1, 10.9.8.7\n": ("1:30", "addresses of this machine"),
    # transports
    b"default_transport = smpt\n": ("1:21", "smtp"),
    b"relay_transport = smtp:[localhost]:26\n": ("1:19", "smtp:[127.0.0.1]:26"),
    # restrictions
    b"smtpd_sender_restrictions = permit, sleep\n": ("1:37", "a number of seconds"),
    b"smtpd_helo_restrictions =\n check_helo_access permit\n": ("2:2", "check_helo_access and a t"),
    b"smtpd_data_restrictions = reject_unauth_pipeline\n": ("1:27", "reject_unauth_pipelining"),
    b"smtpd_client_restrictions = reject_maps_rbl\n": ("1:29", "reject_rbl_client with each"),
    b"smtpd_etrn_restrictions = check_etrn_access /x\n": ("1:27", "a table"),
    b"smtpd_restriction_classes = strict\nstrict = reject_unauth_dest\n": (
        "2:10",
        "reject_unauth_destination",
    ),
    b"smtpd_relay_restrictions = permit_mynetworks\n": ("1:1", "reject_unauth_destination"),
    # tables
    b"transport_maps = /etc/postfix/transport\n": ("1:18", "hash:/etc/postfix/transport"),
    b"transport_maps = hsah:/etc/postfix/t\n": ("1:18", "hash"),
    b"transport_maps = hash: /etc/postfix/t\n": ("1:18", "hash:/etc/postfix/t"),
    b"transport_maps = lmdb:/etc/postfix/t\n": ("1:18", "postfix-lmdb"),
    b"virtual_alias_maps = ldap:/etc/postfix/l.cf\n": ("1:22", "postfix-ldap"),
    b"virtual_alias_maps = proxy:hash:/etc/nosuch\n": ("1:28", "create it"),
    b"virtual_alias_maps = hash:$config_directory/nosuch\n": ("1:22", "create it"),
    b"virtual_alias_maps = unionmap:{static:x, hash:/etc/nosuch}\n": ("1:42", "create it"),
    b"relay_domains = !/etc/nosuch\n": ("1:17", "create it"),
    # lines
    b"= x\n": ("1:1", "`name = value`"),
    b"biff = no\nbiff = yes\n": ("2:1", "one of them"),
}

MASTER = {
    b"x unix - - n - - smtp\n -o smtpd_banner=x\n": ("2:5", "smtpd"),
    b"x unix - - n - - smtp\n -o content_filter=\n": ("2:5", "smtpd"),
    b"x unix - - n - - cleanup -o smtp_helo_name=x\n": ("1:29", "smtp"),
    b"x unix - - n - - smtp -o nosuch=x\n": ("1:26", "one that postconf -d lists"),
    b"x unix - - n - - smtp -o { smtp_helo_timeout = soon }\n": ("1:48", "a number with"),
    b"26 inet n - n - - smtpd -o smtpd_client_restrictions=premit\n": ("1:54", "permit"),
    b"26 inet n - n - - smtpd -o smtpd_relay_restrictions=\n": (
        "1:28",
        "reject_unauth_destination",
    ),
    b"26 inet n - n - - smtpd -o header_checks=hash:/etc/nosuch\n": ("1:42", "create it"),
    b"26 inet n - n - - smtpd o x=y\n": ("1:25", "options only"),
    b"26 inet n - n 50? - smtpd\n": ("1:15", "- here, and 50"),
    b"26 inet n - n smtpd\n": ("1:20", "`name type"),
    b"26 inet - - n - - smtpd\n": ("1:9", "n"),
    b"10.9.8.7:26 inet n - n - - smtpd\n": ("1:1", "an address of this machine"),
    b"nosuchport inet n - n - - smtpd\n": ("1:1", "its number"),
    b"x unix - n n - - pipe flag=R user=nobody argv=/bin/x\n": ("1:23", "flags=R"),
    b"x unix - n n - - pipe flags=RZ user=nobody argv=/bin/x\n": ("1:23", "some of"),
    b"x unix - n n - - pipe user=root argv=/bin/x\n": ("1:23", "an account for this alone"),
    b"x unix - n n - - pipe argv=/bin/x\n": ("1:18", "user=nobody"),
}

RIGHT_MAIN = [
    b"my_own = a.test\nmydestination = $my_own\n",
    b"smtp_destination_recipient_limit = 1\n",
    b"ldap_x_search_base = y\nvirtual_alias_maps = ldap:ldap_x\n",
    b"message_size_limit = ${stress?{1000}:{2000}}\n",
    b'mailbox_command = /usr/bin/procmail -a "$EXTENSION" -d $USER\n',
    b"forward_path = $home/.forward${recipient_delimiter}${extension}, $home/.forward\n",
    b"smtpd_banner = $myhostname \xc2\xab ESMTP \xc2\xbb\n",
    b"mynetworks = 127.0.0.0/8 [::1]/128 !10.0.0.1 10.0.0.0/8 $myhostname localhost\n",
    b"mydestination = $myhostname, !x.test, .y.test, [127.0.0.1], hash:/etc/d\n",
    b"smtpd_milters = unix:/clamav/x, inet:localhost:8891\n",
    b"smtpd_client_restrictions = check_policy_service { inet:127.0.0.1:1, timeout=10s }, reject\n",
    b"smtpd_client_restrictions = Permit_MyNetworks, sleep 1, warn_if_reject reject\n",
    b"smtpd_client_restrictions = reject_rbl_client zen.test=127.0.0.[2..11], cidr:/etc/c\n",
    b"smtpd_restriction_classes = strict\nstrict = reject\nsmtpd_etrn_restrictions = strict\n",
    b"smtpd_relay_restrictions = permit_mynetworks\nsmtpd_recipient_restrictions = reject\n",
    b"smtpd_relay_restrictions = $mine\nmine = reject\n",
    b"smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n",
    b"address_verify_map = btree:/var/lib/postfix/verify\n",
    b"local_recipient_maps = unix:passwd.byname $alias_maps\n",
    b"virtual_uid_maps = static:113\nvirtual_alias_maps = inline:{a=b, {c = d e}}\n",
    b"mailbox_transport = lmtp:unix:private/dovecot-lmtp\n",
    b"relay_transport = smtp:localhost\nsmtp_host_lookup = native\n",
    b"biff = no\nbiff = no\n",
    b"maps_rbl_domains =\n",
    b"local_transport = error:local mail delivery is disabled\n",
    b"relayhost = [smtp.a.test]:587\nsmtp_sasl_security_options = noanonymous\n",
    b"smtp_sasl_password_maps = hash:/etc/d\nsmtpd_sasl_path = private/auth\n",
    b"mynetworks = 127.0.0.0/8, hash:/etc/d, 10.0.0.0/24\n",
    b"virtual_transport = lmtp:unix:private/dovecot-lmtp\nvirtual_mailbox_domains = ldap:/etc/d\n",
    b"smtpd_recipient_restrictions = check_policy_service unix:private/spf, permit_mynetworks,\n"
    b"    reject_unauth_destination, check_recipient_access hash:/etc/r\n",
]

TABLES = {"/etc/c": b"10.0.0.0/8 OK\n", "/etc/d": b"a.test x\n", "/etc/r": b"a.test OK\n"}

RIGHT_MASTER = [
    b"x unix - - n - - smtp -o smtp_helo_name=x -o syslog_name=y -v\n",
    b"26 inet n - n - - smtpd\n -o smtp_name=x -o smtpd_banner=$smtp_name\n",
    b"26 inet n - n - - smtpd -o content_filter= -o myhostname=smtp2.local.isri.fr\n",
    b"x pass - - n - - smtpd\n"
    b"26 inet n - n - 1 postscreen -o smtpd_service_name=x -o smtpd_command_filter=\n",
    b"x unix - n n - - pipe flags=DRXhu user=nobody argv=/usr/bin/x -d ${recipient}\n",
    b"x unix - n n - - pipe\n  user=nobody null_sender= argv=/usr/bin/x $sender o=p\n",
    b"x unix - n n - 0 spawn user=nobody argv=/usr/bin/x\n",
    b"x unix - - n 60? 1 qmgr\n",
    b"x unix - n n - - pipe flags=DRhu user=vmail:vmail argv=/usr/lib/x -f ${sender}\n",
    b"smtp-amavis unix - - n - 2 smtp -o smtp_data_done_timeout=1200 -o max_use=20\n",
    b"127.0.0.1:10025 inet n - n - - smtpd -o content_filter= -o local_recipient_maps=\n"
    b" -o smtpd_restriction_classes= -o smtpd_client_restrictions=permit_mynetworks,reject\n"
    b" -o mynetworks=127.0.0.0/8 -o smtpd_milters= -o local_header_rewrite_clients=\n",
    b"submission inet n - y - - smtpd -o syslog_name=postfix/submission\n"
    b" -o smtpd_recipient_restrictions= -o smtpd_tls_security_level=encrypt\n"
    b" -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n",
    b"x unix - - n 60 - ../mine -o smtpd_banner=x operand\n",
]


@pytest.mark.parametrize("text", MAIN)
def test_a_slip_in_main_cf(text):
    at, instead = MAIN[text]
    [finding] = found(text)
    assert place(finding) == f"main.cf:{at}"
    assert instead in finding.instead


@pytest.mark.parametrize("text", MASTER)
def test_a_slip_in_master_cf(text):
    at, instead = MASTER[text]
    [finding] = found(master=text)
    assert place(finding) == f"master.cf:{at}"
    assert instead in finding.instead


@pytest.mark.parametrize("text", RIGHT_MAIN)
def test_what_is_right_in_main_cf(text):
    assert found(text, files=TABLES, types=["ldap"]) == []


@pytest.mark.parametrize("text", RIGHT_MASTER)
def test_what_is_right_in_master_cf(text):
    assert found(master=text) == []


def test_a_service_twice_is_found_at_the_second():
    [finding] = found(master=b"smtp unix - - n - - smtp\n")
    assert finding.line > 1
    assert "stands twice" in finding.message


def test_what_pipe_is_given_without_a_name():
    findings = found(master=b"x unix - n n - - pipe user=nobody /bin/x\n")
    assert [place(f) for f in findings] == ["master.cf:1:18", "master.cf:1:35"]


def test_without_postfix_only_what_needs_none_is_looked_at():
    text = b"nosuch = x\nbiff = maybe\nmydestination = $nosuch_either\ntransport_maps = nosuch\n"
    assert found(text, release=None) == []
    assert found(b"transport_maps = dbm:/etc/nosuch\n", release=None) != []


def test_the_order_is_that_of_the_files():
    findings = found(
        b"a = b\nmime_header_checks = regexp:/etc/postfix/h\nbiff = x\n",
        b"26 inet n - n 1 - smtpd\n",
        {"/etc/postfix/h": b"x\n"},
    )
    places = [place(f) for f in findings]
    assert places == ["main.cf:1:1", "main.cf:3:8", "master.cf:1:15", "h:1:1"]


@pytest.mark.parametrize("name", ["main.cf", "master.cf"])
def test_a_file_that_is_not_there(name):
    files = {f"{FOLDER}/main.cf": b"", f"{FOLDER}/master.cf": b""}
    del files[f"{FOLDER}/{name}"]
    with pytest.raises(ConfigError) as caught:
        lint(FOLDER, system(files))
    assert caught.value.path == f"{FOLDER}/{name}"


PIECES = [
    *("smtpd_client_restrictions", "transport_maps", "content_filter", "mynetworks", "myorigin"),
    *("=", " ", "\n", "\n ", ",", ":", "$", "{", "}", "/", "#", "-o ", "hash:/etc/postfix/t"),
    *("reject_rbl_client", "check_client_access", "smtp", "smtpd", "pipe", "argv=", "«", "é", "\r"),
    *("x unix - - n - - smtp", "26 inet n - n - - smtpd", "x unix - n n - - pipe "),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map(lambda words: "".join(words).encode())


@given(TEXTS, TEXTS, TEXTS)
def test_whatever_stands_there_has_places_within_the_file(main, master, table):
    texts = {
        f"{FOLDER}/main.cf": main,
        f"{FOLDER}/master.cf": master,
        f"{FOLDER}/t": table,
    }
    for finding in lint(FOLDER, system(texts)):
        lines = texts[finding.path].split(b"\n")
        assert finding.severity in ("error", "warning")
        assert finding.message
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
