from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import (
    decode,
    merge,
    read,
    seconds,
)
from tests.support.mail_logs import COURSE, LATEST, LOGS, lines_of

TODAY = datetime.date(2026, 3, 26)


@pytest.mark.parametrize(
    ("raw", "time", "service", "pid", "queue_id", "text"),
    [
        (
            "Mar 26 16:11:02 mx postfix/smtpd[42]: 53AE9404458: client=a[1.2.3.4]",
            "2026-03-26T16:11:02", "postfix/smtpd", "42", "53AE9404458", "client=a[1.2.3.4]",
        ),
        (
            "Mar  6 01:02:03 mx postfix/qmgr[1]: 4jZDKY5zLrzGR8T: removed",
            "2026-03-06T01:02:03", "postfix/qmgr", "1", "4jZDKY5zLrzGR8T", "removed",
        ),
        (
            "Mar 06 01:02:03 mx postfix/qmgr[1]: 4jZDGB0p0PzGFyy: removed\r",
            "2026-03-06T01:02:03", "postfix/qmgr", "1", "4jZDGB0p0PzGFyy", "removed",
        ),
        (
            "2026-03-26T16:11:02.123456+01:00 mx postfix/submission/smtpd[42]: connect from a[::1]",
            "2026-03-26T16:11:02.123456+01:00", "postfix/submission/smtpd", "42", "",
            "connect from a[::1]",
        ),
        (
            "2026-03-26T16:11:02Z mx postfix-out/smtp[7]: 1A2B3C4D5E: to=<a@b>",
            "2026-03-26T16:11:02Z", "postfix-out/smtp", "7", "1A2B3C4D5E", "to=<a@b>",
        ),
        (
            "2026-03-26 16:11:02,5+0100 mx postfix/smtp[7]: warning: 1A2B3C4D5E: too many hops",
            "2026-03-26T16:11:02,5+0100", "postfix/smtp", "7", "1A2B3C4D5E",
            "warning: too many hops",
        ),
        (
            "<22>Mar 26 16:11:02 mx clamsmtpd: 1001D1: accepted connection from: 1.2.3.4",
            "2026-03-26T16:11:02", "clamsmtpd", "", "",
            "1001D1: accepted connection from: 1.2.3.4",
        ),
        (
            "<22>1 2026-03-26T16:11:02.5Z mx postfix/local 42 - - 53AE9404458: removed",
            "2026-03-26T16:11:02.5Z", "postfix/local", "42", "53AE9404458", "removed",
        ),
        (
            '<22>1 2026-03-26T16:11:02Z mx dovecot - - [x@1 a="]"] lda(tech): msgid=<a>',
            "2026-03-26T16:11:02Z", "dovecot", "", "", "lda(tech): msgid=<a>",
        ),
        (
            "Mar 26 16:11:02 mx spamd[9]: warning: ABCDEF: no queue id",
            "2026-03-26T16:11:02", "spamd", "9", "", "warning: ABCDEF: no queue id",
        ),
        (
            "Mar 26 16:11:02 mx postfix/smtpd[42]: NOQUEUE: reject: RCPT",
            "2026-03-26T16:11:02", "postfix/smtpd", "42", "", "NOQUEUE: reject: RCPT",
        ),
        (
            "Mar 26 16:11:02 mx postfix/smtpd[42]: ",
            "2026-03-26T16:11:02", "postfix/smtpd", "42", "", "",
        ),
    ],
)  # fmt: skip
def test_a_line(raw, time, service, pid, queue_id, text):
    [line] = read(raw, TODAY)
    assert line == (0, raw.rstrip("\r"), time, "mx", service, pid, queue_id, text)
    assert line.program == service.rpartition("/")[2]


MOMENT = "2026-11-29T12:09:02"


