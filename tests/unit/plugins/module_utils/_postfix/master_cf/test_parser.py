from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import join
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser as master
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.words import (
    render_option,
    render_word,
)

HEAD = b"a unix - - n - - smtp "

WORDS = {
    "one word": (b"-oa=b", {"a": "b"}, []),
    "two words": (b"-o a=b", {"a": "b"}, []),
    "braces": (b"-o { a = b c }", {"a": "b c"}, []),
    "the whole word in braces": (b"{ -oa=b c }", {"a": "b c"}, []),
    "empty value": (b"-o a=", {"a": ""}, []),
    "value with =": (b"-o a=b=c", {"a": "b=c"}, []),
    "value that starts with a brace": (b"-o a={b c}", {"a": "{b c}"}, []),
    "the last of two": (b"-o a=b -o a=c", {"a": "c"}, []),
    "flags before and between": (b"-v -o a=b -D -o c=d", {"a": "b", "c": "d"}, ["-v", "-D"]),
    "a flag with an argument": (b"-i 10 -o a=b", {"a": "b"}, ["-i", "10"]),
    "a flag joined to -o": (b"-vo a=b -Doc=d", {"a": "b", "c": "d"}, ["-v", "-D"]),
    "no option after an operand": (b"x -o a=b", {}, ["x", "-o", "a=b"]),
    "no option after --": (b"-- -o a=b", {}, ["--", "-o", "a=b"]),
    "no option after -": (b"- -o a=b", {}, ["-", "-o", "a=b"]),
    "operands in braces": (b"user=x {argv=/a b} {} {{c}}", {}, ["user=x", "argv=/a b", "", "{c}"]),
    "a brace within a word": (b"a{b c}d e", {}, ["a{b c}d", "e"]),
    "a closing brace alone": (b"a} b", {}, ["a}", "b"]),
    "over several lines": (b"\n  -o { a =\n# comment\n   b }\n\n -v", {"a": "b"}, ["-v"]),
    "CRLF": (b"-v\r\n  -o a=b\r\n", {"a": "b"}, ["-v"]),
    "UTF-8 and other bytes": ("-o a=é".encode() + b"\xff", {"a": "é\udcff"}, []),
}


@pytest.mark.parametrize(("text", "options", "arguments"), WORDS.values(), ids=WORDS)
def test_words_after_the_command(text, options, arguments):
    sources, [entry] = master.parse(HEAD + text)
    assert (entry.option_values(), entry.arguments()) == (options, arguments)
    assert entry.problems == []
    assert join(sources) == HEAD + text


def test_entries_and_their_columns():
    data = b"# c\nsmtp\tinet n -  y\n 60? 1 smtpd # d\n#x\n\nsmtp inet n - n - - smtpd"
    sources, entries = master.parse(data)
    assert [(entry.key, entry.source.number) for entry in entries] == [
        ("smtp/inet", 2),
        ("smtp/inet", 6),
    ]
    assert list(entries[0].values().values()) == ["n", "-", "y", "60?", "1", "smtpd"]
    assert entries[0].arguments() == ["#", "d"]
    assert join(sources) == data


@pytest.mark.parametrize(
    ("data", "line", "column", "missing"),
    [
        (b"# c\nspamassassin unix - n n - - \n", 2, 28, "command"),
        (b"smtp\n", 1, 5, "type"),
        (b"smtp inet n\n  - y\n", 1, 12, "wakeup"),
        (b"smtp inet n - y - \0 smtpd\n", 1, 19, "NUL"),
    ],
)
def test_lines_that_are_no_entry(data, line, column, missing):
    with pytest.raises(ConfigError, match=missing) as caught:
        master.parse(data, "master.cf")
    assert (caught.value.path, caught.value.line, caught.value.column) == (
        "master.cf",
        line,
        column,
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("b", "-o a=b"),
        ("", "-o a="),
        ("b c", "-o { a = b c }"),
        ("{b}", "-o { a = {b} }"),
        ("b}", "-o a=b}"),
        ("#b", "-o a=#b"),
        ("$x{y z}", "-o { a = $x{y z} }"),
    ],
)
def test_render_option(value, text):
    assert render_option("a", value) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [("-v", "-v"), ("a b", "{ a b }"), ("", "{  }"), ("{a}", "{ {a} }"), ("#a", "{ #a }")],
)
def test_render_word(word, text):
    assert render_word(word) == text


@pytest.mark.parametrize("value", ["b {", "{b", "} b", "b{", "} {"])
def test_braces_that_cannot_be_written(value):
    with pytest.raises(ConfigError, match="brace"):
        render_option("a", value)
    with pytest.raises(ConfigError, match="brace"):
        render_word(value)


TEXT = st.text(st.sampled_from("ab é{}=-#$"), max_size=8).map(lambda text: " ".join(text.split()))


@given(st.dictionaries(st.sampled_from("abc"), TEXT), st.lists(TEXT, max_size=3))
def test_what_is_rendered_is_read_back(options, words):
    words = [word for word in words if not word.startswith("-")]
    try:
        texts = [render_option(name, value) for name, value in options.items()]
        texts += [render_word(word) for word in words]
    except ConfigError:
        return
    entry = master.parse(HEAD + " ".join(texts).encode())[1][0]
    assert (entry.option_values(), entry.arguments()) == (options, words)


@given(st.binary(max_size=60))
def test_any_bytes_are_kept(data):
    try:
        sources = master.parse(data)[0]
    except ConfigError:
        return
    assert join(sources) == data
