"""What people reported of other tools: what must be found, at the line that Postfix names, and what
must be left alone since Postfix takes it."""

from __future__ import annotations

import pytest

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
    b"header_from_format = standrd\n": ("1:22", "standard"),
    b"unknown_address_tempfail_action = defr\n": ("1:35", "defer"),
    b"lmtp_address_verify_target = datta\n": ("1:30", "data"),
    b"smtpd_proxy_options = speed_adjst\n": ("1:23", "speed_adjust"),
    b"smtputf8_autodetect_classes = sendmail, verfy\n": ("1:41", "verify"),
    b"smtpd_tls_fingerprint_digest = sha265\n": ("1:32", "sha256"),
    b"syslog_facility = mial\n": ("1:19", "mail"),
    b"tls_ssl_options = NO_TICKETS, NO_COMPRESSION\n": ("1:19", "no_ticket"),
    b"parent_domain_matches_subdomains = mynetwrks\n": ("1:36", "mynetworks"),
    b"milter_protocol = 6 no_header_replies\n": ("1:21", "no_header_reply"),
    # types wherever a table may stand
    b"smtpd_command_filter = pcr:/x\n": ("1:24", "pcre"),
    b"postscreen_dnsbl_reply_map = textash:/x\n": ("1:30", "texthash"),
    b"smtp_tls_per_site = hsh:/x\n": ("1:21", "hash"),
    b"relay_domains = $mydestination, randmp:{a,b}\n": ("1:33", "randmap"),
    b"virtual_alias_maps = pipemap:{hsh:/x, hash:/etc/d}\n": ("1:31", "hash"),
    b"virtual_alias_maps = unionmap:{ hash:/etc/d, hsh:/x }\n": ("1:46", "hash"),
    b"local_recipient_maps = proxy:unix:passwd.bynme\n": ("1:24", "unix:passwd.byname"),
    # tables whose entries stand in the value
    b"smtpd_sender_restrictions = check_sender_access inline:{ a = REJECT }\n": (
        "1:58", "{key = value}"),
    b"virtual_alias_maps = inline:{a@b=c d}\n": ("1:36", "{key = value}"),
    b"header_checks = regexp:{/x/ REJECT}\n": ("1:25", "{{/x/"),
    b"header_checks = regexp:{{/x REJECT}}\n": ("1:25", "the whole rule"),
    b"header_checks = static:foo\n": ("1:24", "one of"),
    b"header_checks = regexp:{{/x/ FILTER sacn:y}}\n": ("1:25", "scan"),
    b"smtpd_sender_restrictions = check_sender_access inline:{{a = FILTER smpt:y}}\n": (
        "1:57", "smtp"),
    b"smtpd_sender_restrictions = check_sender_access static:{rejct no}\n": ("1:57", "REJECT"),
    b"smtpd_client_restrictions = check_client_access cidr:{{10.0.0.0/8 DROP}}\n": (
        "1:55", "DISCARD"),
    b"transport_maps = inline:{a=nosuch:b}\n": ("1:26", "an entry"),
    b"transport_maps = static:smpt:x\n": ("1:25", "smtp"),
    b"sender_dependent_default_transport_maps = inline:{@a=smpt:}\n": ("1:51", "smtp"),
    b"smtp_tls_policy_maps = inline:{{a = encryptt protocols=TLSv1.2}}\n": ("1:32", "encrypt"),
    b"canonical_maps = inline:{}\n": ("1:18", "inline:{…}"),
    b"canonical_maps = static:a, unionmap:{ }\n": ("1:28", "unionmap:{type:/path}"),
    b"canonical_maps = tcp:127.0.0.1\n": ("1:18", "tcp:host:port"),
    b"canonical_maps = socketmap:inet:127.0.0.1:9999\n": ("1:18", "inet:host:port:name"),
    b"mydestination = a.test:25\n": ("1:17", "postconf -m"),
    b"indexed = hash:/etc/\ncanonical_maps = hash:/etc/d, ${indexed}nosuch\n": (
        "2:31", "one that is there"),
    b"mydestination = $x, b.test\nvirtual_alias_domains = a.test\nx = A.test\n": (
        "2:25", "mydestination or here"),
    b"relay_domains = a.test, b.test\nvirtual_mailbox_domains = c.test b.test\n": (
        "2:34", "relay_domains or here"),
    b"mynetworks = 127.0.0.0/8 [::1/128]\n": ("1:26", "[::1]/128 for"),
    # what an action takes behind it
    b"header_checks = regexp:{{/x/ FILTER smtp}}\n": ("1:25", "FILTER transport:nexthop"),
    b"header_checks = regexp:{{/x/ REDIRECT nobody}}\n": ("1:25", "user@domain"),
    b"header_checks = regexp:{{/x/ BCC}}\n": ("1:25", "user@domain"),
    b"header_checks = regexp:{{/x/ PREPEND x}}\n": ("1:25", "PREPEND Name: value"),
    b"header_checks = regexp:{{/x/ replace}}\n": ("1:25", "REPLACE Name: value"),
    b"body_checks = regexp:{{/x/ PREPEND}}\n": ("1:23", "PREPEND and a text"),
    b"header_checks = regexp:{{/x/ REJECT 2.1.1 no}}\n": ("1:25", "5.7.1"),
    b"smtpd_sender_restrictions = check_sender_access static:{PREPEND no header}\n": (
        "1:57", "PREPEND Name: value"),
    b"smtpd_sender_restrictions = check_sender_access inline:{{a = REDIRECT b}}\n": (
        "1:57", "user@domain"),
    b"smtpd_sender_restrictions = check_sender_access static:{FILTER smtp}\n": (
        "1:57", "FILTER transport:nexthop"),
    # levels of TLS and their attributes, certificates and keys
    b"smtp_tls_policy_maps = inline:{{a = may protocls=x}}\n": ("1:32", "protocols"),
    b"smtp_tls_policy_maps = inline:{{a = secure match=}}\n": ("1:32", "match=…"),
    b"smtp_tls_policy_maps = inline:{{a = encrypt match=b}}\n": ("1:32", "secure"),
    b"smtp_tls_policy_maps = inline:{{a = dane tafile=/x}}\n": ("1:32", "secure or verify"),
    b"smtp_tls_policy_maps = inline:{{a = none ciphers=high}}\n": ("1:32", "none alone"),
    b"smtp_tls_policy_maps = inline:{{a = fingerprint}}\n": ("1:32", "fingerprint match=…"),
    b"smtp_tls_policy_maps = inline:{{a = encrypt high}}\n": ("1:32", "name=value"),
    b"smtp_tls_policy_maps = inline:{{a = may connection_reuse=on}}\n": ("1:32", "yes or no"),
    b"smtpd_tls_security_level = secure\n": ("1:28", "none, may, encrypt"),
    b"smtpd_tls_cert_file = /etc/cert\n": ("1:23", "private key"),
    b"smtp_tls_cert_file = /etc/cert\nsmtp_tls_key_file = /etc/d\n": ("2:21", "private key"),
    b"smtp_tls_cert_file = /etc/key\n": ("1:22", "certificate"),
    b"smtpd_tls_chain_files = /etc/cert, /etc/d\n": ("1:25", "private key first"),
    b"header_checks = regexp:{{/(x)/ REPLACE A: ${1}}}\n": ("1:43", "$${1}"),
    b"smtpd_upstream_proxy_protocol = haproxi\n": ("1:33", "haproxy"),
    # options of servers
    b"smtpd_client_restrictions = check_policy_service {inet:127.0.0.1:9, timeout=ten}\n": (
        "1:69", "timeout=10s"),
    b"smtpd_client_restrictions = check_policy_service {inet:127.0.0.1:9 try_limit=x}\n": (
        "1:68", "try_limit=10"),
    b"smtpd_milters = {inet:127.0.0.1:9, connect_timeout=10sec}\n": ("1:36", "connect_timeout"),
    b"smtpd_milters = {inet:127.0.0.1:9, default_action=acept}\n": ("1:36", "accept"),
    # classes
    b"smtpd_restriction_classes = one\none = permit_mynetworks one\n": ("2:25", "another class"),
    b"smtpd_restriction_classes = one two\none = two\ntwo = reject_unlisted_sender, one\n": (
        "2:7", "another class"),
    # services and servers that are none
    b"defer_transports = smtp, smpt\n": ("1:26", "smtp"),
    b"relayhost = [a.test]:smpt\n": ("1:13", "[host]:port"),
    b"relayhost = smtp:[a.test]\n": ("1:13", "[host]:port"),
    b"smtp_fallback_relay = a.test:smtpp\n": ("1:23", "[host]:port"),
    b"default_transport = smtp:[a.test]:99999\n": ("1:21", "smtp:[host]:port"),
    b"smtpd_milters = localhost:8891\n": ("1:17", "inet:host:port"),
    b"smtpd_milters = inet:localhost\n": ("1:17", "inet:host:port"),
    b"non_smtpd_milters = { inet:8891@localhost, connect_timeout=1s }\n": ("1:23", "unix:/path"),
    b"smtpd_milters = unix:/run/a unix/run/b\n": ("1:29", "unix:/path"),
    b"smtpd_proxy_filter = 127.0.0.1 10025\n": ("1:22", "host:port"),
    b"smtpd_client_restrictions = check_policy_service localhost:10031\n": ("1:50", "a server"),
    b"smtpd_client_restrictions = check_policy_service { inet:localhost timeout=1s }\n": (
        "1:52", "a server"),
    b"smtpd_client_restrictions = reject_rbl_client a.test=127.0.0.x\n": ("1:47", "[2..11]"),
    b"smtpd_client_restrictions = reject_rhsbl_sender a.test=127.0.0.[2..300]\n": (
        "1:49", "127.0.0.[2..11]"),
    b"smtpd_client_restrictions = reject_rbl_client https://a.test\n": ("1:47", "a"),
    b"postscreen_dnsbl_sites = a.test=127.0.0.2*-1, b.test*x\n": ("1:47", "*2"),
    b"smtpd_sender_login_maps = static:\n": ("1:27", "type:/path"),
    b"virtual_alias_maps = hash:\n": ("1:22", "type:/path"),
    b"virtual_mailbox_domains = mysql/etc/x\n": ("1:27", "mysql:/etc/x"),
    b"mynetworks = 127.0.0.0/8 cidr=/etc/c\n": ("1:26", "cidr:/etc/c"),
    b"mynetworks = 10.0.0.0-10.0.0.255\n": ("1:14", "10.0.0.0"),
    b"mynetworks = 127.0.0.0/8 10.*\n": ("1:26", "127.0.0.0/8 alone"),
    # accounts and directories
    b"mail_owner = postfx\n": ("1:14", "one that is there"),
    b"default_privs = nobdy\n": ("1:17", "one that is there"),
    b"setgid_group = postdrp\n": ("1:16", "one that is there"),
    b"daemon_directory = /usr/lib/postfx\n": ("1:20", "one that is there"),
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
    b"smtpd_client_restrictions = { permit_mynetworks, reject }\n": (
        "1:29", "permit_mynetworks, reject"),
    b"smtpd_client_restrictions = permit_mynetworks ${stress?{rejct}:{permit}}\n": (
        "1:57", "reject"),
    b"smtpd_client_restrictions = ${stress?reject_unauth_pipelinin}\n": (
        "1:38", "reject_unauth_pipelining"),
    b"smtpd_restriction_classes = one\none = ${{$x} == {y} ? {permit} : {premit}}\nx = y\n": (
        "2:35", "permit"),
    b"smtpd_sender_restrictions = check_sender_access { hash:/etc/d }\n": (
        "1:49", "without braces"),
    b"smtpd_client_restrictions = check_ccert_access { hash:/etc/d, search_ordr=x }\n": (
        "1:63", "search_order"),
    # names
    b"virtual_mailbox_maps = ldap:acc\nacc_server_hots = a.test\n": ("2:1", "acc_server_host"),
    b"virtual_mailbox_maps = mysql:boxes\nboxes_pasword = x\n": ("2:1", "boxes_password"),
    b"virtual_mailbox_maps = pgsql:boxes\nbxes_dbname = mail\n": ("2:1", "one that"),
    b"mydestination = localhost localhost.mydomain\n": ("1:27", "localhost.$mydomain"),
    b"127.0.0.1:9999_time_limit = 3600\n": ("1:1", "one that is there"),
    b"cleanup_service_name = subcleanup\n": ("1:24", "cleanup"),
}  # fmt: skip

