"""Made-up configurations of restrictions and routes, and messages to try them with."""

from __future__ import annotations

import random
from typing import Any

ACCOUNTS = ("tech", "prof", "root")
SINKS = (4001, 4002, 4003)
OWN, ALSO, RELAYED, VIRTUAL, MAILBOXES, FAR = (
    "mail.here.test",
    "here.test",
    "relayed.test",
    "virtual.test",
    "boxes.test",
    "far.test",
)
DOMAINS = (OWN, ALSO, RELAYED, VIRTUAL, MAILBOXES, FAR)
NAMES = (
    "tech",
    "prof",
    "tech",
    "prof",
    "info",
    "team",
    "nobody-here",
    "tech+x",
    "page",
    "old",
    "gone",
    "Tech",
)
CLIENTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{second} inet n - n - - smtpd
  -o content_filter=
  -o syslog_name=second
  -o smtpd_sender_restrictions=
  -o {{ smtpd_recipient_restrictions = permit_mynetworks, reject }}
  -o mynetworks=127.0.0.0/8
  -o receive_override_options={overrides}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
scan unix - - n - 4 smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
script unix - n n - - pipe user=nobody argv=/bin/true ${{recipient}}
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/queue/data
maillog_file = {folder}/log
maillog_file_prefixes = /tmp
multi_instance_enable = no
inet_interfaces = loopback-only
inet_protocols = ipv4
smtpd_peername_lookup = no
smtp_host_lookup = dns
smtp_dns_resolver_options = res_defnames
myhostname = mail.here.test
mydomain = here.test
alias_database =
notify_classes =
smtpd_client_connection_count_limit = 0
default_process_limit = 20
in_flow_delay = 0
"""


def configuration(random: random.Random, port: int, messages: int) -> dict[str, Any]:
    """Return a configuration with messages to try it with."""
    files = {
        "master.cf": MASTER.format(
            port=port,
            second=port + 1,
            overrides=random.choice(
                [
                    "",
                    "no_address_mappings",
                    "no_header_body_checks",
                    "no_address_mappings, no_header_body_checks",
                ]
            ),
        )
    }
    lines = [
        MAIN,
        f"mydestination = {random.choice([f'{OWN}, {ALSO}, localhost', OWN, f'{ALSO}'])}",
    ]
    networks = random.choice(["127.0.0.1/32", "127.0.0.0/30", "127.0.0.3", "127.0.0.0/8"])
    lines.append(f"mynetworks = {networks}")
    indexed = []
    for add in (_aliases, _virtual, _canonical, _transport, _mailboxes, _access, _checks, _others):
        add(random, files, indexed, lines, port)
    files["main.cf"] = "\n".join(lines) + "\n"
    return {
        "port": port,
        "files": files,
        "indexed": indexed,
        "messages": [_message(random, number) for number in range(messages)],
    }


def address(random: random.Random) -> str:
    """Return an address of some domain."""
    return f"{random.choice(NAMES)}@{random.choice(DOMAINS)}"


def _message(random: random.Random, number: int) -> dict[str, Any]:
    sender = random.choice(["", "tech", *(address(random) for _each in range(6)), "x@spam.test"])
    recipients = [address(random) for _each in range(random.choice([1, 1, 1, 2, 3]))]
    if random.random() < 0.1:
        recipients[0] = random.choice(NAMES)
    subject = random.choice(["hello", "bad word", "hold it", "away", "other", "to sink"])
    message_id = f"{number}.{random.getrandbits(60)}@case.test"
    return {
        "id": message_id,
        "client": random.choice(CLIENTS),
        "helo": random.choice(["pc.test", "pc", "mail.spam.test"]),
        "sender": sender,
        "recipients": list(dict.fromkeys(recipients)),
        "content": f"Message-ID: <{message_id}>\nSubject: {subject}\nFrom: a@b.test\n"
        f"\nbody {subject}\n",
    }


def _some(random: random.Random, rows: list[str], least: int = 0) -> str:
    chosen = random.sample(rows, random.randint(min(least, len(rows)), len(rows)))
    return "\n".join(chosen) + "\n"


def _aliases(random, files, indexed, lines, port):
    rows = [
        "postmaster: root",
        "info: tech",
        "team: prof, tech@far.test",
        "old: gone@relayed.test",
        'page: "|/bin/true"',
        "tech: prof",
        "gone: /dev/null",
        "nobody-here: info",
        "prof: \\prof, root",
        "root: tech",
    ]
    files["aliases"] = _some(random, rows)
    indexed.append(("aliases", "aliases"))
    lines.append("alias_maps = hash:{folder}/aliases")


def _virtual(random, files, indexed, lines, port):
    if random.random() < 0.4:
        return
    rows = [
        f"info@{VIRTUAL} tech@{ALSO}",
        f"@{VIRTUAL} prof",
        f"team@{VIRTUAL} tech, prof, x@{FAR}",
        f"old@{ALSO} tech@{OWN}",
        "page prof",
        f"@{RELAYED} gone@{FAR}",
        f"tech@{FAR} tech@{ALSO}",
        f"gone@{VIRTUAL} old@{ALSO}",
    ]
    rows.append(f"{VIRTUAL} anything")
    files["virtual"] = _some(random, rows)
    kind = random.choice(["hash", "texthash"])
    if kind == "hash":
        indexed.append(("map", "virtual"))
    lines.append(f"virtual_alias_maps = {kind}:{{folder}}/virtual")
    if random.random() < 0.5:
        lines.append(f"virtual_alias_domains = {VIRTUAL}")


def _canonical(random, files, indexed, lines, port):
    if random.random() < 0.6:
        return
    rows = [f"old@{ALSO} tech@{ALSO}", f"@{FAR} nobody-here@{OWN}", "prof Prof.Name", "gone tech"]
    files["canonical"] = _some(random, rows, 1)
    name = random.choice(["canonical_maps", "recipient_canonical_maps", "sender_canonical_maps"])
    lines.append(f"{name} = texthash:{{folder}}/canonical")


def _transport(random, files, indexed, lines, port):
    if random.random() < 0.75:
        rows = [
            f"{RELAYED} smtp:[127.0.0.1]:{SINKS[0]}",
            f"{FAR} relay:[127.0.0.1]:{SINKS[1]}",
            f".{ALSO} error:5.1.2 no such domain",
            f"gone@{ALSO} discard:",
            f"tech@{RELAYED} smtp:[127.0.0.1]:{SINKS[2]}",
            f"old@{FAR} error:4.2.1 later",
            f"page@{ALSO} script:",
            "* smtp:[gateway.test]",
            f"info@{FAR} smtp:nowhere.test",
            f"team@{FAR} :[127.0.0.1]:{SINKS[0]}",
            f"{MAILBOXES} missing:x",
        ]
        files["transport"] = _some(random, rows, 1)
        indexed.append(("map", "transport"))
        lines.append("transport_maps = hash:{folder}/transport")
    if random.random() < 0.6:
        lines.append(f"relay_domains = {random.choice([RELAYED, f'{RELAYED}, {FAR}', ''])}")
    if random.random() < 0.3:
        lines.append(
            f"relayhost = {random.choice(['[127.0.0.1]:4001', '[smart.test]', 'mx.test'])}"
        )
    if random.random() < 0.15:
        lines.append(
            "relay_recipient_maps = inline:{ {tech@relayed.test = x} {old@relayed.test = x} }"
        )


def _mailboxes(random, files, indexed, lines, port):
    if random.random() < 0.6:
        return
    files["boxes"] = _some(
        random, [f"tech@{MAILBOXES} tech/", f"@{MAILBOXES} rest", f"prof@{MAILBOXES} prof"], 1
    )
    lines += [
        f"virtual_mailbox_domains = {MAILBOXES}",
        "virtual_mailbox_base = {folder}/queue/virtual",
        "virtual_mailbox_maps = texthash:{folder}/boxes",
        "virtual_minimum_uid = 10",
        "virtual_uid_maps = static:65534",
        "virtual_gid_maps = static:65534",
    ]


ACTIONS = (
    "REJECT no ads",
    "OK",
    "DUNNO",
    "OK",
    "DUNNO",
    "450 4.2.0 later",
    "DISCARD",
    "HOLD",
    "permit_mynetworks, reject",
    "FILTER smtp:[127.0.0.1]:4002",
    "DEFER_IF_PERMIT wait",
    "REDIRECT prof@here.test",
    "PREPEND X-Seen: yes",
    "WARN look",
    "BCC tech@here.test",
)


ACCESS_KEYS = (
    f"tech@{FAR}",
    FAR,
    "tech@",
    ALSO,
    f"old@{ALSO}",
    "spam.test",
    "<>",
    RELAYED,
    "prof@",
    "test",
)
SENDER_OR_RECIPIENT = ("hash:{folder}/access", "pcre:{folder}/patterns")
RESTRICTIONS = {
    "client": (
        "permit_mynetworks",
        "check_client_access cidr:{folder}/clients",
        "reject_unauth_pipelining",
        "check_sender_access hash:{folder}/access",
    ),
    "helo": (
        "permit_mynetworks",
        "reject_invalid_helo_hostname",
        "reject_non_fqdn_helo_hostname",
        "check_helo_access hash:{folder}/access",
    ),
    "sender": (
        "permit_mynetworks",
        "check_sender_access TABLE",
        "reject_non_fqdn_sender",
        "reject_unlisted_sender",
        "strict",
    ),
    "recipient": (
        "permit_mynetworks",
        "reject_unauth_destination",
        "reject_non_fqdn_recipient",
        "check_recipient_access TABLE",
        "permit_auth_destination",
        "reject_unlisted_recipient",
        "warn_if_reject reject_non_fqdn_sender",
        "check_sender_access hash:{folder}/access",
        "strict",
        "permit",
        "reject",
    ),
    "relay": (
        "permit_mynetworks",
        "reject_unauth_destination",
        "defer_unauth_destination",
        "permit_auth_destination",
        "check_recipient_access hash:{folder}/access",
        "permit",
    ),
    "data": ("reject_multi_recipient_bounce", "check_sender_access hash:{folder}/access"),
    "end_of_data": ("check_recipient_access hash:{folder}/access", "permit_mynetworks"),
}
"""What may stand in smtpd_<stage>_restrictions; TABLE is one of SENDER_OR_RECIPIENT."""


def _access(random, files, indexed, lines, port):
    files["access"] = _some(random, [f"{key} {random.choice(ACTIONS)}" for key in ACCESS_KEYS], 1)
    indexed.append(("map", "access"))
    files["patterns"] = _some(
        random,
        [f"/^{name}@/ {random.choice(ACTIONS)}" for name in ("tech", "info", "gone", ".*spam")],
        1,
    )
    files["clients"] = _some(
        random, [f"127.0.0.{n}/32 {random.choice(ACTIONS[:5])}" for n in (1, 2, 3)], 1
    )
    lines += _restrictions(random)
    if not any(line.startswith("smtpd_relay") for line in lines) and random.random() < 0.2:
        lines.append("smtpd_relay_restrictions =")
        lines.append("smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination")
    lines.append("smtpd_restriction_classes = strict")
    lines.append("strict = check_sender_access hash:{folder}/access, reject_non_fqdn_sender")


def _restrictions(random):
    """Return the lines of some stages' restrictions."""
    tables = {stage: random.choice(SENDER_OR_RECIPIENT) for stage in ("sender", "recipient")}
    found = []
    for stage, words in RESTRICTIONS.items():
        if random.random() < (0.8 if stage in tables else 0.35):
            chosen = random.sample(words, random.randint(1, min(4, len(words))))
            if random.random() < 0.5 and stage in ("client", "helo", "sender", "relay"):
                chosen = [word for word in chosen if not word.startswith("reject")] or chosen
            named = ", ".join(chosen).replace("TABLE", tables.get(stage, ""))
            found.append(f"smtpd_{stage}_restrictions = {named}")
    return found


