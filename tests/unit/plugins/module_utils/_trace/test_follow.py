"""The path of messages through logs of real machines, and the course's."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.labs.mail.plugins.module_utils._trace.follow import (
    Selection,
    follow,
    trace,
)
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import decode, merge
from ansible_collections.labs.mail.plugins.module_utils._trace.render import as_data
from tests.support.mail_logs import COURSE, LATEST, LOGS, RELEASES, lines_of, traced, tree

COURSE_IDS = ["53AE9404458", "6BE3340445C", "B070C40445E", "B4D7F404458"]


@pytest.fixture
def course():
    [path] = trace(lines_of(COURSE, datetime.date(2008, 3, 26)), Selection()).paths
    return as_data(path)


def test_every_line_of_the_course_is_accounted_for(course):
    everything = COURSE.decode().splitlines()
    about_no_message = [line for line in everything if "prefork: child states" in line]
    assert len(everything) == 36
    assert len(about_no_message) == 1
    assert course["lines"] == [line for line in everything if line not in about_no_message]
    assert course["unlinked"] == []


def test_the_path_of_the_course(course):
    assert (course["status"], course["time"]) == ("sent", "2008-03-26T16:11:02")
    assert (course["sender"], course["recipients"]) == (
        "pvaniet@in.ac-amiens.fr",
        ["pvaniet@in.ac-amiens.fr"],
    )
    assert course["message_ids"] == ["20080326151102.53AE9404458@ubuntu.in.ac-amiens.fr"]
    hops = course["hops"]
    assert [hop["queue_id"] for hop in hops] == COURSE_IDS
    assert [hop["previous"] for hop in hops] == [None, *COURSE_IDS[:3]]
    assert [hop["next"] for hop in hops] == [[other] for other in COURSE_IDS[1:]] + [[]]
    assert [hop["linked_by"] for hop in hops] == [
        [],
        ["queued as"],
        ["Message-ID"],
        ["queued as"],
    ]
    assert [(hop["program"], hop["client"], hop["uid"]) for hop in hops] == [
        ("smtpd", "pvaniet.in.ac-amiens.fr[172.30.177.85]", None),
        ("smtpd", "localhost[127.0.0.1]", None),
        ("pickup", None, 113),
        ("smtpd", "pvaniet.in.ac-amiens.fr[172.30.177.85]", None),
    ]
    assert [hop["size"] for hop in hops] == [407, 645, 971, 1187]
    assert [(v["program"], v["ident"], v["result"]) for hop in hops for v in hop["visits"]] == [
        ("clamsmtpd", "1001D1", "CLEAN"),
        ("spamd", "9293", "clean message (1.4/5.0)"),
    ]
    assert all(hop["left_queue"] for hop in hops)


def test_the_times_of_the_course(course):
    [deliveries] = zip(*(hop["deliveries"] for hop in course["hops"]))
    assert [delivery["delay"] for delivery in deliveries] == [0.15, 0.28, 0.03, 0.02]
    assert [list(delivery["delays"].values()) for delivery in deliveries] == [
        [0.01, 0.03, 0.06, 0.04],
        [0.04, 0, 0, 0.24],
        [0.02, 0, 0.01, 0.01],
        [0, 0, 0, 0.01],
    ]
    assert list(deliveries[0]["delays"]) == [
        "before_queue",
        "in_queue",
        "connection",
        "transmission",
    ]
    assert [delivery["relay"] for delivery in deliveries] == [
        "127.0.0.1[127.0.0.1]:2525",
        "spamassassin",
        "127.0.0.1[127.0.0.1]:2727",
        "local",
    ]


def test_the_picture_of_the_course(course):
    assert course["picture"] == [
        "sent: <pvaniet@in.ac-amiens.fr> to <pvaniet@in.ac-amiens.fr>",
        "2008-03-26, 0 s, <20080326151102.53AE9404458@ubuntu.in.ac-amiens.fr>",
        "16:11:02  53AE9404458        smtpd             from"
        " pvaniet.in.ac-amiens.fr[172.30.177.85]",
        "16:11:02                     clamsmtpd 1001D1  CLEAN",
        "16:11:02                     smtp              <pvaniet@in.ac-amiens.fr>"
        " at 127.0.0.1[127.0.0.1]:2525 0.15 s (0.01+0.03+0.06+0.04) sent",
        "16:11:02    6BE3340445C      smtpd             from localhost[127.0.0.1] [queued as]",
        "16:11:02                     spamd 9293        clean message (1.4/5.0)",
        "16:11:02                     pipe              <pvaniet@in.ac-amiens.fr>"
        " at spamassassin 0.28 s (0.04+0+0+0.24) sent (delivered via spamassassin service)",
        "16:11:02      B070C40445E    pickup            from uid 113 [Message-ID]",
        "16:11:02                     cleanup           filter:"
        " header X-Spam-Level: * from local: clientsmtp:127.0.0.1:2727",
        "16:11:02                     smtp              <pvaniet@in.ac-amiens.fr>"
        " at 127.0.0.1[127.0.0.1]:2727 0.03 s (0.02+0+0.01+0.01) sent",
        "16:11:02        B4D7F404458  smtpd             from"
        " pvaniet.in.ac-amiens.fr[172.30.177.85] [queued as]",
        "16:11:02                     local             <pvaniet@in.ac-amiens.fr>"
        " 0.02 s (0+0+0+0.01) sent (delivered to command: /usr/bin/procmail)",
    ]


CHAIN = [
    ("smtpd", "", "smtp sent", "clamsmtpd: CLEAN"),
    (
        "  smtpd",
        "queued as, orig_queue_id",
        "pipe sent",
        "spamd: clean message (1.7/5.0)",
    ),
    ("    pickup", "Message-ID", "smtp sent"),
    ("      smtpd", "queued as", "local sent"),
]
REAL = {
    "local": [("sent", [("pickup", "", "local sent")])],
    "smtp-a": [("sent", [("pickup", "", "smtp sent")])],
    "smtp-b": [("sent", [("smtpd", "", "local sent")])],
    "virtual": [("sent", [("pickup", "", "virtual sent")])],
    "maillog_file": [("sent", [("pickup", "", "local sent")])],
    "dovecot-lda": [
        ("sent", [("pickup", "", "local sent", "dovecot: lda: saved mail to INBOX")]),
    ],
    "dovecot-lmtp": [
        ("sent", [("pickup", "", "lmtp sent", "dovecot: lmtp: saved mail to INBOX")]),
    ],
    "bounce": [
        (
            "bounced",
            [
                ("pickup", "", "smtp bounced"),
                ("  -", "sender non-delivery notification", "local sent"),
            ],
        )
    ],
    "deferred": [("sent", [("pickup", "", "smtp deferred", "smtp sent")])] * 2,
    "requeue": [
        ("sent", [("pickup", "", "smtp deferred"), ("  pickup", "orig_id", "smtp sent")]),
    ],
    "forward-b": [
        (
            "sent",
            [("pickup", "", "local sent", "local sent"), ("  -", "forwarded as", "smtp sent")],
        )
    ],
    "long": [
        ("sent", [("pickup", "", "smtp sent")]),
        (
            "mixed",
            [
                ("pickup", "", "local sent", "smtp bounced", "smtp sent"),
                ("  -", "sender non-delivery notification", "local sent"),
            ],
        ),
    ],
    "loop": [
        (
            "looping",
            [
                ("pickup", "", "pipe sent"),
                *(("  " * n + "pickup", "Message-ID", "pipe sent") for n in range(1, 5)),
                ("          pickup", "Message-ID", "cleanup bounced"),
                ("            -", "sender non-delivery notification", "local sent"),
            ],
        )
    ],
    "chain-clean": [("sent", CHAIN)],
    "chain-two": [
        ("sent", [(*hop[:2], hop[2], *hop[2:]) for hop in CHAIN]),
    ],
    "chain-telnet": [
        (
            "sent",
            [
                CHAIN[0],
                (*CHAIN[1][:3], "spamd: clean message (4.2/5.0)"),
                ("    pickup", "pipe, uid and time", "smtp sent"),
                CHAIN[3],
            ],
        )
    ],
    "chain-gtube": [
        (
            "sent",
            [CHAIN[0], (*CHAIN[1][:3], "spamd: identified spam (1001.7/5.0)"), *CHAIN[2:]],
        )
    ],
    "chain-local": [
        (
            "sent",
            [
                ("pickup", *CHAIN[0][1:]),
                ("  smtpd", "queued as", "pipe sent", "spamd: clean message (-0.1/5.0)"),
                *CHAIN[2:],
            ],
        )
    ],
    "chain-eicar": [
        (
            "discarded",
            [
                (
                    "smtpd",
                    "",
                    "smtp discarded",
                    "clamsmtpd: VIRUS:Eicar-Test-Signature.UNOFFICIAL",
                ),
                ("  smtpd", "orig_queue_id"),
            ],
        )
    ],
    "front": [
        ("sent", [("smtpd", "", "local sent", "clamsmtpd: CLEAN")]),
        (
            "discarded",
            [("smtpd", "", "clamsmtpd: VIRUS:Eicar-Test-Signature.UNOFFICIAL")],
        ),
    ],
    "chain-refused": [],
}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", REAL)
def test_real_logs(release, name):
    found = traced(LOGS[f"{release}/{name}"])
    assert [(path.status, tree(path)) for path in found.paths] == REAL[name]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", sorted(set(REAL) - {"chain-refused"}))
def test_every_line_of_real_logs_is_accounted_for(release, name):
    for line in traced(LOGS[f"{release}/{name}"]).loose:
        if line.program == "spamd":
            assert line.text.startswith("prefork: ")
        else:
            assert line.program in ("postfix-script", "master", "anvil", "postsuper")


@pytest.mark.parametrize("release", RELEASES)
def test_what_fits_several_messages_is_linked_to_none(release):
    paths = traced(LOGS[f"{release}/chain-burst"]).paths
    assert [[hop[:3] for hop in tree(path)] for path in paths] == [[hop[:3] for hop in CHAIN]] * 4
    scans = [v for path in paths for v in path.hops[0].visits]
    for path in paths:
        assert path.hops[0].visits or path.unlinked
        assert all("may be about it or about" in what for what in path.unlinked)
    # All four were scanned at once in one log; in the other, one began before the others came.
    assert [scan.ident for scan in scans] == {"debian-12": [], "debian-13": ["100007"]}[release]


def test_a_loop_says_where():
    [path] = traced(LOGS["debian-13/loop"]).paths
    [loop] = path.loops
    assert (loop["service"], loop["relay"], loop["recipient"]) == (
        "postfix/pipe",
        "again",
        "tech@b.test",
    )
    assert loop["queue_ids"] == [hop.entry.queue_id for hop in path.hops[:5]]
    assert as_data(path)["picture"][-1].startswith("loop: 384D91D8085 > 6901A1D8092 > ")


def test_the_same_message_twice_is_no_loop():
    assert not any(
        path.loops for name, data in LOGS.items() for path in traced(data).paths
        if not name.endswith("/loop")
    )  # fmt: skip


def test_a_message_that_goes_on_elsewhere():
    [path] = traced(LOGS["debian-12/smtp-a"]).paths
    assert path.unlinked == [
        "56BC81CE4E5: 172.17.0.5[172.17.0.5]:25 calls it 746C11D41C4:"
        " it goes on in the log over there"
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_over_two_machines(release):
    a, b = (lines_of(LOGS[f"{release}/smtp-{name}"], host=name) for name in "ab")
    [path] = trace(merge([b, a]), Selection()).paths
    assert tree(path) == [("pickup", "", "smtp sent"), ("  smtpd", "queued as", "local sent")]
    assert [hop.entry.host for hop in path.hops] == ["a", "b"]
    assert path.unlinked == []
    assert len(path.lines) == len(a) + len(b)


def test_there_and_back_over_two_machines():
    a, b = (lines_of(LOGS[f"debian-12/forward-{name}"], host=name) for name in "ab")
    [path] = trace(merge([a, b]), Selection()).paths
    assert [hop.entry.host for hop in path.hops] == ["b", "b", "a"]
    assert path.recipients == ["fwd@b.test", "tech@b.test", "tech@beauvelo.fr"]
    blocks = [row for row in as_data(path)["picture"] if "/" in row.partition("  ")[2][:20]]
    assert [row.split()[1] for row in blocks] == ["b/BA19C1D41A5", "b/BC6C11D413C", "a/457011CE4E9"]


EVERYTHING = b"".join(
    data for name, data in LOGS.items() if name.startswith("debian-12/") and "maillog" not in name
)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"queue_ids": ("4680A1CE492",)}, 1),
        ({"queue_ids": ("4680A1CE492", "A7BAA1CE4E8", "0123456789")}, 2),
        ({"queue_ids": ("4680A1CE49",)}, 0),
        ({"message_ids": ("clean.12@pc1.test",)}, 1),
        ({"message_ids": ("20261125090048.C891E1CE4F5@smtp.beauvelo.fr",)}, 1),
        ({"recipient": "info@v.test"}, 1),
        ({"recipient": "INFO"}, 1),
        ({"recipient": "inf"}, 0),
        ({"recipient": "fwd@b.test"}, 1),
        ({"sender": ""}, 0),
        ({"sender": "tech", "recipient": "info"}, 1),
        ({"sender": "prof", "recipient": "info"}, 0),
        ({"queue_ids": ("4680A1CE492",), "recipient": "info"}, 0),
        ({"since": "2026-11-25 09:08"}, 2),
        ({"since": "2026-11-26"}, 0),
    ],
)
def test_selections(wanted, count):
    selection = Selection(**wanted)
    assert len(traced(EVERYTHING, **wanted).paths) == count
    assert len(follow(decode(EVERYTHING), LATEST, selection).paths) == count


def test_a_selection_is_a_part_of_everything():
    assert len(traced(EVERYTHING).paths) > 20


def test_what_was_refused_before_there_was_a_queue_id():
    [relay, unknown] = traced(LOGS["debian-12/chain-refused"]).refusals
    assert (relay.sender, relay.recipient) == ("prof@beauvelo.fr", "nobody@example.org")
    assert "554 5.7.1 <nobody@example.org>: Relay access denied" in relay.reason
    assert "User unknown" in unknown.reason
    found = traced(LOGS["debian-12/chain-refused"], recipient="nosuch")
    assert [refusal.line for refusal in found.refusals] == [unknown.line]
    assert not traced(LOGS["debian-12/chain-refused"], queue_ids=("A7BAA1CE4E8",)).refusals
