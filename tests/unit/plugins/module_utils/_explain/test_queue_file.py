"""What is read of queue files: the message as cleanup has left it, and its filter."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain.hand_in import record
from ansible_collections.labs.mail.plugins.module_utils._explain.queue_file import Queued, read

ENVELOPE = record("C", b"  1  2  3") + record("T", b"1") + record("S", b"a@b.test")
END = record("X") + record("R", b"c@d.test") + record("E")


def lines(*texts):
    return b"".join(record("N", text) for text in texts)


@pytest.mark.parametrize(
    ("data", "content", "filtered"),
    [
        (ENVELOPE + record("M") + lines(b"A: b", b"", b"c") + END, b"A: b\n\nc\n", ""),
        (ENVELOPE + record("L", b"f:x") + record("M") + lines(b"a") + END, b"a\n", "f:x"),
        # cleanup writes down what a header check wants after the message, and the last one counts.
        (
            record("L", b"f:") + record("M") + lines(b"a") + record("X") + record("L", b"g:") + END,
            b"a\n",
            "g:",
        ),
        # A long line is in several records.
        (record("M") + record("L", b"x" * 200) + lines(b"y") + END, b"x" * 200 + b"y\n", ""),
        (record("M") + record("w", b"gone") + lines(b"a") + END, b"a\n", ""),
        (b"", b"", ""),
        (b"N\xff", b"", ""),
        (record("M") + lines(b"a") + b"N\x05b", b"a\n", ""),
    ],
)
def test_what_is_read(data, content, filtered):
    assert read(data) == Queued(content, filtered)


def test_a_pointer_is_followed():
    away = b"M\x00p\x0213N\x01bX\x00"
    assert away[:6].endswith(b"13")
    data = away + record("N", b"a") + record("X")
    target = data.index(b"N\x01a")
    data = data.replace(b"13", str(target).encode())
    assert read(data).content == b"a\n"


def test_a_pointer_back_comes_to_an_end():
    assert read(record("M") + record("p", b"2")).content == b""
    said = record("M") + lines(b"a") + record("p", b"2")
    assert read(said).content == b"a\na\n"