@pytest.mark.parametrize(
    ("raw", "time"),
    [
        # rsyslog: TraditionalFileFormat, FileFormat, ForwardFormat, SyslogProtocol23Format
        ("Nov 29 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", MOMENT),
        (f"{MOMENT}.596672+01:00 mx postfix/qmgr[1]: 92227194986: removed",
         f"{MOMENT}.596672+01:00"),
        (f"<22>{MOMENT}.596672+01:00 mx postfix/qmgr[1]: 92227194986: removed",
         f"{MOMENT}.596672+01:00"),
        (f"<22>1 {MOMENT}.5+01:00 mx postfix/qmgr 1 - - 92227194986: removed", f"{MOMENT}.5+01:00"),
        # the message of RFC 3164 begins with the space behind its tag
        (f"<22>1 {MOMENT}.5Z mx postfix/qmgr 1 - -  92227194986: removed", f"{MOMENT}.5Z"),
        (f"1 {MOMENT}Z mx postfix/qmgr 1 - - 92227194986: removed", f"{MOMENT}Z"),
        ("Nov 29 12:09:02.596 mx postfix/qmgr[1]: 92227194986: removed", f"{MOMENT}.596"),
        # journalctl -o short-precise, short-iso, short-iso-precise, short-full, with-unit
        ("Nov 29 12:09:02.596672 mx postfix/qmgr[1]: 92227194986: removed", f"{MOMENT}.596672"),
        (f"{MOMENT}+0100 mx postfix/qmgr[1]: 92227194986: removed", f"{MOMENT}+0100"),
        (f"{MOMENT}.596672+0100 mx postfix/qmgr[1]: 92227194986: removed", f"{MOMENT}.596672+0100"),
        ("Sun 2026-11-29 12:09:02 CET mx postfix/qmgr[1]: 92227194986: removed", MOMENT),
        ("Sun 2026-11-29 12:09:02.596672 +03 mx postfix/qmgr[1]: 92227194986: removed",
         f"{MOMENT}.596672"),
        ("Sun 2026-11-29 12:09:02 CET mx postfix@-.service[1]: 92227194986: removed", MOMENT),
        # short-unix, short-monotonic, short-delta, json
        ("1795950542.596672 mx postfix/qmgr[1]: 92227194986: removed",
         "2026-11-29T11:09:02.596672+00:00"),
        ("[ 3723.500000] mx postfix/qmgr[1]: 92227194986: removed", "1970-01-01T01:02:03.500000"),
        ("[ 3723.500000 <    0.000123 >] mx postfix/qmgr[1]: 92227194986: removed",
         "1970-01-01T01:02:03.500000"),
        ('{"__REALTIME_TIMESTAMP":"1795950542596672","_HOSTNAME":"mx","SYSLOG_PID":"1",'
         '"SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":"92227194986: removed"}',
         "2026-11-29T11:09:02.596672+00:00"),
        ("Nov 3 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", "2026-11-03T12:09:02"),
        *[
            (f'{begin}{{"__REALTIME_TIMESTAMP":"1795950542596672","_HOSTNAME":"mx","_PID":"1",'
             '"SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":"92227194986: removed"}',
             "2026-11-29T11:09:02.596672+00:00")
            for begin in ("data: ", "\x1e")  # json-sse, json-seq
        ],
        # a template's own times: date-year, asctime, and ISO with blanks
        ("Nov  3 2025 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", "2025-11-03T12:09:02"),
        ("Nov 29 12:09:02 2025 mx postfix/qmgr[1]: 92227194986: removed", "2025-11-29T12:09:02"),
        ("2026-11-29 12:09:02 +0100 mx postfix/qmgr[1]: 92227194986: removed", f"{MOMENT}+0100"),
        # journalctl --output=short, and short-precise, for who speaks French
        ("nov. 29 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", MOMENT),
        ("août  3 12:09:02.5 mx postfix/qmgr[1]: 92227194986: removed", "2026-08-03T12:09:02.5"),
        # docker logs --timestamps, docker compose logs, Kubernetes, a terminal's colours
        (f"{MOMENT}.123Z Nov 29 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", MOMENT),
        ("mail-1  | Nov 29 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", MOMENT),
        (f"mail  | {MOMENT}.1Z {MOMENT}+01:00 mx postfix/qmgr[1]: 92227194986: removed",
         f"{MOMENT}+01:00"),
        (f"{MOMENT}.1Z stdout F Nov 29 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", MOMENT),
        (f"mail | <22>1 {MOMENT}Z mx postfix/qmgr 1 - - 92227194986: removed", f"{MOMENT}Z"),
        ("Nov 29 12:09:02 mx \x1b[1mpostfix/qmgr[1]\x1b[0m: 92227194986: removed", MOMENT),
        ("\ufeffNov 29 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", MOMENT),
        ("68 <22>Nov 29 12:09:02 mx postfix/qmgr[1]: 92227194986: removed", MOMENT),  # RFC 6587
        # the syslogd of busybox, FreeBSD, Solaris
        ("Nov 29 12:09:02 mx mail.info postfix/qmgr[1]: 92227194986: removed", MOMENT),
        ("Nov 29 12:09:02 <mail.info> mx postfix/qmgr[1]: 92227194986: removed", MOMENT),
        ("Nov 29 12:09:02 mx postfix/qmgr[1]: [ID 197553 mail.info] 92227194986: removed", MOMENT),
        # $RepeatedMsgReduction
        ("Nov 29 12:09:02 mx postfix/qmgr[1]: message repeated 2 times: [ 92227194986: removed]",
         MOMENT),
    ],
)  # fmt: skip
def test_every_usual_layout_is_read(raw, time):
    [line] = read(raw, datetime.date(2026, 11, 29))
    assert line[1:] == (raw, time, "mx", "postfix/qmgr", "1", "92227194986", "removed")
    assert line.seconds > 0