def _checks(random, files, indexed, lines, port):
    if random.random() < 0.5:
        files["headers"] = _some(
            random,
            [
                "/^Subject: bad/ REJECT bad word",
                "/^Subject: hold/ HOLD",
                "/^Subject: away/ DISCARD",
                f"/^Subject: to sink/ FILTER smtp:[127.0.0.1]:{SINKS[0]}",
                "/^From: a@/ IGNORE",
                "/^Subject: other/ REDIRECT prof@here.test",
            ],
            1,
        )
        lines.append("header_checks = regexp:{folder}/headers")
    if random.random() < 0.2:
        lines.append("body_checks = regexp:{folder}/bodies")
        files["bodies"] = "/body bad/ REJECT bad body\n/body away/ DISCARD\n"


def _others(random, files, indexed, lines, port):
    options = [
        "recipient_delimiter = +",
        "smtpd_helo_required = yes",
        "smtpd_delay_reject = no",
        "luser_relay = prof",
        "home_mailbox = Maildir/",
        "always_bcc = prof@here.test",
        "local_recipient_maps =",
        "append_at_myorigin = yes",
        "smtpd_reject_unlisted_recipient = no",
        "masquerade_domains = here.test",
        "strict_rfc821_envelopes = yes",
        "swap_bangpath = no",
        "relocated_maps = inline:{ {old@here.test = gone.test} }",
        "myorigin = $mydomain",
        "parent_domain_matches_subdomains =",
        "smtpd_sender_login_maps =",
        "mailbox_command = /bin/true",
        "default_transport = smtp:[127.0.0.1]:4003",
        "sender_dependent_relayhost_maps = inline:{ {tech@here.test = [127.0.0.1]:4002} }",
        "recipient_bcc_maps = inline:{ {tech@here.test = x@far.test} }",
        "unknown_local_recipient_reject_code = 450",
        "mailbox_transport = discard:",
        "fallback_transport = error:no such account",
        "defer_transports = relay",
        "smtpd_relay_before_recipient_restrictions = no",
        "disable_vrfy_command = yes",
    ]
    lines += random.sample(options, random.randint(0, 5))
    if random.random() < 0.3:
        lines.append(f"content_filter = scan:[127.0.0.1]:{random.choice([port + 1, SINKS[1]])}")
