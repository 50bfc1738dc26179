"""How Postfix's programs speak: lists of names and values, records, XCLIENT's words."""

from __future__ import annotations

import socket

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain.attributes import (
    Reader,
    SpeechError,
    write,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.hand_in import record
from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import (
    quoted,
    quoted_address,
)


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        yield ours, theirs


@pytest.mark.parametrize("pairs", [[("a", "b")], [("a", ""), ("é", "x y")], [("a", ""), ("b", "")]])
def test_what_is_written_is_read(pair, pairs):
    ours, theirs = pair
    said = write(*pairs)
    theirs.sendall(said + said)
    reader = Reader(ours)
    assert reader.read() == (pairs, said)
    assert reader.read() == (pairs, said)


def test_a_list_without_an_end(pair):
    ours, theirs = pair
    theirs.sendall(b"a\0b\0c")
    theirs.close()
    with pytest.raises(SpeechError):
        Reader(ours).read()


def test_nobody_speaks(pair):
    ours, theirs = pair
    theirs.close()
    assert Reader(ours).read() == ([], b"")


@pytest.mark.parametrize(
    ("text", "length"), [(b"", b"\0"), (b"x" * 127, b"\x7f"), (b"x" * 300, b"\xac\x02")]
)
def test_records(text, length):
    assert record("N", text) == b"N" + length + text


def test_words_of_xclient():
    assert quoted("a+b=c é") == "a+2Bb+3Dc+20+E9"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("a@b.test", "a@b.test"),
        ("a.b+c@d.test", "a.b+c@d.test"),
        ("a b@c.test", '"a b"@c.test'),
        ('a"b@c.test', '"a\\"b"@c.test'),
        ("a..b@c.test", '"a..b"@c.test'),
        ("a@b@c.test", '"a@b"@c.test'),
        ('"a b"@c.test', '"a b"@c.test'),
        ("prof", "prof"),
        ("", ""),
    ],
)
def test_addresses_as_smtp_sends_them(address, sent):
    assert quoted_address(address) == sent