@pytest.mark.parametrize(
    ("raw", "host", "service", "pid"),
    [
        ("Nov 29 12:09:02 postfix/qmgr[1]: 92227194986: removed", "", "postfix/qmgr", "1"),
        (f"{MOMENT}+0100 postfix/qmgr: 92227194986: removed", "", "postfix/qmgr", ""),
        ("Nov 29 12:09:02 2001:db8::1 postfix/qmgr[1]: 92227194986: removed", "2001:db8::1",
         "postfix/qmgr", "1"),
        ("Nov 29 12:09:02 2001:db8:: postfix/qmgr[1]: 92227194986: removed", "2001:db8::",
         "postfix/qmgr", "1"),
        # ForwardFormat and TraditionalForwardFormat: the tag has 32 characters at most
        ("Nov 29 12:09:02 mx postfix/submission/smtpd[123456] 92227194986: removed", "mx",
         "postfix/submission/smtpd", "123456"),
        (f"{MOMENT}Z mx postfix/submission/smtpd[1234567 92227194986: removed", "mx",
         "postfix/submission/smtpd", "1234567"),
        (f"{MOMENT}Z mx postfix-outgoing/submission/smtp 92227194986: removed", "mx",
         "postfix-outgoing/submission/smtp", ""),
    ],
)  # fmt: skip
def test_a_line_without_a_host_or_with_a_tag_cut_off(raw, host, service, pid):
    [line] = read(raw, datetime.date(2026, 11, 29))
    assert (line.host, line.service, line.pid) == (host, service, pid)
    assert (line.queue_id, line.text) == ("92227194986", "removed")


@pytest.mark.parametrize(
    "raw",
    [
        "Nov 29 12:09:02 mx postfix/submission/smtp[1 92227194986 removed",
        "Nov 29 12:09:02 mx an-account-of-more-than-thirty-two-characters says: x",
        "Nov 29 12:09:02 2026: x",
    ],
)
def test_a_word_that_is_no_tag_is_none(raw):
    [line] = read(raw, datetime.date(2026, 11, 29))
    assert not line.queue_id and "/" not in line.service


@pytest.mark.parametrize(
    "raw",
    [
        "92227194986: removed",
        "    MESSAGE=92227194986: removed",
        "{}",
        '{"MESSAGE": null}',
        '{"MESSAGE": "x", "__REALTIME_TIMESTAMP": "soon"}',
        '{"MESSAGE": "x", "__REALTIME_TIMESTAMP": "1"}',
        "no log at all",
    ],
)
def test_another_layout_is_not_read(raw):
    [line] = read(raw, TODAY)
    assert (line.service, line.text) == ("", raw)


@pytest.mark.parametrize(
    ("unit", "text", "service"),
    [
        ("postfix@-.service", "92227194986: client=h[1.2.3.4]", "postfix/smtpd"),
        ("postfix.service", "92227194986: message-id=<x>", "postfix/cleanup"),
        ("postfix.service", "92227194986: to=<a@b>, relay=local, status=sent", "postfix/local"),
        ("postfix.service", "92227194986: to=<a@b>, relay=b[1.2.3.4]:25, x", "postfix/smtp"),
        ("postfix.service", "92227194986: to=<a@b>, relay=spamassassin, x", "postfix/pipe"),
        ("postfix.service", "daemon started", "postfix/master"),
        ("clamsmtp.service", "100053: accepted connection from: 127.0.0.1", "clamsmtpd"),
        ("cron.service", "x", "cron"),
        ("postfix.service", "92227194986: removed (canceled)", "postfix/cleanup"),
        (
            "postfix.service",
            "warning: 92227194986: message rejected: hopcount exceeded",
            "postfix/cleanup",
        ),
        (
            "postfix@-.service",
            "NOQUEUE: reject: RCPT from [1.2.3.4]:5: 550 x",
            "postfix/postscreen",
        ),
        ("postfix@-.service", "NOQUEUE: reject: RCPT from h[1.2.3.4]: 550 x", "postfix/smtpd"),
        ("postfix@-.service", "proxy-reject: END-OF-MESSAGE: 554 x", "postfix/smtpd"),
        ("postfix@-.service", "92227194986: removed", "postfix/qmgr"),
        ("session-2.scope", "92227194986: removed", "postfix/postsuper"),
        ("ssh@3-1.2.3.4.service", "92227194986: placed on hold", "postfix/postsuper"),
    ],
)
def test_the_program_behind_a_unit(unit, text, service):
    [line] = read(f"Sun 2026-11-29 12:09:02 CET mx {unit}[1]: {text}", TODAY)
    assert line.service == service


