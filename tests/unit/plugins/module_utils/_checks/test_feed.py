"""Feeds as a reader opens them: valid RSS 2.0, and an item with a title and a link."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.feed import judge
from tests.support.check_steps import said

ITEM = "<item><title>10.0.0.1-http w0rd</title><link>http://pv/#1</link></item>"
CHANNEL = "<title>Nagios</title><link>http://pv/</link><description>Alertes</description>"


def rss(items=ITEM, channel=CHANNEL):
    return f'<?xml version="1.0"?>\n<rss version="2.0"><channel>{channel}{items}</channel></rss>\n'


def titled(title):
    return rss(ITEM.replace("10.0.0.1-http w0rd", title))


FEEDS = {
    "valid": (rss(), True, "10.0.0.1-http w0rd"),
    "among others": (rss(f"<item><title>x</title></item>{ITEM}"), True, "10.0.0.1-http w0rd"),
    "CDATA": (titled("<![CDATA[10.0.0.1-http w0rd]]>"), True, "10.0.0.1-http w0rd"),
    "white space": (titled("\n  10.0.0.1-http w0rd\n"), True, "10.0.0.1-http w0rd"),
    "another item": (
        titled("10.0.0.1-http an older one"),
        False,
        "its last item: 10.0.0.1-http an",
    ),
    "no item": (rss(""), False, "it has no item"),
    "markup in the title": (titled("10.0.0.1-http <b>w0rd</b>"), False, "its last item: "),
    "no link": (rss(ITEM.replace("<link>http://pv/#1</link>", "")), False, "the item has no link"),
    "no channel link": (
        rss(channel=CHANNEL.replace("<link>http://pv/</link>", "")),
        False,
        "its channel has no <link>",
    ),
    "an empty description": (
        rss(channel=CHANNEL.replace("Alertes", " ")),
        False,
        "its channel has no <description>",
    ),
    "another version": (rss().replace('"2.0"', '"0.91"'), False, "<rss>"),
    "Atom": ('<feed xmlns="http://www.w3.org/2005/Atom"/>', False, "feed>"),
    "after its end": (rss("") + ITEM, False, "it is no XML: junk after document element"),
    "no XML": ("<html><p>404", False, "it is no XML: "),
    "nothing": ("", False, "it is no XML: no element found"),
}


@pytest.mark.parametrize(("text", "ok", "words"), FEEDS.values(), ids=FEEDS)
def test_feeds(text, ok, words):
    given = {"title": r"^10\.0\.0\.1-http {word}$", "link": "^http://pv/"}
    seen = judge(text, given, CheckContext("w0rd"))
    assert seen.ok == ok
    assert words in said(seen)
