"""Logs of journalctl with several lines for an entry, against the same entries of one line each."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._trace.journal_entries import one_line_each

ENTRIES = [
    {
        "__CURSOR": "s=1;i=1",
        "__REALTIME_TIMESTAMP": "1795950542596672",
        "_HOSTNAME": "mx",
        "SYSLOG_IDENTIFIER": "postfix/qmgr",
        "SYSLOG_PID": "1",
        "_PID": "7",
        "MESSAGE": "92227194986: removed",
    },
    {
        "__CURSOR": "s=1;i=2",
        "__REALTIME_TIMESTAMP": "1795950543000000",
        "_HOSTNAME": "mx",
        "_COMM": "clamd",
        "MESSAGE": "é\nof two lines",
    },
]
LINES = (
    "2026-11-29T11:09:02.596672+00:00 mx postfix/qmgr[1]: 92227194986: removed\n"
    "2026-11-29T11:09:03+00:00 mx clamd: é#012of two lines\n"
).encode()


def export(entries):
    """Fields as `journalctl --output=export` writes them: with a length where they have lines."""

    def field(name, value):
        data = value.encode()
        if b"\n" in data:
            return b"%s\n%s%s\n" % (name.encode(), len(data).to_bytes(8, "little"), data)
        return b"%s=%s\n" % (name.encode(), data)

    return b"\n".join(
        b"".join(field(*item) for item in entry.items()) for entry in entries
    )  # fmt: skip


def pretty(entries):
    return "\n".join(json.dumps(entry, indent="\t") for entry in entries).encode()


VERBOSE = """\
Sun 2026-11-29 11:09:02.596672 UTC [s=abc0;i=1;b=1;m=1;t=1;x=1]
    PRIORITY=6
    _HOSTNAME=mx
    SYSLOG_IDENTIFIER=postfix/qmgr
    SYSLOG_PID=1
    _PID=7
    MESSAGE=92227194986: removed
Sun 2026-11-29 11:09:03.000000 UTC [s=abc0;i=2;b=1;m=1;t=1;x=1]
    _HOSTNAME=mx
    _COMM=clamd
    MESSAGE=é
            of two lines
""".encode()


@pytest.mark.parametrize("data", [export(ENTRIES), pretty(ENTRIES)])
def test_an_entry_of_several_lines_becomes_one(data):
    assert one_line_each(data) == LINES


def test_verbose_has_the_times_of_its_own_zone():
    assert one_line_each(VERBOSE).decode().splitlines() == [
        "Sun 2026-11-29 11:09:02.596672 UTC mx postfix/qmgr[1]: 92227194986: removed",
        "Sun 2026-11-29 11:09:03.000000 UTC mx clamd: é#012of two lines",
    ]


@pytest.mark.parametrize(
    "data",
    [b"", LINES, b'{"MESSAGE": "x"}\n', b"Nov 29 12:09:02 mx a: __CURSOR=\n", b"{\n", b"\x00\xff"],
)
def test_another_log_stays_as_it_is(data):
    assert one_line_each(data) == data


def test_a_message_that_is_no_text_and_a_field_that_stands_twice():
    entry = {**ENTRIES[0], "MESSAGE": [120, 255], "_HOSTNAME": ["mx", "my"]}
    assert one_line_each(pretty([entry])).endswith(b" mx postfix/qmgr[1]: x\xff\n")


@given(st.sampled_from([export(ENTRIES), pretty(ENTRIES), VERBOSE]), st.data())
def test_what_is_cut_off_or_damaged_is_read_as_far_as_it_goes(data, choice):
    end = choice.draw(st.integers(0, len(data)))
    at = choice.draw(st.integers(0, len(data)))
    wrong = data[:at] + choice.draw(st.binary(max_size=9)) + data[at:end]
    assert isinstance(one_line_each(wrong), bytes)
