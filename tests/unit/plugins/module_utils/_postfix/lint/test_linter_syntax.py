"""What Postfix cannot take apart in a value, and what it can although it looks odd."""

from __future__ import annotations

import pytest

from tests.support.lint_system import found, place

MAIN = {
    # references
    b"myorigin = ${mydomain\n": ("1:12", "$name, ${name}"),
    b"myorigin = $(mydomain}\n": ("1:12", "$name, ${name}"),
    b"myorigin = ${my-domain}\n": ("1:12", "$name, ${name}"),
    b"address_verify_map = btree:$/verify\n": ("1:28", "$name, ${name}"),
    b"address_verify_map = btree:$data_directory}/verify\n": ("1:28", "$name, ${name}"),
    b"smtp_tls_session_cache_database = btree:$${data_directory}/x\n": ("1:41", "$name, ${name}"),
    b"smtpd_helo_restrictions = ${stress?reject\n": ("1:27", "$name, ${name}"),
    # braces
    b"smtpd_sender_restrictions = check_sender_access inline:{ {a=OK}, permit\n": ("1:56", "}"),
    b"smtpd_sender_restrictions = check_sender_access { a = OK }, b }\n": ("1:63", "{ where"),
    b"smtpd_sender_restrictions = check_sender_access inline:{ {a=OK}/}\n": ("1:63", "a comma"),
    b"smtpd_milters = { inet:127.0.0.1:1, protocl=6 }\n": ("1:37", "protocol"),
    b"smtpd_data_restrictions = check_policy_service { unix:x, timeout=2s ; }\n": (
        "1:69", "timeout"),
    # networks and servers
    b"mynetworks = 10.0.0.1/8\n": ("1:14", "10.0.0.0/8"),
    b"mynetworks = 127.0.0.0/8, 10.0.0.0/33\n": ("1:27", "address/bits"),
    b"mynetworks = 300.0.0.0/8\n": ("1:14", "address/bits"),
    b"mynetworks = 2001:db8::/32\n": ("1:14", "[2001:db8::]/32"),
    b"mynetworks = 127.0.0.1:99999\n": ("1:14", "postconf -m"),
    b"relayhost = [mail.test:25\n": ("1:13", "[host]:port"),
    b"relayhost = [mail.test]x:25\n": ("1:13", "[host]:port"),
    b"relayhost = (mail.test):25\n": ("1:13", "[host]:port"),
    b"smtp_fallback_relay = a.test, [b.test]:99999\n": ("1:31", "[host]:port"),
    b"default_transport = smtp:mail.test]:25\n": ("1:21", "smtp:[host]:port"),
    b"smtp_bind_address = 127.0.0.1:25\n": ("1:21", "an address"),
    "mydomain = tést.test\n".encode(): ("1:12", "letters, digits"),
    # tables
    b"virtual_alias_maps = hash/etc/postfix/v\n": ("1:22", "type:/path"),
    b"transport_maps = hash:transport\n": ("1:18", "hash:/etc/postfix/transport"),
    b"mynetworks = cidr:./networks\n": ("1:14", "cidr:/etc/postfix/networks"),
    b"transport_maps = hash:hash:/etc/postfix/t\n": ("1:18", "hash:/etc/postfix/t"),
    b"transport_maps = Hash:/etc/postfix/t\n": ("1:18", "hash"),
    b"smtpd_sender_restrictions = check_sender_access hash:{ {a=OK} }\n": ("1:49", "inline"),
    b"smtpd_sender_restrictions = check_sender_accesshash:/etc/d\n": ("1:29", "postconf -m"),
    # words
    b"hopcount_limit =\n": ("1:1", "a value"),
    b"lmtp_destination_recipient_limit = 1\nerror_time_limit =\n": ("2:1", "a value"),
    b"append_dot_mydomain =\n": ("1:1", "a value"),
    b"smtp_host_lookup =\n": ("1:1", "a value"),
    b"compatibility_level =\n": ("1:1", "a value"),
    b"compatibility_level = 3.6 #\n": ("1:23", "such as 3.6"),
    b"home_mailbox = Maildir/ # of each\n": ("1:24", "line of its own"),
    b"smtp_sasl_mechanism_filter = plain;login\n": ("1:30", "a comma"),
    b"smtpd_milters = \"inet:127.0.0.1:8891\n": ("1:17", "a comma"),
    b"local_header_rewrite_clients = permitmynetworks\n": ("1:32", "permit_mynetworks"),
    b"smtpd_restriction_classes = strict, mild\nstrict = reject\n": ("1:37", "mild = "),
    b"default_destination_concurrency_negative_feedback = x\n": ("1:53", "number/concurrency"),
    b"smtp_time_limit = 3600.5\n": ("1:19", "a number with s, m"),
    b"smtpd_tls_cert_file = /etc/no.pem\n": ("1:23", "a file that is there"),
    b"smtpd_tls_cert_file = /etc/ssl/certs/ssl-cert-snakeoil.pem\nsmtpd_tls_key_file =\n": (
        "2:1", "a value"),
}  # fmt: skip

