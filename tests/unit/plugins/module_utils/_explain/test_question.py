"""Questions: what can stand in them, and the message that is made for them."""

from __future__ import annotations

import email

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.question import question


def test_what_is_not_given():
    asked = question("a@b.test", ["c@d.test"])
    assert (asked.client.address, asked.client.name, asked.port) == ("127.0.0.1", "localhost", 25)


def test_a_stranger_has_no_name():
    assert question("<>", ["c@d.test"], client="203.0.113.9").client.name == ""


@pytest.mark.parametrize(
    ("word", "given"),
    [
        ("--from", {"sender": "a@b.test>\r\nRCPT TO:<x@y.test"}),
        ("--from", {"sender": "a b"}),
        ("--to", {"recipients": ["a@b.test\n"]}),
        ("--to", {"recipients": []}),
        ("--client", {"client": "203.0.113.9 x"}),
        ("--client", {"client": "localhost"}),
        ("--helo", {"helo": "a\r\nQUIT"}),
        ("--name", {"name": "a b"}),
        ("--login", {"login": "x y"}),
        ("--header", {"headers": ["no header"]}),
        ("--header", {"headers": ["Subject: a\nTo: b"]}),
        ("--attach", {"attachments": ['a"b']}),
        ("--attach", {"attachments": ["a\nb"]}),
    ],
)
def test_what_cannot_be_said_in_smtp(word, given):
    with pytest.raises(ConfigError, match=word):
        question(**{"sender": "a@b.test", "recipients": ["c@d.test"], **given})


def test_the_message():
    asked = question(
        "a@b.test", ["c@d.test"], headers=["subject: hello", "X-Spam: yes"], attachments=["x.exe"]
    )
    made = email.message_from_bytes(asked.content)
    assert made.get_all("Subject") == ["hello"]
    assert (made["X-Spam"], made["To"]) == ("yes", "c@d.test")
    assert [part.get_filename() for part in made.walk()] == [None, None, "x.exe"]


def test_a_message_of_ones_own():
    assert question("a@b.test", ["c@d.test"], content=b"x\n").content == b"x\n"
