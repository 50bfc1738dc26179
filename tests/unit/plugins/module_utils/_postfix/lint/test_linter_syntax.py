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
    b"smtpd_banner = {$myhostname ESMTP\n": ("1:16", "} where the value ends"),
    b"myorigin = {a.test\n": ("1:12", "} where the value ends"),
    b"mail_name = {a}b\n": ("1:13", "a space before it"),
    b"smtp_tls_session_cache_database = = btree:${data_directory}/x\n": ("1:37", "btree:"),
    b"postscreen_cache_map = btree:$data_directory/x # as Bob said\n": ("1:48", "btree:"),
    b"address_verify_map = btree: /var/lib/x\n": ("1:22", "btree:/var/lib/x"),
    b"mailbox_transport = lmtp:unix:${queue_directory}/x # old\n": ("1:52", "alone"),
    b"postscreen_access_list = permit_mynetworks, /etc/c\n": ("1:45", "one of permit"),
    b"local_header_rewrite_clients = /etc/c\n": ("1:32", "one of permit"),
    b"smtpd_client_restrictions = check_client_access inline:{a=|OK}\n": ("1:57", "OK"),
    b"smtpd_client_restrictions = check_client_access inline:{{a => OK}}\n": ("1:57", "one of"),
    b"smtpd_client_restrictions = check_client_access inline:{{a=REJCET x}}\n": (
        "1:57", "REJECT"),
    b"smtpd_client_restrictions = check_policy_service { OK timeout=2s }\n": ("1:52", "a server"),
    b"smtpd_client_restrictions = check_policy_service unix:rpivate/x\n": ("1:55", "private/x"),
    b"smtpd_milters = unix:publc/x\n": ("1:22", "public/x"),
    b"virtual_transport = lmtp:unix:privat/x\n": ("1:31", "private/x"),
    b"smtpd_sasl_path = priavte/auth\n": ("1:19", "private/auth"),
    b"lmtp_sasl_auth_enable = yes\nlmtp_sasl_password_maps =\n": ("2:1", "lmtp_passwords"),
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
    b"smtpd_banner = {$myhostname} ESMTP x{\n",
    b"postscreen_cache_map = btree:${data_directory}/x\n",
    b"postscreen_access_list = permit_mynetworks, static:OK\n",
    b"smtpd_client_restrictions = check_client_access inline:{{a = 550 5.7.1 No} b=ok, c=DUNNO}\n",
    b"smtpd_client_restrictions = check_client_access inline:{{a = permit_mynetworks, reject}}\n",
    b"smtpd_client_restrictions = check_policy_service { $mine timeout=2s }\nmine = inet:a:1\n",
    b"smtpd_client_restrictions = check_policy_service unix:postgrey/socket\n",
    b"smtpd_sasl_path = smtpd\n",
    b"smtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = static:a:b\n",
    b"smtp_sasl_auth_enable = no\nsmtp_sasl_password_maps =\n",
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
    b"x unix - n n - 0 spawn user=0 argv=/usr/bin/spamc\n": ("1:24", "create it"),
    b"x unix - n n - 0 pipe user=nobody:0 argv=/usr/bin/spamc\n": ("1:23", "create it"),
    b"x unix - n n - 0 pipe user=nobody argv=/usr/bin/spamc $x\n": ("1:35", "one of"),
    b"x unix - n n - 0 pipe user=nobody argv=/usr/bin/spamc ${recipent}\n": (
        "1:35",
        "${recipient}",
    ),
    b"x unix - n n - 0 pipe user=nobody argv=/usr/bin/spamc ${envid}\n": ("1:35", "one of"),
    b"x unix - - n - 0 smtp -x\n": ("1:23", "-v"),
    b"x unix - - n - 0 smtp\n  -v\n  --o max_use=5\n": ("3:3", "-o name=value"),
    b"x unix - - n - 0 smtp -vq\n": ("1:23", "-v"),
    b"x unix - n n - 0 spawn user=nobody:nogrp argv=/usr/bin/spamc\n": ("1:24", "create it"),
}
USED = b"virtual_transport = x\nsmtpd_data_restrictions = check_policy_service unix:private/x\n"


@pytest.mark.parametrize("master", MASTER)
def test_programs_that_start_others(master):
    at, instead = MASTER[master]
    findings = found(USED, master)
    assert [f for f in findings if place(f) == f"master.cf:{at}" and instead in f.instead], findings
    assert len({f.line for f in findings}) == 1


RIGHT_MASTER = [
    b"x unix - - n - 0 smtp -vv -D -c -u -omax_use=5\n",
    b"x unix - - n - 0 bounce -t unix -s 5 -vn x\n",
    b"x unix - n n - 0 pipe user=nobody argv=/usr/bin/spamc ${sender} $(size) a$$b $recipient\n",
]


@pytest.mark.parametrize("master", RIGHT_MASTER)
def test_what_programs_take(master):
    assert found(b"", master) == []


def test_a_macro_of_a_newer_release():
    master = b"x unix - n n - 0 pipe user=nobody argv=/usr/bin/spamc ${envid}\n"
    assert found(b"", master, release="debian-13") == []


def test_a_socket_beside_the_one_that_is_there():
    main = b"smtpd_sasl_path = private/uth\n"
    there = {"/var/spool/postfix/private/auth": b""}
    [finding] = found(main, files=there)
    assert (place(finding), finding.instead) == ("main.cf:1:27", "private/auth")
    assert found(main) == []
    assert found(b"smtpd_sasl_path = private/dovecot\n", files=there) == []


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