RIGHT = [
    b"export_environment = TZ PATH=/bin:/usr/bin\n",
    b"smtpd_banner = $myhostname ESMTP $$5 an hour\n",
    b"smtpd_timeout = ${stress?{10}:{300}}s\n",
    b"smtpd_hard_error_limit = ${stress?1}${stress:5}\n",
    b"smtpd_tls_mandatory_protocols = ${{$compatibility_level} < {3.6} ? {!SSLv2} : {>=TLSv1}}\n",
    b"mailbox_command = /usr/bin/procmail -a $(hostname) # ${x\n",
    b"smtpd_expansion_filter = !$%{\n",
    b"mynetworks = 127.0.0.0/8 [::1]/128 [::ffff:127.0.0.0]/104 [fe80::]/10, 10.1.2.3\n",
    b"mynetworks = !10.0.0.7, 10.0.0.0/8, .example.test\n",
    b"relayhost = [mail.test]:submission\n",
    b"relayhost = [ipv6:2001:db8::1]:25\n",
    b"smtp_fallback_relay = a.test, [b.test]:587\n",
    b"virtual_transport = lmtp:inet:dovecot:24\n",
    b"virtual_transport = lmtp:unix:private/dovecot-lmtp\n",
    b"smtpd_milters = { inet:127.0.0.1:1, protocol=6, {default_action = accept} }, unix:/run/x\n",
    b"smtpd_client_restrictions = check_policy_service { inet:a.test:1, timeout=2s,\n"
    b"  default_action={451 Later} }, permit\n",
    b"header_checks = regexp:{{/^A: {2}/ IGNORE}, {/^B:/ IGNORE}}\n",
    b"smtp_sasl_mechanism_filter = !gssapi, static:rest\n",
    b"address_verify_map =\nsmtp_tls_session_cache_database =\nsmtp_tls_ciphers = high\n",
    b"default_destination_concurrency_positive_feedback = 1 / sqrt_concurrency\n",
    b"mydomain = a-b.test\nmyhostname = mail.$mydomain\n",
]


@pytest.mark.parametrize("main", MAIN)
def test_what_cannot_be_taken_apart(main):
    at, instead = MAIN[main]
    findings = found(main)
    assert [f for f in findings if place(f) == f"main.cf:{at}" and instead in f.instead], findings
    assert {f.line for f in findings} == {int(at.split(":")[0])}


@pytest.mark.parametrize("main", RIGHT)
def test_what_can_be(main):
    assert found(main) == []


MASTER = {
    b"x unix - n n - 0 spawn\n  user argv=/bin/true\n": ("2:3", "user="),
    b"x unix - n n - 0 spawn user=nobody argv= -x\n": ("1:36", "argv=/path"),
    b"x unix - n n - 0 pipe flags=R user=nobody argv=./x\n": ("1:43", "/path"),
    b"x unix - n n - 0 spawn user=nobody argv=$x\n": ("1:36", "/path"),
    b"x unix - n n - 0 spawn user=nobody:nogrp argv=/usr/bin/spamc\n": ("1:24", "create it"),
}
USED = b"virtual_transport = x\nsmtpd_data_restrictions = check_policy_service unix:private/x\n"


@pytest.mark.parametrize("master", MASTER)
def test_programs_that_start_others(master):
    at, instead = MASTER[master]
    findings = found(USED, master)
    assert [f for f in findings if place(f) == f"master.cf:{at}" and instead in f.instead], findings
    assert len({f.line for f in findings}) == 1


def test_a_service_beside_the_one_that_a_server_is_asked_of():
    master = b"policy unix - n n - 0 spawn user=nobody argv=/usr/bin/spamc\n"
    main = b"smtpd_data_restrictions = check_policy_service unix:private/%s, permit\n"
    [finding] = found(main % b"polcy", master)
    assert (place(finding), finding.instead) == ("main.cf:1:48", "unix:private/policy")
    assert found(main % b"policy", master) == []
    assert found(main % b"dovecot-quota", master) == []


def test_a_type_that_there_is_not_is_found_at_each_place():
    findings = found(b"mynetworks = cird:/x\nrelay_domains = cird:/x\nmydestination = cird:/y\n")
    assert [place(f) for f in findings] == ["main.cf:1:14", "main.cf:2:17", "main.cf:3:17"]
