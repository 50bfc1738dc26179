"""The path of messages through lines made up for one thing each: what is missing, or repeats."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._trace import follow as _mail_trace
from ansible_collections.labs.mail.plugins.module_utils._trace import log_lines
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import decode
from tests.support.mail_logs import LATEST, traced


def log(*lines):
    return "".join(f"Mar 26 16:11:{line}\n" for line in lines).encode()


ARRIVAL = (
    "02 mx postfix/smtpd[1]: AAAAAA1: client=a[1.2.3.4]",
    "02 mx postfix/cleanup[2]: AAAAAA1: message-id=<m@a>",
    "02 mx postfix/qmgr[3]: AAAAAA1: from=<a@a>, size=1, nrcpt=1 (queue active)",
)
SENT = (
    "03 mx postfix/smtp[4]: AAAAAA1: to=<b@b>, relay=127.0.0.1[127.0.0.1]:25, delay=1,"
    " delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as BBBBBB2)"
)


@pytest.mark.parametrize(
    ("lines", "unlinked"),
    [
        ((*ARRIVAL, SENT), ["the log has no line of BBBBBB2", "it left the queue"]),
        ((*ARRIVAL, SENT[:120]), ["it left the queue"]),
        (ARRIVAL[1:], ["who brought it", "it left the queue"]),
        (ARRIVAL[:1], ["it never came whole"]),
        (
            (SENT, "03 mx postfix/qmgr[3]: AAAAAA1: removed"),
            ["no line of BBBBBB2", "who brought it"],
        ),
        (
            (*ARRIVAL, "04 mx postfix/bounce[5]: AAAAAA1: sender delay notification: CCCCCC3"),
            ["no line of CCCCCC3, a sender delay notification", "it left the queue"],
        ),
        (
            ("02 mx postfix/smtpd[1]: AAAAAA1: client=a[1.2.3.4], orig_queue_id=DDDDDD4",),
            ["no line of DDDDDD4, its orig_queue_id", "it never came whole"],
        ),
    ],
)
def test_what_is_missing_is_said(lines, unlinked):
    [path] = traced(log(*lines)).paths
    assert len(path.unlinked) == len(unlinked)
    assert all(what in said for what, said in zip(unlinked, path.unlinked))


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (ARRIVAL, "queued"),
        ((*ARRIVAL, SENT), "sent"),
        ((*ARRIVAL, SENT[:100]), "unknown"),
        ((*ARRIVAL, SENT.replace("=sent", "=deferred")), "deferred"),
        ((*ARRIVAL, SENT.replace("=sent", "=deferred").replace("smtp[", "error[")), "deferred"),
        ((*ARRIVAL, SENT.replace("=sent", "=deferred"), SENT), "sent"),
        ((*ARRIVAL, SENT, SENT.replace("=sent", "=deferred").replace("b@b", "c@b")), "mixed"),
        (
            (
                *ARRIVAL,
                SENT.replace("=sent", "=deferred"),
                "09 mx postfix/qmgr[3]: AAAAAA1: from=<a@a>, status=expired, returned to sender",
            ),
            "expired",
        ),
        (
            (
                *ARRIVAL[:2],
                "02 mx postfix/cleanup[2]: AAAAAA1: reject: header Subject: x from a[1.2.3.4];"
                " from=<a@a> to=<b@b>: 5.7.1 no",
            ),
            "rejected",
        ),
        (
            (
                *ARRIVAL[:2],
                "02 mx postfix/cleanup[2]: AAAAAA1: milter-reject: END-OF-MESSAGE from a[1.2.3.4]:"
                " 5.7.1 no",
            ),
            "rejected",
        ),
        (
            (*ARRIVAL[:2], "02 mx postfix/cleanup[2]: AAAAAA1: discard: header Subject: x"),
            "discarded",
        ),
    ],
)
def test_what_became_of_a_message(lines, status):
    [path] = traced(log(*lines)).paths
    assert path.status == status


def test_a_queue_id_that_is_used_again_is_another_message():
    second = [line.replace("m@a", "n@a").replace("02 mx", "09 mx") for line in ARRIVAL]
    ended = "05 mx postfix/qmgr[3]: AAAAAA1: removed"
    for between in ((ended,), ()):
        paths = traced(log(*ARRIVAL, *between, *second)).paths
        assert [path.message_ids for path in paths] == [["m@a"], ["n@a"]]


def test_an_id_of_another_message_is_no_link():
    other = [line.replace("AAAAAA1", "BBBBBB2").replace("m@a", "n@a") for line in ARRIVAL]
    paths = traced(log(*ARRIVAL, SENT, *other)).paths
    assert [len(path.hops) for path in paths] == [1, 1]
    assert "the log has no line of BBBBBB2" in paths[0].unlinked[0]


def test_ids_that_go_round_do_not_hang():
    there = SENT.replace("BBBBBB2", "AAAAAA1")
    back = SENT.replace("AAAAAA1", "BBBBBB2").replace("as BBBBBB2", "as AAAAAA1")
    [path] = traced(log(*ARRIVAL, there, SENT, back)).paths
    assert [hop.entry.queue_id for hop in path.hops] == ["AAAAAA1", "BBBBBB2"]


PIPED = (
    "{s} mx postfix/qmgr[3]: AAAAA{n}: from=<a@a>, size=1, nrcpt=1 (queue active)",
    "{s} mx postfix/pipe[4]: AAAAA{n}: to=<b@b>, relay=scan, delay=1, delays=0/0/0/0.5,"
    " dsn=2.0.0, status=sent (delivered via scan service)",
)
PICKED = "{s} mx postfix/pickup[5]: BBBBB{n}: uid={uid} from=<a@a>"
SPAMD = (
    "{s} mx spamd[9]: spamd: connection from localhost [127.0.0.1]",
    "{s} mx spamd[9]: spamd: processing message (unknown) for scan:99",
    "{s} mx spamd[9]: spamd: clean message (0.0/5.0) for scan:99 in 0.1 seconds, 1 bytes.",
)


def fill(lines, **values):
    return [line.format(**values) for line in ([lines] if isinstance(lines, str) else lines)]


@pytest.mark.parametrize(
    ("lines", "links"),
    [
        # One program's run, one message by pickup: which user's is not known.
        ([*fill(PIPED, s="02", n=1), *fill(PICKED, s="02", n=1, uid=99)], {"BBBBB1": "AAAAA1"}),
        # Half a minute later it could be anybody's,
        ([*fill(PIPED, s="02", n=1), *fill(PICKED, s="32", n=1, uid=99)], {}),
        # but not if spamd was run for this user.
        (
            [
                *fill(PIPED[:1], s="02", n=1), *fill(SPAMD, s="02"), *fill(PIPED[1:], s="02", n=1),
                *fill(PICKED, s="32", n=1, uid=99),
            ],
            {"BBBBB1": "AAAAA1"},
        ),
        (
            [
                *fill(PIPED[:1], s="02", n=1), *fill(SPAMD, s="02"), *fill(PIPED[1:], s="02", n=1),
                *fill(PICKED, s="02", n=1, uid=0),
            ],
            {},
        ),
        # Two runs at once cannot be told apart,
        (
            [
                *fill(PIPED, s="02", n=1), *fill(PIPED, s="02", n=2),
                *fill(PICKED, s="02", n=1, uid=99), *fill(PICKED, s="02", n=2, uid=99),
            ],
            {},
        ),
        # two runs after another can.
        (
            [
                *fill(PIPED, s="02", n=1), *fill(PICKED, s="02", n=1, uid=99),
                *fill(PIPED, s="12", n=2), *fill(PICKED, s="12", n=2, uid=99),
            ],
            {"BBBBB1": "AAAAA1", "BBBBB2": "AAAAA2"},
        ),
    ],
)  # fmt: skip
def test_a_message_without_message_id_through_a_program(lines, links):
    # Six digits make a queue id.
    data = log(*lines).replace(b"AAAAA", b"AAAAAA").replace(b"BBBBB", b"BBBBBB")
    found = {
        hop.entry.queue_id: hop.before.entry.queue_id
        for path in traced(data).paths
        for hop in path.hops
        if hop.before
    }
    assert found == {
        key.replace("BBBBB", "BBBBBB"): value.replace("AAAAA", "AAAAAA")
        for key, value in links.items()
    }


def test_runs_that_cannot_be_told_apart_are_said():
    lines = [
        *fill(PIPED, s="02", n=11), *fill(PIPED, s="02", n=12),
        *fill(PICKED, s="02", n=11, uid=99), *fill(PICKED, s="02", n=12, uid=99),
    ]  # fmt: skip
    said = [what for path in traced(log(*lines)).paths for what in path.unlinked]
    assert (
        "AAAAA11: BBBBB12 may have come of it: the same sender and time, and no Message-ID" in said
    )
    assert (
        "BBBBB12: it may have come of AAAAA11: the same sender and time, and no Message-ID" in said
    )


def test_what_clamd_and_procmail_say():
    lines = [
        *ARRIVAL,
        "02 mx clamsmtpd: 100001: accepted connection from: 127.0.0.1",
        "02 mx clamd[8]: /var/spool/clamsmtp/clamsmtpd.x: Eicar-Test-Signature FOUND",
        "02 mx clamsmtpd: 100001: from=a@a, to=b@b, status=VIRUS:Eicar-Test-Signature",
        SENT.replace("queued as BBBBBB2", "Virus Detected; Discarded Email"),
        "09 mx clamd[8]: SelfCheck: Database status OK.",
    ]
    found = traced(log(*lines))
    [path] = found.paths
    assert [visit.program for visit in path.hops[0].visits] == ["clamsmtpd", "clamd"]
    assert path.status == "discarded"
    assert [line.text for line in found.loose] == ["SelfCheck: Database status OK."]
    lines = [
        *ARRIVAL,
        "02 mx procmail[8]: Program failure (1) of /bin/false",
        "03 mx postfix/local[4]: AAAAAA1: to=<b@b>, relay=local, delay=1, delays=0/0/0/1,"
        " dsn=2.0.0, status=sent (delivered to command: /usr/bin/procmail)",
        "30 mx procmail[9]: Lock failure on /var/mail/x.lock",
    ]
    [path] = traced(log(*lines)).paths
    assert [visit.ident for visit in path.hops[0].visits] == ["8"]


def test_only_parts_of_a_log_are_read(monkeypatch):
    noise = b"".join(
        b"Mar 26 16:11:02 mx postfix/qmgr[3]: %07X: removed\n" % number for number in range(9000)
    )
    text = decode(noise + log(*ARRIVAL) + noise + log(SENT) + noise)
    reads = []

    def reading(*arguments):
        reads.append(arguments[3])
        return log_lines.read(*arguments)

    monkeypatch.setattr(_mail_trace, "read", reading)
    [path] = follow(text, LATEST, Selection(queue_ids=("AAAAAA1",))).paths
    assert len(path.lines) == 4
    [[(start, end), (other_start, other_end)]] = reads
    assert 0 < start < text.index("AAAAAA1") < end
    assert end < other_start < text.rindex("AAAAAA1") < other_end < len(text)


def test_what_leads_far_away_is_followed_there():
    noise = b"".join(
        b"Mar 26 16:11:02 mx postfix/qmgr[3]: %07X: removed\n" % number for number in range(9000)
    )
    other = [line.replace("AAAAAA1", "BBBBBB2") for line in ARRIVAL]
    text = decode(log(*ARRIVAL) + noise + log(SENT, *other[:2]) + noise + log(*other[2:]) + noise)
    [path] = follow(text, LATEST, Selection(queue_ids=("AAAAAA1",))).paths
    assert [len(hop.entry.lines) for hop in path.hops] == [4, 3]


@pytest.mark.parametrize("field", ["", "tls=dane/sts:verify, ", "tls=!requiretls?, x-y=1, "])
def test_a_field_that_a_newer_postfix_has_in_a_delivery(field):
    """tls= is of Postfix 3.11, which says in it what came of each policy."""
    sent = SENT.replace("dsn=", f"{field}dsn=").replace("BBBBBB2", "x")
    [path] = traced(log(*ARRIVAL, sent, "04 mx postfix/qmgr[3]: AAAAAA1: removed")).paths
    [delivery] = path.hops[0].entry.deliveries
    assert (path.status, delivery.dsn, delivery.delays) == ("sent", "2.0.0", (1, 0, 0, 0))
    assert delivery.reply == "250 2.0.0 Ok: queued as x"


@pytest.mark.parametrize(
    "lines",
    [
        # Postfix 3.7, 3.10
        ("03 mx postfix/smtpd[1]: lost connection after DATA (9 bytes) from a[1.2.3.4]",),
        (
            "03 mx postfix/smtpd[1]: AAAAAA1: lost connection after DATA (9 bytes) from a[1.2.3.4]",
            "03 mx postfix/cleanup[2]: AAAAAA1: removed (canceled)",
        ),
    ],
)
def test_a_client_that_went_before_its_message_had_come(lines):
    [path] = traced(log(*ARRIVAL[:2], *lines)).paths
    [missing] = path.unlinked
    expected = "it never came whole: lost connection after DATA (9 bytes) from a[1.2.3.4]"
    assert missing == f"AAAAAA1: {expected}"


def test_a_message_that_was_given_up_and_of_which_no_delivery_is_told():
    qmgr = "03 mx postfix/qmgr[3]: AAAAAA1"
    given_up = f"{qmgr}: from=<a@a>, status=force-expired, returned to sender"
    [path] = traced(log(*ARRIVAL, given_up, f"{qmgr}: removed")).paths
    assert path.status == "force-expired"
