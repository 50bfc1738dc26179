"""Lookup tables read as Postfix reads them: keys, values, what it would warn of, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables import (
    checksum as _postfix_table_glance,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.checksum import (
    glance,
    sum_of,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.content import TableContent
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.diff import hidden
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import read
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import (
    REFUSED,
    TYPES,
    table_type,
)

POSTMAP = syntax("hash", "postmap")
POSTALIAS = syntax("hash", "postalias")
REGEXP = syntax("regexp", "postmap")
CIDR = syntax("cidr", "postmap")

READ = {
    # text: (syntax, pairs)
    "empty": (POSTMAP, b"", []),
    "only comments": (POSTMAP, b"# a b\n\n  # c d\n", []),
    "one": (POSTMAP, b"a b\n", [(b"a", b"b")]),
    "without a final newline": (POSTMAP, b"a b", [(b"a", b"b")]),
    "CRLF": (POSTMAP, b"a b\r\nc d\r\n", [(b"a", b"b"), (b"c", b"d")]),
    "case": (POSTMAP, b"A B\n", [(b"a", b"B")]),
    "case beyond ASCII": (POSTMAP, "É x\n".encode(), [("é".encode(), b"x")]),
    "sharp s": (POSTMAP, "Straße x\n".encode(), [(b"strasse", b"x")]),
    "white space": (POSTMAP, b"a \t b  c \t\n", [(b"a", b"b  c")]),
    "continued": (POSTMAP, b"a b\n c\n# no\n\n\td\n", [(b"a", b"b c\td")]),
    "value below": (POSTMAP, b"a\n b\n", [(b"a", b"b")]),
    "quotes": (POSTMAP, b'"a b" c\n', [(b'"a b"', b"c")]),
    "quote within": (POSTMAP, b'x"a b"y c\n', [(b'x"a b"y', b"c")]),
    "escaped quote": (POSTMAP, b'a\\" c\n', [(b'a\\"', b"c")]),
    "escaped blank": (POSTMAP, b"a\\ b c\n", [(b"a\\ b", b"c")]),
    "quotes in the value": (POSTMAP, b'a "b\n', [(b"a", b'"b')]),
    "hash in the value": (POSTMAP, b"a #b\n", [(b"a", b"#b")]),
    "colon within": (POSTMAP, b"a:b c:\n", [(b"a:b", b"c:")]),
    "alias": (POSTALIAS, b"Root: a, b\n", [(b"root", b"a, b")]),
    "alias tight": (POSTALIAS, b"a:b\n", [(b"a", b"b")]),
    "alias spaced": (POSTALIAS, b"a :  b\n", [(b"a", b"b")]),
    "alias with words": (POSTALIAS, b"a b: c\n", [(b"a b", b"c")]),
    "alias in quotes": (POSTALIAS, b'"a@b": c\n', [(b"a@b", b"c")]),
    "alias pipe": (POSTALIAS, b'a: "|cmd x"\n', [(b"a", b'"|cmd x"')]),
    "alias continued": (POSTALIAS, b"a: b,\n  c\n", [(b"a", b"b,  c")]),
    "pattern": (REGEXP, b"/a b/i  REJECT x\n", [(b"/a b/i", b"REJECT x")]),
    "pattern keeps case": (REGEXP, b"/A/ b\n", [(b"/A/", b"b")]),
    "escaped delimiter": (REGEXP, b"/a\\/ b/ c\n", [(b"/a\\/ b/", b"c")]),
    "other delimiter": (REGEXP, b"!a b! c\n", [(b"!a b!", b"c")]),
    "not": (REGEXP, b"!/a b/ c\n", [(b"!/a b/", b"c")]),
    "if": (
        REGEXP,
        b"if /a b/\n/c/ d\nendif\n",
        [(b"if /a b/", b""), (b"/c/", b"d"), (b"endif", b"")],
    ),
    "network": (CIDR, b"10.0.0.0/8 OK\n2001:DB8::/32 x y\n", [
        (b"10.0.0.0/8", b"OK"),
        (b"2001:db8::/32", b"x y"),
    ]),
    "if network": (CIDR, b"if !10.0.0.0/8\n::1 x\nendif\n", [
        (b"if !10.0.0.0/8", b""),
        (b"::1", b"x"),
        (b"endif", b""),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_a_table_holds(name):
    used, data, pairs = READ[name]
    table = read(data, used)
    assert list(zip(table.keys, table.values)) == pairs
    assert (table.problems, table.duplicates) == ([], [])
    assert b"\n".join(table.chunks) == data
    assert table.entry_count == len(pairs)


WRONG = {
    # (syntax, text): line, column, words, how many entries are left
    "no value": (POSTMAP, b"a b\nc\n", (2, 1), "'c' has no value", 1),
    "only quotes": (POSTMAP, b'\n"c d"\n', (2, 1), "has no value", 0),
    "open quote": (POSTMAP, b'# x\nab"c d\n', (2, 3), "double quote", 0),
    "open quote below": (POSTMAP, b'a"b\n# x\n  "c"d\n', (3, 5), "double quote", 0),
    "colon": (POSTMAP, b"a b\nroot: c\n", (2, 1), "ends in a colon", 2),
    "stray": (POSTMAP, b"# x\n  a b\nc d\n", (2, 1), "continues none", 1),
    "not UTF-8": (POSTMAP, b"a b\nab\xff c\n", (2, 3), "not UTF-8", 1),
    "not UTF-8 below": (POSTMAP, b"a b\n c\xff\n", (2, 3), "not UTF-8", 0),
    "mark": (POSTMAP, b"\xef\xbb\xbfa b\n", (1, 1), "byte order mark", 1),
    "twice": (POSTMAP, b"a b\nc d\n\nA e\n", (4, 1), "line 1 already", 2),
    "twice beyond ASCII": (POSTMAP, "é b\nÉ e\n".encode(), (2, 1), "line 1 already", 1),
    "alias without colon": (POSTALIAS, b"a: b\nroot tech\n", (2, 1), "no local name", 1),
    "alias of a domain": (POSTALIAS, b"a@b: c\n", (1, 1), "no local name", 0),
    "alias without value": (POSTALIAS, b"a:\n", (1, 1), "has no value", 0),
    "alias without name": (POSTALIAS, b'"": b\n', (1, 1), "has no value", 0),
    "alias open quote": (POSTALIAS, b'a: "b\n', (1, 4), "double quote", 0),
    "alias twice": (POSTALIAS, b"a: b\nA: b\n", (2, 1), "line 1 already", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_postfix_would_warn_of(name):
    used, data, place, words, left = WRONG[name]
    table = read(data, used, "/t")
    [problem] = table.problems
    assert (problem.path, problem.line, problem.column) == ("/t", *place)
    assert words in problem.message
    assert table.entry_count == left
    assert glance(data, used) != sum_of([list(table.records())])


def test_problems_stand_in_the_order_of_the_file():
    table = read(b'A b\nx\na c\n"\ny\n', POSTMAP)
    assert [problem.line for problem in table.problems] == [2, 3, 4, 5]


def test_of_a_key_that_stands_twice_the_first_counts():
    table = read(b"a 1\nb 2\nA 3\nA 4\n", POSTMAP)
    assert table.records() == {b"a\t1", b"b\t2"}
    assert table.duplicates == [b"a"]


def test_patterns_may_stand_twice():
    table = read(b"/a/ 1\n/a/ 2\n", REGEXP)
    assert (table.problems, table.duplicates, table.entry_count) == ([], [], 2)


def test_without_utf8_any_byte_is_one_to_postfix():
    table = read(b"\xc9 x\n", syntax("hash", "postmap", utf8=False))
    assert (table.keys, table.problems) == ([b"\xc9"], [])


def test_a_nul_is_refused_with_its_place():
    with pytest.raises(ConfigError, match="NUL") as raised:
        read(b"a b\nc \0d\n", POSTMAP, "/t")
    assert (raised.value.line, raised.value.column) == (2, 3)


def test_a_key_too_long_for_the_type_is_refused_with_its_line():
    data = b"a b\n" + b"k" * 511 + b" v\n"
    text = TableContent("/t", data, POSTMAP, TYPES["lmdb"])
    assert text.checksum is None
    refusal = text.refusal()
    assert "511 bytes, where lmdb takes 510" in refusal.message
    assert (refusal.path, refusal.line) == ("/t", 2)
    hashed = TableContent("/t", data, POSTMAP, TYPES["hash"])
    assert (hashed.checksum.count, hashed.refusal()) == (2, None)
    shorter = TableContent("/t", data[:-4] + b" v\n", POSTMAP, TYPES["lmdb"])
    assert (shorter.table.entry_count, shorter.refusal()) == (2, None)


def test_what_a_glance_finds_needs_no_reading():
    plain = TableContent("/t", b"a b\nc d\n", POSTMAP, TYPES["hash"])
    assert plain.counts() == (2, [])
    assert not plain.was_read
    odd = TableContent("/t", b"a b\nx\na d\n", POSTMAP, TYPES["hash"])
    assert odd.counts() == (1, [b"a"])
    assert [problem.line for problem in odd.table.problems] == [2, 3]


HIDDEN = [
    (POSTMAP, b"a secret\n", b"a ********\n"),
    (POSTMAP, b"a\n secret\n# secret\n\n", b"a ********\n# ********\n\n"),
    (POSTMAP, b"# secret\n secret\nb secret", b"# ********\n********\nb ********"),
    (POSTMAP, b"secret\n", b"********\n"),
    (POSTMAP, b"\xff secret\r\n", b"\xff ********\n"),
    (POSTALIAS, b"a: secret\n  secret\n", b"a ********\n"),
    (POSTALIAS, b"secret\n", b"********\n"),
]


@pytest.mark.parametrize("used, data, shown", HIDDEN)
def test_a_secret_is_hidden(used, data, shown):
    assert hidden(data, used).splitlines() == shown.splitlines()


@pytest.mark.parametrize("name", TYPES)
def test_types_that_are_tables(name):
    assert table_type(name).name == name


@pytest.mark.parametrize("name", REFUSED)
def test_types_that_are_none_are_refused_with_a_reason(name):
    with pytest.raises(ConfigError, match=f"the type {name} is no file of entries: it"):
        table_type(name)


def test_a_type_that_does_not_exist():
    with pytest.raises(ConfigError, match="'hsah'.*; did you mean hash\\?"):
        table_type("hsah")
    with pytest.raises(ConfigError, match="write one of hash, btree"):
        table_type("")


LINES = st.sampled_from(
    ["a b", "A c", "bb\tc d ", "é x", "É\ty", "c", "d:", '"q r" s', "\\", 'o" x', "# c", "", " e"]
)  # fmt: skip
FILES = st.tuples(
    st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]), st.sampled_from([b"", b"\xff"])
).map(lambda t: t[1].join(t[0]).encode() + t[2])
PLAIN_LINES = st.tuples(
    st.text("aBc.@/é=", min_size=1, max_size=3),
    st.sampled_from([" ", "\t", "  ", "\n ", "\n# c\n\t"]),
    st.text('xY"\\ #:', min_size=1, max_size=3).filter(lambda v: v.strip(' "\\')),
    st.sampled_from(["", "", " ", "\n# c", "\n\n"]),
).map("".join)


@given(FILES)
def test_reading_loses_nothing(data):
    for used in (POSTMAP, POSTALIAS, REGEXP, CIDR):
        assert b"\n".join(read(data, used).chunks) == data


@given(FILES)
def test_each_entry_is_taken_or_warned_of(data):
    table = read(data, POSTMAP)
    starts = [line for line in data.split(b"\n") if line[:1].strip() not in (b"", b"#")]
    passed_over = [
        p for p in table.problems if "colon" not in p.message and "alre" not in p.message
    ]
    heads = [p for p in passed_over if "continues none" in p.message]
    assert len(table.keys) + len(passed_over) - len(heads) == len(starts)


@pytest.mark.slow
@given(st.lists(PLAIN_LINES, max_size=8).map(lambda lines: "\n".join(lines).encode()))
def test_a_glance_sums_up_what_reading_finds(data):
    table = read(data, POSTMAP)
    found = glance(data, POSTMAP)
    if b'"' in data or b"\\" in data or len(table.problems) > len(table.keys) - table.entry_count:
        assert found is None
    elif table.duplicates:
        assert found.count > table.entry_count
    else:
        assert found == sum_of([list(table.records())])


EVEN = {
    b"a b": True,
    b"a/+ b  C\td\nx d": True,
    b"a b\nc: d": False,
    b"a\tb c\nc\td\xc3\xa9\n": True,
    b"a b\nc\td": False,
    b"a b ": False,
    b"a b\r\nc d\r\n": False,
    b"a b\n\nc d": False,
    b"a  b": False,
    b"A b": False,
    b"a b\n# c\nd e": False,
    b"a b\n c": False,
}


@pytest.mark.parametrize("data", EVEN)
def test_even_lines_are_records_as_they_stand(data):
    records = _postfix_table_glance._even_records(data)
    assert (records is not None) == EVEN[data]
    if records is not None:
        assert set(records) == read(data, POSTMAP).records()


def test_a_glance_goes_block_by_block(monkeypatch):
    data = b"# head\n\n" + b"".join(b"k%d v\n  w\n# c\n" % number for number in range(50))
    whole = glance(data, POSTMAP)
    for size in (1, 7, 100):
        monkeypatch.setattr(_postfix_table_glance, "_BLOCK", size)
        assert glance(data, POSTMAP) == whole
    assert whole.count == 50
