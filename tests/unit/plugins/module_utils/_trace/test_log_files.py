from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._trace.log_files import in_order, unpack

DATA = b"Mar 26 16:11:02 mx postfix/qmgr[1]: 53AE9404458: removed\n" * 50


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], ["mail.log"]),
        (
            ["mail.log.2.gz", "mail.log.10.gz", "mail.log", "mail.log.1"],
            ["mail.log.10.gz", "mail.log.2.gz", "mail.log.1", "mail.log"],
        ),
        (
            ["mail.log-20260307.gz", "mail.log-20251231.gz", "mail.log-20260314"],
            ["mail.log-20251231.gz", "mail.log-20260307.gz", "mail.log-20260314", "mail.log"],
        ),
        (  # postfix logrotate
            ["mail.log.20260307-101500.gz", "mail.log.20260307-090000.gz"],
            ["mail.log.20260307-090000.gz", "mail.log.20260307-101500.gz", "mail.log"],
        ),
        (["mail.log.1.gz", "mail.log.1"], ["mail.log.1", "mail.log"]),
        (["mail.log.old", "mail.log.1x", "mail.log.gz", "xmail.log.1", "mail.err"], ["mail.log"]),
    ],
)
def test_the_order_of_a_logs_files(others, expected):
    assert in_order("mail.log", others) == (expected, [])


def test_what_is_compressed_otherwise_is_named():
    assert in_order("mail.log", ["mail.log.1.xz", "mail.log.2.zst"]) == (
        ["mail.log"],
        ["mail.log.1.xz", "mail.log.2.zst"],
    )


def test_plain_and_compressed():
    assert unpack("mail.log.1", DATA) == (DATA.decode(), None)
    assert unpack("mail.log.1.gz", gzip.compress(DATA)) == (DATA.decode(), None)
    assert unpack("mail.log.1.gz", gzip.compress(DATA) * 2) == (DATA.decode() * 2, None)


def test_what_can_be_read_of_a_compressed_file_counts():
    lines = b"".join(b"line %d of many\n" % number for number in range(300_000))
    packed = gzip.compress(lines)
    text, wrong = unpack("mail.log.1.gz", packed[: len(packed) // 2])
    assert "no gzip file to its end" in wrong
    assert text
    assert lines.decode().startswith(text)


@given(st.binary(), st.integers(0, 200))
def test_no_bytes_are_too_bad(data, place):
    assert unpack("a.gz", data)[1] is not None or not data
    packed = bytearray(gzip.compress(DATA))
    packed[place % len(packed) : place % len(packed)] = data
    unpack("a.gz", bytes(packed))


def test_what_unpacks_to_gigabytes_is_read_in_part():
    bomb = gzip.compress(b"x" * (50 << 20))
    text, wrong = unpack("mail.log.1.gz", bomb, 1 << 20)
    assert len(text) == 1 << 20
    assert "1 MiB" in wrong
    text, wrong = unpack("mail.log.1", DATA * 2, len(DATA))
    assert text == DATA.decode()
    assert wrong is not None
