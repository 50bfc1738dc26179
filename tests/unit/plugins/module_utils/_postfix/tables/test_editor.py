"""Entries brought to what is asked: what changes, and that nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import read
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.request import (
    requested_entries,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax
from tests.support.tables import set_entries

POSTMAP = syntax("hash", "postmap")
POSTALIAS = syntax("hash", "postalias")
REGEXP = syntax("regexp", "postmap")
CIDR = syntax("cidr", "postmap")


def edited(data, asked, purge=False, used=POSTMAP):
    return set_entries(data, requested_entries(asked, used), purge, used)


MERGED = {
    # what is asked: (syntax, before, asked, after)
    "nothing": (POSTMAP, b"a  b", {}, b"a  b"),
    "nothing in an empty file": (POSTMAP, b"", {}, b""),
    "what is there": (POSTMAP, b"A\tb \r\n", {"a": "b"}, b"A\tb \r\n"),
    "what is there below": (POSTMAP, b"a\n b\n\n c\n", {"a": "b c"}, b"a\n b\n\n c\n"),
    "another value": (POSTMAP, b"a\t b #\nc d\n", {"A": "x"}, b"a\t x\nc d\n"),
    "another value below": (POSTMAP, b"a b\n# c\n\td\ne f\n", {"a": "x"}, b"a x\n# c\ne f\n"),
    "another value under its key": (POSTMAP, b"a\n\tb\n", {"a": "x"}, b"a\n\tx\n"),
    "lines": (POSTMAP, b"a b\n  c\n", {"a": "x\ny"}, b"a x\n  y\n"),
    "lines anew": (POSTMAP, b"", {"a": "x\ny"}, b"a x\n    y\n"),
    "a new one": (POSTMAP, b"a b\n# end\n", {"c": "d"}, b"a b\n# end\nc d\n"),
    "a new one without newline": (POSTMAP, b"a b", {"c": 1}, b"a b\nc 1\n"),
    "CRLF": (POSTMAP, b"a b\r\n", {"a": "x", "c": "d"}, b"a x\r\nc d\r\n"),
    "a list": (POSTMAP, b"", {"a": ["b", "c"]}, b"a b, c\n"),
    "one taken out": (POSTMAP, b"# x\na b\n# y\nc d\n", {"a": None}, b"# x\n# y\nc d\n"),
    "the only one taken out": (POSTMAP, b"a b\n", {"a": None}, b""),
    "one that is not there": (POSTMAP, b"a b\n", {"x": None}, b"a b\n"),
    "a key in quotes": (POSTMAP, b'"a b" c\n', {'"a b"': "x"}, b'"a b" x\n'),
    "the first of two": (POSTMAP, b"a 1\na 2\n", {"a": 3}, b"a 3\na 2\n"),
    "both of two out": (POSTMAP, b"a 1\nA 2\n", {"a": None}, b""),
    "beside what is wrong": (POSTMAP, b'x\n"\na b\n', {"a": "c"}, b'x\n"\na c\n'),
    "alias": (POSTALIAS, b"Root:  a\n", {"root": ["a", "b"]}, b"Root:  a, b\n"),
    "alias but for white space": (POSTALIAS, b"a: b,c\n", {"a": ["b", "c"]}, b"a: b,c\n"),
    "alias in quotes": (POSTALIAS, b"", {"a@b": "c"}, b'"a@b": c\n'),
    "alias in quotes there": (POSTALIAS, b'"a@b" : c\n', {"a@b": "d"}, b'"a@b" : d\n'),
    "alias of a pipe": (POSTALIAS, b"", {"a": '"|x  y"'}, b'a: "|x  y"\n'),
    "pattern": (REGEXP, b"/a/ x\n/b/ y\n", {"/a/": "z"}, b"/a/ z\n/b/ y\n"),
    "pattern anew": (REGEXP, b"/a/ x\n", {"/A/": "z"}, b"/a/ x\n/A/ z\n"),
    "pattern twice": (REGEXP, b"/a/ x\n/a/ y\n", [{"/a/": 1}, {"/a/": 2}], b"/a/ 1\n/a/ 2\n"),
    "network": (CIDR, b"2001:DB8::/32 x\n", {"2001:db8::/32": "y"}, b"2001:DB8::/32 y\n"),
}


@pytest.mark.parametrize("name", MERGED)
def test_merging(name):
    used, before, asked, after = MERGED[name]
    assert edited(before, asked, used=used) == after
    assert edited(after, asked, used=used) == after


PURGED = {
    "comments stay": (POSTMAP, b"# x\na b\n# y\nc d\n# z\n", {"c": "d"}, b"# x\n# y\nc d\n# z\n"),
    "all": (POSTMAP, b"a b\n", {}, b""),
    "all but comments": (POSTMAP, b"# x\n\na b\n  # y\n", {}, b"# x\n\n  # y\n"),
    "the second of two": (POSTMAP, b"a 1\nA 2\n", {"a": 1}, b"a 1\n"),
    "garbage": (POSTMAP, b'  x\nx\n"\n\xff y\na b\n: \n', {"a": "b"}, b"a b\n"),
    "stray lines": (POSTMAP, b"# x\n y\n# z\na b\n", {"a": "b"}, b"# x\n# z\na b\n"),
    "NUL": (POSTMAP, b"a b\n# \0\nc\0d e\n", {"a": "b"}, b"a b\n"),
    "a mark": (POSTMAP, b"\xef\xbb\xbfa b\n", {"a": "b"}, b"a b\n"),
    "a broken continuation": (POSTMAP, b"a b\n \xff\n", {"a": "b"}, b"a b\n"),
    "aliases": (POSTALIAS, b"a b\na: b\n@x: y\n", {"a": "b"}, b"a: b\n"),
    "patterns in order": (
        REGEXP,
        b"# 1\n/a/ 1\n# 2\n/b/ 2\n",
        [{"/b/": 2}, {"/a/": 1}],
        b"# 1\n/b/ 2\n/a/ 1\n# 2\n",
    ),
    "patterns between": (
        REGEXP,
        b"/a/ 1\n# c\n/c/ 3\n",
        [{"/a/": 1}, {"/b/": 2}, {"/c/": 3}],
        b"/a/ 1\n/b/ 2\n# c\n/c/ 3\n",
    ),
    "patterns before": (REGEXP, b"/b/ 2\n", [{"/a/": 1}, {"/b/": 2}], b"/a/ 1\n/b/ 2\n"),
    "blocks": (
        REGEXP,
        b"if /a/\n/b/ 1\nendif\n",
        [{"if /a/": ""}, {"/b/": 2}, "endif"],
        b"if /a/\n/b/ 2\nendif\n",
    ),
    "blocks anew": (REGEXP, b"x\n", [{"if /a/": ""}, {"/b/": 2}, "endif"],
                    b"if /a/\n/b/ 2\nendif\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", PURGED)
def test_purging(name):
    used, before, asked, after = PURGED[name]
    assert edited(before, asked, True, used) == after
    assert edited(after, asked, True, used) == after
    assert read(after, used).problems == []


REFUSED = {
    # (syntax, asked): words
    "no mapping": (POSTMAP, "a b", "neither a mapping nor a list"),
    "two keys in one": (POSTMAP, [{"a": "b", "c": "d"}], "one key"),
    "a line": (POSTMAP, ["endif"], "one key"),
    "a line of patterns": (REGEXP, [["x"]], "or a line such as endif"),
    "a boolean": (POSTMAP, {"a": True}, "boolean True; put the word in quotes"),
    "a boolean key": (POSTMAP, [{True: "a"}], "True is no key"),
    "a fraction": (POSTMAP, {"a": 1.5}, "is a float"),
    "a mapping": (POSTMAP, {"a": {"b": "c"}}, "is a dict"),
    "one key twice": (POSTMAP, [{"a": "b"}, {"A": "c"}], "'a' and 'A' are one key"),
    "one key beyond ASCII twice": (POSTMAP, {"é": "b", "É": "c"}, "are one key"),
    "NUL": (POSTMAP, {"a": "b\0"}, "NUL"),
    "not UTF-8": (POSTMAP, {"a": "\udcff"}, "not UTF-8"),
    "a key that is not": (POSTMAP, {"\udcff": "a"}, "not UTF-8"),
    "a comment": (POSTMAP, {"#a": "b"}, "is no key"),
    "an empty key": (POSTMAP, {"": "b"}, "is no key"),
    "a key of two lines": (POSTMAP, {"a\nb": "c"}, "is no key"),
    "a blank before a key": (POSTMAP, {" a": "c"}, "is no key"),
    "a comment in a value": (POSTMAP, {"a": "b\n# c"}, "starts with #"),
    "an empty value": (POSTMAP, {"a": ""}, "has no value"),
    "a blank in a key": (POSTMAP, {"a b": "c"}, "take 'a' for the key"),
    "an open quote": (POSTMAP, {'"a': "c"}, "double quote"),
    "a colon": (POSTMAP, {"root:": "c"}, "ends in a colon"),
    "an open quote in an alias": (POSTALIAS, {"a": '"b'}, "double quote"),
    "an empty alias": (POSTALIAS, {"a": ""}, "has no value"),
    "a blank in a pattern's place": (CIDR, {"10.0.0.0 /8": "x"}, "take '10.0.0.0' for the key"),
    "a block among others": (REGEXP, [{"if /a/": ""}], "set purge"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked(name):
    used, asked, words = REFUSED[name]
    with pytest.raises(ConfigError) as raised:
        edited(b"", asked, used=used)
    assert words in str(raised.value)


def test_a_nul_in_the_file_is_refused_where_it_would_stay():
    with pytest.raises(ConfigError, match="/t:1:2: a NUL"):
        edited(b"a\0 b\n", {"c": "d"})


KEYS = ["a", "b", "é", '"q r"']
LINES = st.sampled_from(
    [
        "a 1",
        "A  2",
        "b\t1 ",
        "É x",
        "é\n y",
        '"q r" s',
        "z 1",
        "b 1\n# comment\n 2",
        "# comment",
        "",
    ]
    + ["#", "  # comment"]
)
GARBAGE = st.sampled_from(["x", "\xff y", '"', " stray", "d: e", "\\", "\0"])


def files(lines, garbage=False):
    return st.tuples(
        st.lists(st.one_of(lines, GARBAGE) if garbage else lines, max_size=8),
        st.sampled_from(["\n", "\r\n"]),
        st.booleans(),
    ).map(
        lambda t: (
            ("\n".join(t[0]) + ("\n" if t[2] else ""))
            .replace("\n", t[1])
            .encode("utf-8" if "\xff" not in "".join(t[0]) else "latin-1")
        )
    )


VALUES = st.sampled_from([None, "1", "2", 1, "x y", "x\ny", ["p", "q"], "é #", "s"])
ASKED = st.dictionaries(st.sampled_from(KEYS), VALUES)


def meaning(data, used=POSTMAP):
    table = read(data, used)
    pairs = zip(reversed(table.keys), reversed(table.values))
    return {key: b" ".join(value.split()) for key, value in pairs}


def as_meant(asked, used=POSTMAP):
    return {
        used.fold(entry.key): b" ".join(entry.value.split())
        for entry in requested_entries(asked, used)
        if entry.lines is not None
    }


@given(files(LINES), ASKED)
def test_an_edit_is_read_back_and_leaves_the_others(data, asked):
    before, after = meaning(data), meaning(edited(data, asked))
    keys = {POSTMAP.fold(key.encode()) for key in asked}
    assert {key: value for key, value in after.items() if key in keys} == as_meant(asked)
    others = {key: value for key, value in after.items() if key not in keys}
    assert others == {key: value for key, value in before.items() if key not in keys}


@given(files(LINES), ASKED, st.booleans())
def test_an_edit_twice_is_an_edit_once(data, asked, purge):
    once = edited(data, asked, purge)
    assert edited(once, asked, purge) == once


@given(files(LINES))
def test_asking_for_what_is_there_changes_nothing(data):
    table = read(data, POSTMAP)
    asked = {key.decode(): meaning(data)[key].decode() for key in table.keys}
    assert edited(data, asked) == data


@given(files(LINES), ASKED, st.randoms())
def test_the_order_of_distinct_keys_means_nothing(data, asked, random):
    keys = list(asked)
    random.shuffle(keys)
    one_by_one = data
    for key in keys:
        one_by_one = edited(one_by_one, {key: asked[key]})
    assert meaning(one_by_one) == meaning(edited(data, asked))


@given(files(LINES), ASKED, st.booleans())
def test_comments_stay(data, asked, purge):
    assert edited(data, asked, purge).count(b"# comment") == data.count(b"# comment")


@given(files(LINES, garbage=True), ASKED)
def test_purging_makes_any_file_mean_what_is_asked(data, asked):
    after = edited(data, asked, True)
    assert meaning(after) == as_meant(asked)
    assert read(after, POSTMAP).problems == []
    assert edited(after, asked, True) == after


NAMES = st.text('aB@.: é"\\,', min_size=1, max_size=4).filter(lambda name: name == name.strip())


@given(st.dictionaries(NAMES, st.sampled_from(["x", "x, y", '"|a b"']), max_size=4))
def test_any_name_of_an_alias_is_written_so_that_it_is_read(asked):
    try:
        wanted = requested_entries(asked, POSTALIAS)
    except ConfigError:
        return  # two that are one, or one that no spelling makes a name
    table = read(set_entries(b"", wanted, False, POSTALIAS), POSTALIAS)
    assert table.problems == []
    assert dict(zip(table.keys, table.values)) == {
        POSTALIAS.fold(entry.key): entry.value for entry in wanted
    }


RULES = st.sampled_from(["/a/ 1", "/b/i 2", "/a b/ 3", "!/c/ 4", "# comment", "", "garbage"])
ASKED_RULES = st.lists(
    st.sampled_from(["/a/", "/b/i", "/a b/", "if /x/", "endif"]).map(
        lambda key: {key: "" if "if" in key else "9"}
    ),
    max_size=6,
)


@given(files(RULES), ASKED_RULES)
def test_a_list_of_rules_becomes_the_whole_table(data, asked):
    after = edited(data, asked, True, REGEXP)
    table = read(after, REGEXP)
    pairs = [(key.decode(), value.decode()) for key, value in zip(table.keys, table.values)]
    assert pairs == [pair for rule in asked for pair in rule.items()]
    assert edited(after, asked, True, REGEXP) == after
    assert after.count(b"# comment") == data.count(b"# comment")
