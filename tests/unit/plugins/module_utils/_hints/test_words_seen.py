"""Codes of replies and kinds of lines, without what differs from one machine to the next."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._hints.words_seen import (
    MOST_SIGNS,
    kinds,
    reply_of,
    seen_of,
)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("554 5.7.1 <a@b.fr>: Sender address rejected", ["own 554 5.7.1"]),
        ("250 2.0.0 Ok: queued as 4F1", ["own 250 2.0.0"]),
        ("454-4.7.1 more", ["own 454 4.7.1"]),
        ("421 bye", ["own 421"]),
        ("nothing listens on 192.0.2.254 port 2525", []),
        ("it is in no queue", []),
    ],
)
def test_the_code_of_a_reply(text, reply):
    assert reply_of("own", text) == reply


@pytest.mark.parametrize(
    ("tried", "saw", "words"),
    [
        ("Connect to port 110", "nobody listens there", "Connect to port nobody listens there"),
        ("Connect to port 110 from outside", "closed", "Connect to port from outside closed"),
        ("Open http://127.0.0.1/", "no XML: line 12, column 1", "Open no XML line column"),
        ("Write", "mail.pc-julie.test sent <page@mail.test> 4F1", "Write sent"),
        ("", "a b c d e f g h i", "a b c d e f g h"),
        ("A", "", "A"),
    ],
)
def test_the_words_of_what_was_seen(tried, saw, words):
    assert seen_of("own", tried, saw) == [f"own {words}"]


AT = "2026-11-29T21:00:01.12+00:00 mail postfix"
LOG = [
    f"{AT}/smtpd[12]: warning: hash:/etc/postfix/a is unavailable. open database /etc/a.db: No",
    "Nov 29 21:00:02 student1 postfix/smtpd[3456]: error: open database /etc/a.db: No such file",
    f"{AT}/local[99]: 4F1aB: to=<p@s.test>, relay=local, dsn=5.1.1, status=bounced (no 'prof')",
    f"{AT}/smtp[99]: 4F1aB: to=<prof@student1.test>, relay=none, dsn=2.0.0, status=sent (ok)",
    f"{AT}-2/smtpd[7]: fatal: bad string length 0 < 1: myhostname =",
    f"{AT}/qmgr[7]: 4F1aB: removed",
    f"{AT}/anvil[7]: warning: /etc/postfix/main.cf, line 80: overriding earlier entry: x=y",
]


def test_the_kinds_of_lines():
    assert kinds(LOG) == [
        "local 5.1.1 bounced",
        "smtpd error open database No such file",
        "smtpd fatal bad string length < myhostname",
        "smtpd warning is unavailable. open database No",
    ]


def test_a_flood_has_an_end():
    many = [f"2026-11-29T21:00:01+00:00 m postfix/smtpd[1]: error: {'x' * n}" for n in range(99)]
    assert len(kinds(many)) == MOST_SIGNS
