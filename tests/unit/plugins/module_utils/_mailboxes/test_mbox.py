"""Messages of mbox files: where they begin, what belongs to them, and what the format adds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._mailboxes.mbox import (
    Message,
    entry,
    messages,
)

FIRST = b"From tech@local.isri.fr  Fri Mar 26 10:59:14 2021\n"
WHEN = time.mktime((2021, 3, 26, 10, 59, 14, 0, 0, -1))


def read(data):
    return list(messages(data.splitlines(keepends=True)))


def test_a_message_of_the_course():
    (message,) = read(FIRST + b"Message-Id: <1@x>\nFrom: tech\n\ntest\n\n")
    assert message == Message(
        b"Message-Id: <1@x>\nFrom: tech\n\ntest\n", "", True, WHEN, b"tech@local.isri.fr"
    )


BEGINNINGS = [
    b"From tech@x Fri Mar 26 10:59:14 2021",
    b"From tech@x Fri Mar  6 10:59 2021",
    b"From tech@x  Fri Mar 26 10:59:14 2021 +0100",
    b"From tech@x Fri Mar 26 10:59:14 CET 2021",
    b"From MAILER-DAEMON Fri Mar 26 10:59:14 2021\r",
    b'From "tech tech"@x Fri Mar 26 10:59:14 2021',
]


@pytest.mark.parametrize("line", BEGINNINGS)
def test_what_begins_a_message(line):
    assert len(read(FIRST + b"A: 1\n\n1\n\n" + line + b"\nA: 2\n\n2\n")) == 2


NO_BEGINNINGS = [
    b"From here on all is text",
    b"From tech@x 26/03/2021 10:59:14",
    b">From tech@x Fri Mar 26 10:59:14 2021",
    b"from tech@x Fri Mar 26 10:59:14 2021",
    b" From tech@x Fri Mar 26 10:59:14 2021",
    b"From tech@x Fri Mar 26 10:59:14 2021 it was read by all of us",
]


@pytest.mark.parametrize("line", NO_BEGINNINGS)
def test_what_begins_none_though_python_would_think_so(line):
    (message,) = read(FIRST + b"A: 1\n\n1\n\n" + line + b"\n2\n")
    assert message.text == b"A: 1\n\n1\n\n" + line + b"\n2\n"


@pytest.mark.parametrize("data", [b"hello\n", b"\n", b"F", b"From here\n", b"A: 1\n\n1\n"])
def test_what_is_no_mbox_is_refused(data):
    with pytest.raises(ValueError, match="no mbox"):
        read(data)


def test_an_empty_mbox_has_no_messages():
    assert read(b"") == []


FLAGS = [
    # headers of an mbox, a Maildir's letters, whether it is new
    (b"", "", True),
    (b"Status: O\n", "", False),
    (b"Status: RO\n", "S", False),
    (b"Status: RO\nX-Status: A\n", "RS", False),
    (b"Status: RO\nX-Status: AFDT\nX-Keywords: a\n", "DFRST", False),
    (b"status:R\nx-status:F\n", "FS", False),
    (b"Status: O\nX-Status: \n", "", False),
]


@pytest.mark.parametrize(("header", "flags", "recent"), FLAGS)
def test_flags_come_out_of_the_header(header, flags, recent):
    text = FIRST + b"A: 1\n" + header + b"X-UID: 7\nX-IMAPbase: 1 7\n  more\nB: 2\n\nStatus: F\n"
    (message,) = read(text)
    assert (message.flags, message.recent) == (flags, recent)
    assert message.text == b"A: 1\nB: 2\n\nStatus: F\n"


@pytest.mark.parametrize(("_header", "flags", "recent"), FLAGS)
def test_flags_go_into_the_header_and_come_out_again(_header, flags, recent):
    message = Message(b"A: 1\n\n1\n", flags, recent, WHEN, b"tech")
    (again,) = read(entry(message))
    # Flags cannot be written of what no client has seen.
    assert again == message


def test_the_folder_data_of_uw_imap_is_no_message():
    data = (
        b"From MAILER-DAEMON Fri Mar 26 10:59:14 2021\n"
        b"Date: 26 Mar 2021 10:59:14 +0100\n"
        b"From: Mail System Internal Data <MAILER-DAEMON@x>\n"
        b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
        b"Message-ID: <1@x>\nX-IMAP: 1616752754 0000000002\nStatus: RO\n\nThis text is part\n\n"
    )
    (message,) = read(data + FIRST + b"A: 1\n\n1\n\n")
    assert message.text == b"A: 1\n\n1\n"


def test_what_a_sender_wrote_into_the_servers_headers_does_not_count():
    message = Message(b"Status: RO\nX-Status: D\nContent-Length: 1\nA: 1\n\n1\n", "", False, WHEN)
    (again,) = read(entry(message))
    assert (again.text, again.flags) == (b"A: 1\n\n1\n", "")


def test_lines_that_could_begin_a_message_are_quoted():
    body = b"A: 1\n\nFrom here\n" + FIRST + b">From there\n"
    (message,) = read(entry(Message(body, date=WHEN)))
    assert message.text == b"A: 1\n\n>From here\n>" + FIRST + b">From there\n"


ODD = [b"", b"\n", b"A: 1", b"A: 1\n", b"\n\nbody", b"A: 1\r\n\r\nbody\r\n", b"no header\n\nbody"]


@pytest.mark.parametrize("text", ODD)
def test_odd_messages_stay_one_message(text):
    mbox = entry(Message(text, "S", False, WHEN)) * 2
    first, second = read(mbox)
    assert first == second
    assert first.flags == "S"
    assert first.text.split() == text.split()


BODIES = st.lists(
    st.sampled_from([b"", b"text", b"From x", FIRST[:-1], b"Status: D", b"\xe9\x00", b"From "]),
    max_size=6,
)


@given(st.lists(st.tuples(BODIES, st.sets(st.sampled_from("DFRST")), st.booleans()), max_size=4))
def test_as_many_messages_come_out_as_go_in(cases):
    made = []
    for number, (lines, letters, recent) in enumerate(cases):
        text = b"Message-Id: <%d@x>\n\n" % number + b"".join(line + b"\n" for line in lines)
        flags = "" if recent else "".join(sorted(letters))
        made.append(Message(text, flags, recent, WHEN + number, b"tech@x"))
    again = read(b"".join(map(entry, made)))
    assert len(again) == len(made)
    for before, after in zip(made, again):
        assert after.text == before.text.replace(b"\nFrom ", b"\n>From ")
        assert (after.flags, after.recent, after.date) == (before.flags, before.recent, before.date)
