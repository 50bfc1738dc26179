"""Sentences in two languages: French typography, and patterns that people can read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._checks.words import (
    NARROW,
    as_words,
    both,
    colon,
    french,
    quoted,
    readable,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue

TYPOGRAPHY = [
    ("essai : « x » ; fin !", f"essai{NARROW}: «{NARROW}x{NARROW}»{NARROW}; fin{NARROW}!"),
    ("http://x:25", "http://x:25"),
    ("", ""),
]


@pytest.mark.parametrize(("plain", "typeset"), TYPOGRAPHY)
def test_french_has_spaces_before_its_high_signs_that_do_not_break(plain, typeset):
    assert french(plain) == typeset
    assert french(typeset) == typeset


def test_a_label_has_the_colon_of_its_language():
    assert colon("seen", "x", "en") == "seen: x"
    assert colon("constaté", "x", "fr") == f"constaté{NARROW}: x"
    assert quoted("x", "en") == '"x"'
    assert quoted("x", "fr") == f"«{NARROW}x{NARROW}»"
    assert both("a: b", "a : b") == {"en": "a: b", "fr": f"a{NARROW}: b"}
    assert as_words("550 no") == {"en": "550 no", "fr": "550 no"}


PATTERNS = {
    r"^220 ": "220",
    r"^220 mail.student1.test ": "220 mail.student1.test",
    r"^\W*qmgr": "qmgr",
    r"^tech:": "tech:",
    r"^\+OK": "+OK",
    r"{queue_id}: removed": ": removed",
    r"{queue_id}: to=.*relay=(localhost|127.0.0.1)\[127.0.0.1\]:2525.*status=sent": (
        ": to=…relay=localhost/127.0.0.1[127.0.0.1]:2525…status=sent"
    ),
    r"<title>10\.0\.0\.1-http {word}": "<title>10.0.0.1-http …",
    r"^auto-replied": "auto-replied",
    "^<>$": "<>",
    r"beauvtt|world": "beauvtt/world",
    r"^PONG$": "PONG",
    # What all texts are like says nothing.
    ".": "",
    "": "",
    r"^\d+": "",
    # What cannot be said so is not said.
    r"^(?!proc)": None,
    r"a{3}": None,
    r"(a+|b)c": None,
}


@pytest.mark.parametrize(("pattern", "words"), PATTERNS.items())
def test_patterns_are_said_in_words(pattern, words):
    assert readable(pattern) == words


def _patterns(value, name=""):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _patterns(each, str(key))
    elif isinstance(value, list):
        for each in value:
            yield from _patterns(each, name)
    elif name in ("says", "reply", "line", "output", "text", "value", "body"):
        yield str(value)


CATALOGUE = sorted({p for each in catalogue().values() for p in _patterns(each.checks)})


@pytest.mark.parametrize("pattern", CATALOGUE)
def test_no_pattern_of_the_catalogue_is_shown_as_one(pattern):
    words = readable(pattern) or ""
    assert not re.search(r"\\[A-Za-z]|\.\*|\^|\{(word|queue_id)\}|\(\?", words)


@given(st.text())
def test_what_is_said_of_any_text_is_a_text_or_nothing(text):
    assert readable(text) is None or isinstance(readable(text), str)
    assert NARROW.join(french(text).split(NARROW)) == french(text)
