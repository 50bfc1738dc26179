"""The page of a message's way: one file, nothing of which is loaded or run."""

from __future__ import annotations

import datetime
import re

import pytest

from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.render import as_data
from launcher.trace_page import as_page
from tests.support.mail_logs import FIXTURES

LOG = next((FIXTURES / "mail_log").rglob("chain-telnet.log"))
HOSTILE = "</pre><script>alert(1)</script>"


@pytest.fixture
def path():
    found = follow(LOG.read_text(), datetime.date(2026, 12, 1), Selection()).paths
    return as_data(found[0])


@pytest.mark.parametrize(
    ("language", "title", "refused"),
    [
        ("fr", "Où le message est passé", "refusé\N{NARROW NO-BREAK SPACE}: 554 no"),
        ("en", "Where the message went", "refused: 554 no"),
    ],
)
def test_the_page_has_the_picture_and_the_words(monkeypatch, path, language, title, refused):
    monkeypatch.setenv("LAB_LANGUAGE", language)
    page = as_page([path], [{"reason": "554 no"}])
    assert f"<title>{title}</title>" in page
    assert f'<html lang="{language}">' in page
    assert page.count("<svg") == page.count("</svg>") == 1
    assert all(hop["queue_id"] in page for hop in path["hops"])
    assert refused in page


def test_it_needs_no_other_file(path):
    page = as_page([path], [])
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|link|img|iframe)\b|url\(|@import", page)
    assert set(re.findall(r"https?://[^\"' ]+", page)) <= {"http://www.w3.org/2000/svg"}


def test_what_a_log_holds_is_text(path):
    path["picture"] = [HOSTILE, HOSTILE]
    path["hops"][0]["client"] = HOSTILE
    page = as_page([path], [{"reason": HOSTILE}])
    assert "<script" not in page
    assert page.count("</pre>") == 1


def test_nothing_is_a_page_too():
    assert as_page([], []).rstrip().endswith("</html>")