MASTER = {
    b"x unix - n n - - pipe user=postfix argv=/bin/true\n": ("1:23", "an account for this alone"),
    b"x unix - n n - - pipe user=nobody:postdrop argv=/bin/true\n": ("1:23", "for this alone"),
    b"x unix - n n - - pipe user=nobody argv=/bin/true $(recipient\n": ("1:35", "${name}"),
    b"x unix - n n - - pipe user=nobody argv=/bin/true $ x\n": ("1:35", "${name}"),
    b"26 inet n - n - - smtpd -o { smtpd_client_restrictions = check_client_access "
    b"cidr:{ {10.0.0.0/8 REJCT} } }\n": ("1:85", "REJECT"),
    b"26 inet n - n - - smtpd -o smtpd_proxy_filter=127.0.0.1\n": ("1:47", "host:port"),
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

CERT = b"-----BEGIN CERTIFICATE-----\n"
KEY = b"-----BEGIN RSA PRIVATE KEY-----\n"

FILES = {
    "/etc/d": b"a.test OK\n",
    "/etc/c": b"10.0.0.0/8 OK\n",
    "/etc/cert": CERT,
    "/etc/key": KEY,
    "/etc/both": CERT + KEY,
}

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
    b"tls_ssl_options = NO_TICKET, no_compression\n",
    b"tls_disable_workarounds = 0xFFFF CVE-2010-4180\n",
    b"milter_protocol = 6 no_header_reply\nsyslog_facility = LOCAL3\n",
    b"smtpd_tls_fingerprint_digest = SHA256\nreject_tempfail_action = defer\n",
    b"parent_domain_matches_subdomains = !relay_domains, smtpd_access_maps\n",
    # tables whose entries stand in the value
    b"smtpd_sender_restrictions = check_sender_access inline:{{a = REJECT no}, b=OK}\n",
    b"smtpd_sender_restrictions = check_sender_access inline:{ {a = 550 5.7.1 no} }\n",
    b"smtpd_client_restrictions = check_client_access cidr:{{10.0.0.0/8 REJECT}, {::/0 OK}}\n",
    b"smtpd_sender_restrictions = check_sender_access static:{reject no}, permit\n",
    b"smtpd_restriction_classes = one\none = permit\n"
    b"smtpd_sender_restrictions = check_sender_access inline:{a=one}\n",
    b"header_checks = regexp:{{/^Subject: a=b {x}/ REJECT}, {!/y$$/i FILTER smtp:[a.test]:25}}\n",
    b"transport_maps = inline:{{a = smtp:[b.test]:25}, b=:, c=local:, {d = error:no such thing}}\n",
    b"transport_maps = regexp:{{/@(.*)\\.test$$/ smtp:[$$1]:25}}\n",
    b"sender_dependent_default_transport_maps = inline:{a=DUNNO}\n",
    b"virtual_uid_maps = static:5000\nsmtpd_log_access_permit_actions = static:all\n",
    b"smtp_tls_policy_maps = inline:{{a = dane-only}, {b = secure match=nexthop ciphers=high}}\n",
    b"smtp_tls_policy_maps = inline:{{a = fingerprint match=AA:BB match=CC|DD}}\n",
    b"smtp_tls_policy_maps = inline:{{a = Secure Match=b:.c tafile=/x exclude= servername=d}}\n",
    b"smtp_tls_policy_maps = static:{secure policy_type=sts policy_ttl=1 mx_host_pattern=a}\n",
    b"header_checks = regexp:{{/x(.)/ REDIRECT $$1}, {/y/ FILTER smtp:}, {/z/ REPLACE A: b}}\n",
    b"header_checks = regexp:{{/x/ REJECT 5.7.1 no}, {/y/ REJECT}, {/z/ REJECT 20.3.2026}}\n",
    b"smtpd_sender_restrictions = check_sender_access static:{PREPEND X-A: b}\n",
    b"smtpd_sender_restrictions = check_sender_access inline:{{a = BCC b@c}, {d = PREPEND E:}}\n",
    b"smtp_tls_policy_maps = static:fingerprint\nsmtp_tls_fingerprint_cert_match = AA:BB\n",
    b"body_checks = regexp:{{/x/ REPLACE no header}}\n",
    b"smtpd_tls_cert_file = /etc/cert\nsmtpd_tls_key_file = /etc/key\n",
    b"smtpd_tls_chain_files = /etc/key /etc/cert, /etc/both\n",
    b"smtpd_tls_cert_file = /etc/both\nsmtpd_tls_chain_files = /etc/both\n",
    b"smtpd_tls_cert_file = none\nsmtpd_upstream_proxy_protocol =\n",
    b"smtpd_milters = {inet:127.0.0.1:9, connect_timeout=10s, default_action=tempfail}\n",
    b"smtpd_restriction_classes = one two\none = two, reject\ntwo = permit_mynetworks\n",
    b"canonical_maps = tcp:127.0.0.1:9999, socketmap:unix:private/x:y, cidr:{}\n",
    b"indexed = ${default_database_type}:${x}/\ncanonical_maps = ${indexed}d\nx = /etc\n",
    b"mydestination = a.test\nrelay_domains = a.test, $mydestination\n"
    b"virtual_alias_domains = $virtual_alias_maps !a.test\n",
    b"compatibility_level = ${{$mail_version} >= {3.6} ? {3.6} : {2}}\n",
    # services and servers
    b"defer_transports = smtp, relay\nrelayhost = [a.test]:submission\n",
    b"relayhost = $x:25\nx = a.test\nsmtp_fallback_relay = [2001:db8::1]:smtp, a.test\n",
    b"smtpd_milters = { inet:a.test:8891, connect_timeout=1s }, unix:/run/x $y\ny = local:x\n",
    b"smtpd_proxy_filter = unix:private/x\n",
    b"smtpd_proxy_filter = inet:127.0.0.1:10025\n",
    b"smtpd_proxy_filter = 10025\nmail_owner = postfix\nsetgid_group = postdrop\n",
    # restrictions
    b"smtpd_client_restrictions = ${stress?{reject}:{permit_mynetworks, permit}}\n",
    b"smtpd_client_restrictions = ${stress?reject}${stress:permit}, check_client_access "
    b"${stress?{cidr:/etc/c}:{hash:/etc/d}}\n",
    b"smtpd_client_restrictions = check_ccert_access {hash:/etc/d, search_order=x}\n",
    b"smtpd_client_restrictions = check_ccert_access {hash:/etc/d, {search_order = a, b}}\n",
    b"smtpd_client_restrictions = check_policy_service {inet:127.0.0.1:1003, timeout=1s}\n",
    b"smtpd_client_restrictions = reject_rbl_client a.test=127.0.[0;1..3].[2..11], permit\n",
    b"postscreen_dnsbl_sites = a.test=127.0.0.[2;4..8]*3, b.test*-4 c.test, d.test=127.0.0.2\n",
    b"smtpd_restriction_classes = $mine\nmine = a\na = permit\nsmtpd_client_restrictions = a\n",
    b"mynetworks = 10.0.0.1 10.0.0.0/8 3com.test 2.0.10.in-addr.test\n",
    b"mine = permit\nsmtpd_sender_restrictions = $mine\n",
    b"t = hash:/etc/d\nsmtpd_sender_restrictions = check_sender_access $t, permit\n",
    # services
    b"127.0.0.1:9998_time_limit = 3600\npolicy_time_limit = 3600\n",
    b"cleanup_service_name = cleanup\nbounce_service_name = ${x}\nx = bounce\n",
    b"mydestination = localhost, localhost.$mydomain, $myhostname\n",
]

FILTER = b"scan unix - - n - - smtp\n"

SPAWNED = (
    b"127.0.0.1:9998 inet n n n - 0 spawn user=nobody argv=/usr/bin/x\n"
    b"policy inet n n n - 0 spawn user=nobody argv=/usr/bin/x\n"
)

RIGHT_MASTER = [
    b"x unix - n n - - pipe User=nobody:nogroup FLAGS=R argv=/bin/true ${sender} $$ $recipient\n",
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
    findings = found(text, FILTER if b"sacn" in text else b"", files=FILES)
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


@pytest.mark.parametrize("row", [b"user:sesame", b"a.test user:\nsesame", b"'user:sesame"])
def test_no_finding_quotes_a_password(row):
    findings = found(
        b"smtp_sasl_password_maps = hash:/etc/p\n", files={"/etc/p": b"b.test u:x\n" + row}
    )
    assert [f.path for f in findings] == ["/etc/p"]
    assert "sesame" not in str(findings)