@pytest.mark.parametrize(
    "raw",
    [
        "Mar 26 16:11:02 mx last message repeated 3 times",
        "Mar 26 16:11",
        "amiens.fr[172.30.177.85]",
        "2026-13-26T16:11:02Z mx postfix/qmgr[1]: 4F1B2C3D4E: removed",
        "\x00\x01",
    ],
)
def test_what_is_no_line_is_kept(raw):
    [line] = read(f"\n \n{raw}\n", TODAY)
    assert (line.raw, line.service, line.text) == (raw, "", raw)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("1970-01-01T00:00:00", 0),
        ("1970-01-02T00:00:01.25Z", 86401.25),
        ("2026-03-26T16:11:02+01:00", 1774537862),
        ("2026-03-26T16:11:02-0130", 1774546862),
        ("2026-02-29T00:00:00", 1772323200),  # no leap year: the day after February 28
        ("", 0),
        ("yesterday", 0),
    ],
)
def test_seconds(time, expected):
    assert seconds(time) == expected


def test_the_lines_of_real_logs_are_all_read():
    for name, data in {**LOGS, "course": COURSE}.items():
        assert all(line.service and line.time for line in lines_of(data)), name


def times(*dates, latest=TODAY, **part):
    text = "".join(f"{date} 10:00:00 mx postfix/qmgr[1]: x\n" for date in dates)
    return [line.time[:10] for line in read(text, latest, **part)]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["Mar 26"], ["2026-03-26"]),
        (["Mar 27"], ["2026-03-27"]),  # a clock that is ahead
        (["Mar 28"], ["2025-03-28"]),
        (["Dec 31", "Jan  1"], ["2025-12-31", "2026-01-01"]),
        # Written at the turn of the year, lines are out of order now and then.
        (["Jan  1", "Dec 31", "Jan  1"], ["2026-01-01", "2025-12-31", "2026-01-01"]),
        (["Nov  3", "Feb  1"], ["2025-11-03", "2026-02-01"]),
        (["Dec 31", "Jan  1", "Dec 31", "Jan  1"], ["2025-12-31", "2026-01-01"] * 2),
        (["Feb 28", "Mar  1", "Feb 28", "Mar  1"], ["2026-02-28", "2026-03-01"] * 2),
        (["Jun  1", "May 31", "Jun  1", "May 31"], ["2025-06-01", "2025-05-31"] * 2),
        (["Apr  1", "Mar  1", "Feb  1"], ["2024-04-01", "2025-03-01", "2026-02-01"]),
        (["Feb 29", "Mar  1"], ["2026-02-29", "2026-03-01"]),
        (["déc. 31", "janv.  1"], ["2025-12-31", "2026-01-01"]),
    ],
)
def test_the_year_of_times_without_one(dates, expected):
    assert times(*dates) == expected


@given(
    st.lists(
        st.sampled_from(["Dec 30", "Jan  2", "Mar 26", "mars 29", "févr.  3", "2026-01-01T"]),
        min_size=1,
    ),
    st.data(),
)
def test_parts_of_a_log_have_the_same_years_as_the_whole(dates, data):
    lines = [
        f"{date}{' ' * (date[0] != '2')}10:00:00 mx postfix/qmgr[1]: {number}\n"
        for number, date in enumerate(dates)
    ]
    text = "".join(lines)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    edges = sorted(data.draw(st.sets(st.sampled_from(starts))))
    parts = list(zip(edges[::2], edges[1::2]))
    inside = [any(start <= place < end for start, end in parts) for place in starts]
    whole = [line for line, within in zip(read(text, TODAY), inside) if within]
    found = read(text, TODAY, None, parts)
    assert [line.raw for line in found] == [line.raw for line in whole]
    assert [line.time for line in found] == [line.time for line in whole]
    assert [line.number for line in found] == list(range(len(found)))


@given(st.binary())
def test_any_bytes_are_lines(data):
    text = decode(data)
    text.encode()
    for number, line in enumerate(read(text, TODAY)):
        assert line.number == number
        assert line.raw in text


@given(st.datetimes(datetime.datetime(1970, 1, 1), timezones=st.just(datetime.timezone.utc)))
def test_times_of_iso_8601(moment):
    assert seconds(moment.isoformat()) == pytest.approx(moment.timestamp(), abs=1e-5)


def test_logs_of_several_machines_as_one():
    a = read("2026-03-26T10:00:00Z x p[1]: a\n2026-03-26T10:00:05Z x p[1]: d\ntorn\n", LATEST, "a")
    b = read("2026-03-26T12:00:01+02:00 x p[1]: b\n2026-03-26T12:00:02+02:00 x p[1]: c", LATEST)
    lines = merge([a, b])
    assert [(line.host, line.text) for line in lines] == [
        ("a", "a"), ("x", "b"), ("x", "c"), ("a", "d"), ("a", "torn"),
    ]  # fmt: skip
    assert [line.number for line in lines] == [0, 1, 2, 3, 4]
