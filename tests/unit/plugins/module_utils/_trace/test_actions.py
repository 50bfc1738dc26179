"""What Postfix logs beside arrivals and deliveries, program by program (formats of 3.5 to 3.11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._trace.actions import action_of
from tests.support.mail_logs import FIXTURES, lines_of, traced

TIME = "2026-11-29T12:10:53+01:00 mx postfix/"
ENVELOPE = "from=<a@x> to=<b@y> proto=ESMTP helo=<pc>"

# Program, text; then action, by a milter, stage, client, sender, recipient, of the whole message.
FORMATS = [
    # smtpd_check.c: log_whatsup()
    (
        "smtpd",
        f"NOQUEUE: reject: RCPT from h[1.2.3.4]: 554 5.7.1 <b@y>: Relay access denied; {ENVELOPE}",
        ("reject", False, "RCPT", "h[1.2.3.4]", "a@x", "b@y", False),
    ),
    (
        "smtpd",
        "NOQUEUE: reject: VRFY from h[1.2.3.4]: 450 4.1.1 x; to=<b@y> proto=SMTP helo=<pc>",
        ("reject", False, "VRFY", "h[1.2.3.4]", None, "b@y", False),
    ),
    (
        "smtpd",
        "NOQUEUE: reject: EHLO from h[1.2.3.4]: 504 5.5.2 <pc>: rejected; proto=SMTP helo=<pc>",
        ("reject", False, "EHLO", "h[1.2.3.4]", None, None, False),
    ),
    (
        "smtpd",
        "NOQUEUE: reject: CONNECT from h[1.2.3.4]: 554 5.7.1 <h[1.2.3.4]>: denied; proto=SMTP",
        ("reject", False, "CONNECT", "h[1.2.3.4]", None, None, False),
    ),
    (
        "smtpd",
        "NOQUEUE: reject: MAIL from h[1.2.3.4]: 552 5.3.4 too big; proto=ESMTP helo=<pc>",
        ("reject", False, "MAIL", "h[1.2.3.4]", None, None, True),
    ),
    (
        "smtpd",
        "NOQUEUE: reject: DATA from h[1.2.3.4]: 550 5.5.3 <DATA>: Multi-recipient bounce;"
        " from=<> proto=ESMTP helo=<pc>",
        ("reject", False, "DATA", "h[1.2.3.4]", "", None, True),
    ),
    (
        "smtpd",
        f"1D8AAAA: reject: RCPT from h[1.2.3.4]: 550 5.1.1 <b@y>: User unknown; {ENVELOPE}",
        ("reject", False, "RCPT", "h[1.2.3.4]", "a@x", "b@y", False),
    ),
    (
        "smtpd",
        f"1D8AAAA: reject: END-OF-MESSAGE from h[1.2.3.4]: 554 5.7.1 denied; {ENVELOPE}",
        ("reject", False, "END-OF-MESSAGE", "h[1.2.3.4]", "a@x", "b@y", True),
    ),
    (
        "smtpd",
        "1D8AAAA: reject: BDAT from h[1.2.3.4]: 554 5.7.1 denied; from=<a@x> proto=ESMTP helo=<p>",
        ("reject", False, "BDAT", "h[1.2.3.4]", "a@x", None, True),
    ),
    (
        "smtpd",
        "1D8AAAA: reject: VRFY from h[1.2.3.4]: 450 x; from=<a@x> to=<c@z> proto=SMTP helo=<pc>",
        ("reject", False, "VRFY", "h[1.2.3.4]", "a@x", "c@z", False),
    ),
    (
        "smtpd",
        f"NOQUEUE: reject_warning: RCPT from h[1.2.3.4]: 554 5.7.1 blocked; {ENVELOPE}",
        ("reject_warning", False, "RCPT", "h[1.2.3.4]", "a@x", "b@y", False),
    ),
    (
        "smtpd",
        f"1D8AAAA: hold: RCPT from h[1.2.3.4]: <b@y>: Recipient address triggers HOLD; {ENVELOPE}",
        ("hold", False, "RCPT", "h[1.2.3.4]", "a@x", "b@y", True),
    ),
    (
        "smtpd",
        f"1D8AAAA: discard: RCPT from h[1.2.3.4]: <b@y>: triggers DISCARD; {ENVELOPE}",
        ("discard", False, "RCPT", "h[1.2.3.4]", "a@x", "b@y", True),
    ),
    *[
        (
            "smtpd",
            f"NOQUEUE: {word}: RCPT from h[1.2.3.4]: <b@y>: as told; {ENVELOPE}",
            (word, False, "RCPT", "h[1.2.3.4]", "a@x", "b@y", True),
        )
        for word in ("filter", "redirect", "bcc", "prepend", "info", "warn", "delay", "hangup")
    ],
    # smtpd.c
    (
        "smtpd",
        "NOQUEUE: abort: TLS from h[1.2.3.4]: No client certificate presented",
        ("abort", False, "TLS", "h[1.2.3.4]", None, None, False),
    ),
    (
        "smtpd",
        "1D8AAAA: reject: DATA content from h[1.2.3.4]: 421 4.3.0 mx Server local data error",
        ("reject", False, "DATA content", "h[1.2.3.4]", None, None, True),
    ),
    *[
        ("smtpd", f"warning: {of}: {text}", ("reject", False, "", client, None, None, True))
        for of in ("NOQUEUE", "1D8AAAA")
        for text, client in (
            ("queue file size limit exceeded", ""),
            ("BDAT request from h[1.2.3.4] exceeds message size limit", "h[1.2.3.4]"),
            ("null BDAT request from h[1.2.3.4]", "h[1.2.3.4]"),
            (
                "too much BDAT content -- disabling further input from h[1.2.3.4]",
                "h[1.2.3.4]",
            ),
        )
    ],
    # smtpd.c: a filter before the queue; there is no queue id
    (
        "smtpd",
        f"proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=1-02 - VIRUS: Eicar; {ENVELOPE}",
        ("reject", False, "END-OF-MESSAGE", "", "a@x", "b@y", True),
    ),
    # smtpd.c: check_milter_reply(), at every stage of the dialogue
    *[
        (
            "smtpd",
            f"NOQUEUE: milter-reject: {stage} from h[1.2.3.4]: 550 5.7.1 no; proto=SMTP helo=<pc>",
            ("reject", True, stage, "h[1.2.3.4]", None, None, stage == "MAIL"),
        )
        for stage in ("CONNECT", "HELO", "EHLO", "MAIL", "UNKNOWN")
    ],
    (
        "smtpd",
        f"1D8AAAA: milter-reject: RCPT from h[1.2.3.4]: 550 5.7.1 no; {ENVELOPE}",
        ("reject", True, "RCPT", "h[1.2.3.4]", "a@x", "b@y", False),
    ),
    (
        "smtpd",
        "1D8AAAA: milter-reject: DATA from h[1.2.3.4]: 550 5.7.1 no; from=<a@x>"
        " proto=SMTP helo=<p>",
        ("reject", True, "DATA", "h[1.2.3.4]", "a@x", None, True),
    ),
    (
        "smtpd",
        f"1D8AAAA: milter-hold: RCPT from h[1.2.3.4]: milter triggers HOLD action; {ENVELOPE}",
        ("hold", True, "RCPT", "h[1.2.3.4]", "a@x", "b@y", True),
    ),
    (
        "smtpd",
        "1D8AAAA: milter-discard: MAIL from h[1.2.3.4]: milter triggers DISCARD action; from=<a@x>",
        ("discard", True, "MAIL", "h[1.2.3.4]", "a@x", None, True),
    ),
    # cleanup_milter.c
    (
        "cleanup",
        f"1D8AAAA: milter-reject: END-OF-MESSAGE from h[1.2.3.4]: 5.7.1 no; {ENVELOPE}",
        ("reject", True, "END-OF-MESSAGE", "h[1.2.3.4]", "a@x", "b@y", True),
    ),
    (
        "cleanup",
        "1D8AAAA: milter-reject: RCPT from localhost[127.0.0.1]: 5.7.1 no; from=<a@x> to=<b@y>",
        ("reject", True, "RCPT", "localhost[127.0.0.1]", "a@x", "b@y", True),
    ),
    *[
        (
            "cleanup",
            f"1D8AAAA: milter-reject: {stage} from localhost[127.0.0.1]: 5.7.1 no; from=<a@x>",
            ("reject", True, stage, "localhost[127.0.0.1]", "a@x", None, True),
        )
        for stage in ("CONNECT", "EHLO", "MAIL", "DATA")
    ],
    (
        "cleanup",
        f"1D8AAAA: milter-header-replace: header Subject: x from h[1.2.3.4];"
        f" {ENVELOPE}: Subject: y",
        ("replace", True, "header", "h[1.2.3.4]", "a@x", "b@y", True),
    ),
    (
        "cleanup",
        f"1D8AAAA: milter-body-reject: body x from h[1.2.3.4]; {ENVELOPE}: 5.7.1 no",
        ("reject", True, "body", "h[1.2.3.4]", "a@x", "b@y", True),
    ),
    # cleanup_message.c: cleanup_act_log()
    *[
        (
            "cleanup",
            f"1D8AAAA: {word}: header Subject: x from bad[6.6.6.6] from h[1.2.3.4];"
            f" {ENVELOPE}: why",
            (word, False, "header", "h[1.2.3.4]", "a@x", "b@y", True),
        )
        for word in (
            "reject",
            "warning",
            "info",
            "filter",
            "pass",
            "discard",
            "hold",
            "delay",
            "prepend",
            "replace",
            "redirect",
            "bcc",
            "strip",
        )
    ],
    (
        "cleanup",
        "1D8AAAA: reject: body GTUBE from local; from=<a@x> to=<b@y>: 5.7.1 no spam",
        ("reject", False, "body", "", "a@x", "b@y", True),
    ),
    (
        "cleanup",
        "1D8AAAA: reject: mime-error improper use of 8-bit data: x from h[1.2.3.4];"
        " from=<a@x> to=<b@y>",
        ("reject", False, "mime-error", "h[1.2.3.4]", "a@x", "b@y", True),
    ),
    *[
        ("cleanup", f"warning: 1D8AAAA: {text}", ("reject", False, "", "", None, None, True))
        for text in (
            "recipient_canonical_maps map lookup problem -- message not accepted, try again later",
            "virtual_alias_maps map lookup problem for b@y -- message not accepted, try"
            " again later",
            "message rejected: hopcount exceeded",
            "record type 78 not allowed - discarding this message",
            "queue file size limit exceeded",
            "write queue file: No space left on device",
            "read timeout on cleanup socket",
        )
    ],
    # postscreen.c, postscreen_smtpd.c: commas
    (
        "postscreen",
        "NOQUEUE: reject: RCPT from [1.2.3.4]:60591: 550 5.3.2 Service currently"
        " unavailable;"
        " from=<a@x>, to=<b@y>, proto=ESMTP, helo=<pc>",
        ("reject", False, "RCPT", "[1.2.3.4]:60591", "a@x", "b@y", False),
    ),
    (
        "postscreen",
        "NOQUEUE: reject: CONNECT from [1.2.3.4]:60591: too many connections",
        ("reject", False, "CONNECT", "[1.2.3.4]:60591", None, None, False),
    ),
    # qmqpd.c, smtpd.c: an end that is none of the words above
    (
        "qmqpd",
        "NOQUEUE: h[1.2.3.4]: lost connection while receiving",
        ("", False, "", "", None, None, False),
    ),
    # postsuper.c
    *[
        ("postsuper", f"1D8AAAA: {text}", (word, False, "", "", None, None, True))
        for text, word in {
            "placed on hold": "hold",
            "released from hold": "release",
            "removed": "delete",
            "requeued": "requeue",
            "expired": "expire",
        }.items()
    ],
]


def read(program, text):
    [line] = lines_of(f"{TIME}{program}[1]: {text}".encode())
    return action_of(line)


@pytest.mark.parametrize(("program", "text", "wanted"), FORMATS)
def test_every_format_is_read(program, text, wanted):
    found = read(program, text)
    assert wanted == (
        found.action, found.by_milter, found.stage, found.client,
        found.sender, found.recipient, found.of_message,
    )  # fmt: skip
    assert "proto=" not in found.reason and "helo=" not in found.reason


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("smtpd", "1D8AAAA: client=h[1.2.3.4]"),
        ("smtpd", "NOQUEUE: client=h[1.2.3.4]"),
        ("cleanup", "1D8AAAA: message-id=<reject: header@x>"),
        ("qmgr", "1D8AAAA: removed"),
        ("smtp", "1D8AAAA: to=<b@y>, relay=none, status=deferred (reject: no)"),
        ("smtpd", f"proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as 1D8AAAA; {ENVELOPE}"),
        ("smtp", f"proxy-reject: END-OF-MESSAGE: 554 no; {ENVELOPE}"),
        ("smtpd", "warning: hostname x does not resolve to address 1.2.3.4"),
    ],
)
def test_what_is_no_action_is_none(program, text):
    assert read(program, text) is None


@pytest.mark.parametrize("behind", ["", " sasl_username=<bob>"])
def test_a_forged_text_does_not_name_the_recipient(behind):
    forged = "554 5.7.1 <x; from=<evil@x> to=<victim@y>>: Relay access denied"
    found = read("smtpd", f"NOQUEUE: reject: RCPT from h[1.2.3.4]: {forged}; {ENVELOPE}{behind}")
    assert (found.sender, found.recipient) == ("a@x", "b@y")
    subject = "Subject: mail; from=<evil@x> to=<victim@y> proto=SMTP helo=<z>"
    found = read("cleanup", f"1D8AAAA: reject: header {subject} from h[1.2.3.4]; {ENVELOPE}: no")
    assert (found.sender, found.recipient, found.client) == ("a@x", "b@y", "h[1.2.3.4]")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=80))
def test_any_text_is_read_without_an_error(text):
    for begin in ("NOQUEUE: reject: ", "1D8AAAA: hold: header ", "1D8AAAA: milter-reject: "):
        found = read("smtpd", begin + text)
        assert found is None or found.action in ("", "reject", "hold")


BEGUN = f"{TIME}smtpd[1]: 1D8AAAA: client=h[1.2.3.4]\n"
CAME = (
    BEGUN
    + f"{TIME}cleanup[2]: 1D8AAAA: message-id=<m@x>\n"
    + f"{TIME}qmgr[3]: 1D8AAAA: from=<a@x>, size=1, nrcpt=1 (queue active)\n"
)
HELD = (
    BEGUN
    + f"{TIME}cleanup[2]: 1D8AAAA: hold: header Subject: x from h[1.2.3.4]; {ENVELOPE}: look\n"
)
DEFERRED = (
    f"{TIME}smtp[4]: 1D8AAAA: to=<b@y>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1,"
    " status=deferred (connect to y[5.6.7.8]:25: Connection refused)\n"
)
SENT = (
    f"{TIME}local[4]: 1D8AAAA: to=<b@y>, relay=local, delay=1, delays=1/0/0/0, dsn=2.0.0,"
    f" status=sent (delivered to mailbox)\n{TIME}qmgr[3]: 1D8AAAA: removed\n"
)
BY_HAND = TIME + "postsuper[9]: 1D8AAAA: "


@pytest.mark.parametrize(
    ("log", "status"),
    [
        (HELD, "held"),
        (HELD + BY_HAND + "removed\n", "deleted"),
        (HELD + BY_HAND + "released from hold\n" + CAME[len(BEGUN) :] + SENT, "sent"),
        (CAME + DEFERRED, "deferred"),
        (CAME + DEFERRED + BY_HAND + "placed on hold\n", "held"),
        (CAME + DEFERRED + BY_HAND + "placed on hold\n" + BY_HAND + "released from hold\n",
         "deferred"),
        (CAME + DEFERRED + BY_HAND + "removed\n", "deleted"),
        (BEGUN + f"{TIME}smtpd[1]: 1D8AAAA: reject: END-OF-MESSAGE from h[1.2.3.4]: 554 no;"
         f" {ENVELOPE}\n",
         "rejected"),
        (BEGUN + f"{TIME}smtpd[1]: 1D8AAAA: milter-discard: DATA from h[1.2.3.4]: x; {ENVELOPE}\n",
         "discarded"),
        (BEGUN + f"{TIME}cleanup[2]: warning: 1D8AAAA: message rejected: hopcount"
         f" exceeded\n", "rejected"),
        (CAME + f"{TIME}cleanup[2]: 1D8AAAA: filter: header X from local; from=<a@x>:"
         f" smtp:y\n", "queued"),
        (CAME + DEFERRED.replace("=deferred", "=bounced") + DEFERRED.partition("to=")[0]
         + "status=deferred (bounce failed)\n", "deferred"),
        (BEGUN, "unknown"),
    ],
)  # fmt: skip
def test_what_was_done_decides_what_became_of_it(log, status):
    [path] = traced(log.encode()).paths
    assert path.status == status
    assert (status == "unknown") is any("never came whole" in what for what in path.unlinked)


def test_a_client_of_qmqpd_that_goes_before_its_message_has_come():
    log = BEGUN.replace("smtpd", "qmqpd")
    [path] = traced((log + log.replace("client=h[1.2.3.4]", "h[1.2.3.4]: timeout while reading"
                     " netstring")).encode()).paths  # fmt: skip
    assert path.unlinked == [
        "1D8AAAA: it never came whole: h[1.2.3.4]: timeout while reading netstring"
    ]


def test_a_message_on_hold_is_found_by_its_sender_and_recipient():
    assert traced(HELD.encode(), recipient="b@y", sender="a@x").paths
    assert not traced(HELD.encode(), recipient="c@y").paths


def test_one_refused_of_two_recipients_is_found():
    refused = f"{TIME}smtpd[1]: 1D8AAAA: reject: RCPT from h[1.2.3.4]: 550 5.1.1 unknown;"
    log = CAME + refused + " from=<a@x> to=<no@y> proto=ESMTP helo=<pc>\n" + SENT
    found = traced(log.encode(), recipient="no@y")
    assert [(each.recipient, each.line.queue_id) for each in found.refusals] == [
        ("no@y", "1D8AAAA")
    ]
    [path] = traced(log.encode()).paths
    assert (path.status, path.recipients) == ("sent", ["b@y"])
    assert traced(log.encode(), queue_ids=("1D8AAAA",)).refusals
    assert not traced(log.encode(), queue_ids=("2D8AAAA",)).refusals


@pytest.mark.parametrize("sender", ["double-bounce@mx", "a@x"])
def test_a_probe_of_an_address_is_brought_by_nobody(sender):
    log = CAME[len(BEGUN) :].replace("a@x", sender) + SENT.replace("=sent", "=deliverable")
    [path] = traced(log.encode()).paths
    assert path.status == "deliverable"
    assert bool(path.unlinked) is (sender == "a@x")


def test_what_was_only_tried_is_no_refusal():
    line = f"{TIME}smtpd[1]: NOQUEUE: reject_warning: RCPT from h[1.2.3.4]: 554 no; {ENVELOPE}"
    found = traced(line.encode())
    assert not found.refusals
    assert [action.action for action in found.actions] == ["reject_warning"]


def test_a_virus_on_a_reused_connection_is_a_virus_discarded():
    log = (FIXTURES / "mail_log" / "reuse.log").read_bytes()
    paths = traced(log).paths
    assert [path.status for path in paths] == ["discarded", "discarded"]
    assert [[visit.program for visit in path.hops[0].visits] for path in paths] == [
        ["clamsmtpd"],
        ["clamsmtpd", "clamd"],
    ]
    assert [path.unlinked for path in paths] == [[], []]


def test_clamsmtpds_answer_alone_tells_a_discarded_virus():
    log = (FIXTURES / "mail_log" / "reuse.log").read_bytes().splitlines(keepends=True)
    lines = b"".join(line for line in log if b" clamsmtpd: " not in line)
    assert [path.status for path in traced(lines).paths] == ["discarded", "discarded"]


def test_what_was_done_before_the_queue_id_is_the_messages_too():
    """smtpd opens the queue file with the first recipient that it accepts (smtpd.c: rcpt_cmd)."""
    log = (
        f"{TIME}smtpd[1]: connect from h[1.2.3.4]\n"
        f"{TIME}smtpd[1]: NOQUEUE: discard: RCPT from h[1.2.3.4]: x; from=<z@x> to=<b@y>\n"
        f"{TIME}smtpd[1]: NOQUEUE: hold: RCPT from h[1.2.3.4]: look; {ENVELOPE}\n"
        f"{TIME}smtpd[1]: NOQUEUE: reject: RCPT from h[1.2.3.4]: 550 no; from=<a@x> to=<no@y>\n"
        f"{BEGUN}{TIME}smtpd[1]: 2D8AAAA: client=h[1.2.3.4]\n"
    )
    held, other = traced(log.encode()).paths
    assert (held.status, held.sender, held.recipients) == ("held", "a@x", ["b@y"])
    assert [action.action for action in held.hops[0].entry.actions] == ["hold", "reject"]
    assert other.hops[0].entry.actions == []
