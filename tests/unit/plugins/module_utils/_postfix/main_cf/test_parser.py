from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import editor as edit
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import parser as main
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.request import (
    requested_value,
)

EDITS = {
    "empty file": (b"", {"a": "1"}, b"a = 1\n"),
    "no final newline": (b"b = 2", {"a": "1"}, b"b = 2\na = 1\n"),
    "only the value": (b"a\t=1  # no comment\nb=2\n", {"a": "3"}, b"a\t=3\nb=2\n"),
    "empty value": (b"a = 1\n", {"a": ""}, b"a =\n"),
    "from an empty value": (b"a =\n", {"a": "1"}, b"a = 1\n"),
    "equal but for white space": (b"a =  x\n   y\n", {"a": "x y"}, None),
    "boolean": (b"", {"biff": False, "x": True}, b"biff = no\nx = yes\n"),
    "number": (b"", {"message_size_limit": 0}, b"message_size_limit = 0\n"),
    "commas are white space in a list": (b"mynetworks = a, b\n", {"mynetworks": "a b"}, None),
    "commas count elsewhere": (b"a = x, y\n", {"a": "x y"}, b"a = x y\n"),
    "list value": (b"a = x y\n", {"a": ["x", "y"]}, None),
    "the last of duplicates counts": (b"a = 1\na = 2\n", {"a": "2"}, None),
    "the last of duplicates changes": (b"a = 1\na = 2\n", {"a": "1"}, b"a = 1\na = 1\n"),
    "absent takes every duplicate": (b"a = 1\n# c\na = 2\nb = 3\n", {"a": None}, b"# c\nb = 3\n"),
    "absent and not there": (b"b = 3\n", {"a": None}, None),
    "absent keeps comments inside": (b"a = 1,\n# c\n  2\nb = 3\n", {"a": None}, b"# c\nb = 3\n"),
    "CRLF": (b"b = 1\r\na = 1\r\n", {"a": "2", "c": "3"}, b"b = 1\r\na = 2\r\nc = 3\r\n"),
    "stock comment": (b"#a = 5\n", {"a": "1"}, b"#a = 5\na = 1\n"),
    "comment with the same value": (b"#a = 1\nb = 2\n", {"a": "1"}, b"a = 1\nb = 2\n"),
    "commented list": (
        b"#a =\n#  x,\n#  y\nb = 2\n",
        {"a": ["x", "y"]},
        b"a =\n  x,\n  y\nb = 2\n",
    ),
    "one line of a list": (
        b"mynetworks =\n  a,\n# why b\n  b,\n  c\nz = 1\n",
        {"mynetworks": ["a", "d", "c"]},
        b"mynetworks =\n  a,\n# why b\n  d,\n  c\nz = 1\n",
    ),
    "the end of a list": (
        b"mynetworks = a,\n  b,\n  c\n",
        {"mynetworks": ["a", "b"]},
        b"mynetworks = a,\n  b\n",
    ),
    "more of a list": (
        b"mynetworks = a,\n  b\n",
        {"mynetworks": "a b c"},
        b"mynetworks = a,\n  b,\n  c\n",
    ),
    "the first of a list": (
        b"mynetworks = a,\n  b\n",
        {"mynetworks": ["x", "b"]},
        b"mynetworks = x,\n  b\n",
    ),
    "elements with arguments": (
        b"",
        {"smtpd_sender_restrictions": ["check_sender_access hash:/x", "permit"]},
        b"smtpd_sender_restrictions = check_sender_access hash:/x, permit\n",
    ),
    "several lines": (b"", {"a": "x\n  y\n"}, b"a = x\n    y\n"),
    "braces over several lines": (
        b"smtpd_milters = a,\n  b\n",
        {"smtpd_milters": "{ inet:x:1,\n  timeout=1s }\nb"},
        b"smtpd_milters = { inet:x:1, timeout=1s },\n  b\n",
    ),
    "a brace that is not closed": (
        b"mynetworks = a,\n  b\n",
        {"mynetworks": "{\n:"},
        b"mynetworks = { :\n",
    ),
    "UTF-8": ("a = é\n".encode(), {"a": "è"}, "a = è\n".encode()),
    "long list": (
        b"",
        {"a": ["x" * 60, "y" * 60]},
        b"a =\n    " + b"x" * 60 + b",\n    " + b"y" * 60 + b"\n",
    ),
}


def wanted(parameters):
    return {name: requested_value(name, value) for name, value in parameters.items()}


@pytest.mark.parametrize(("before", "parameters", "after"), EDITS.values(), ids=EDITS)
def test_edit(before, parameters, after):
    change = edit.set_parameters(before, wanted(parameters))
    assert change.data == (before if after is None else after)
    assert bool(change.changed) == (after is not None)
    again = edit.set_parameters(change.data, wanted(parameters))
    assert (again.data, again.changed) == (change.data, [])


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"a = 1\nfoo bar\n", 2, 5, "'='"),
        (b"a\n", 1, 2, "'='"),
        (b"= 1\n", 1, 1, "name"),
        (b"a = 1\n\n x\nb\n  c = 2\n", 4, 2, "'='"),
        (b"a = \0\n", 1, 5, "NUL"),
    ],
)
def test_what_postfix_would_stop_at(data, line, column, words):
    with pytest.raises(ConfigError, match=words) as caught:
        main.parse(data, "main.cf")
    assert (caught.value.path, caught.value.line, caught.value.column) == ("main.cf", line, column)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("a b", "1", "name"),
        ("", "1", "name"),
        ("#a", "1", "name"),
        ("a", {"x": 1}, "dict"),
        ("a", ["x", ["y"]], "list"),
        ("a", ["x {", "y }"], "brace"),
        ("a", ["#x"], "comment"),
        ("a", "x\0", "NUL"),
        ("a", "x\n# y", "comment"),
    ],
)
def test_what_cannot_stand_in_main_cf(name, value, words):
    with pytest.raises(ConfigError, match=words):
        requested_value(name, value)


def test_exclusive_keeps_comments_and_named_parameters_only():
    before = b" stray\n# c\na = 1\na = 2\ngarbage\nb\0= 3\nc = 4\n  5\n#d = 6\n"
    change = edit.set_parameters(before, wanted({"a": "2", "e": "7"}), exclusive=True)
    assert change.data == b"# c\na = 2\n#d = 6\ne = 7\n"
    assert (
        edit.set_parameters(change.data, wanted({"a": "2", "e": "7"}), exclusive=True).changed == []
    )


@pytest.mark.parametrize(
    ("on_duplicate", "after"),
    [("last", b"a = 1\na = 2\n"), ("remove", b"a = 2\n")],
)
def test_duplicates(on_duplicate, after):
    change = edit.set_parameters(b"a = 1\na = 2\n", wanted({"a": "2"}), on_duplicate=on_duplicate)
    assert change.data == after
    assert bool(change.warnings) == (on_duplicate == "last")


def test_duplicates_refused():
    with pytest.raises(ConfigError, match="lines 1, 3"):
        edit.set_parameters(b"a = 1\n\na = 2\n", wanted({"a": "2"}), on_duplicate="fail")


def test_commented_and_back():
    before = b"a = 1,\n  2\n# c\nb = 3\n"
    commented = edit.comment_out(before, ["a", "z"])
    assert commented.data == b"#a = 1,\n#  2\n# c\nb = 3\n"
    assert edit.comment_out(commented.data, ["a"]).changed == []
    assert edit.set_parameters(commented.data, wanted({"a": "1, 2"})).data == before


def test_restart_is_needed_for_what_master_reads_at_its_start():
    assert edit.set_parameters(b"", wanted({"inet_interfaces": "all"})).restart_needed
    assert not edit.set_parameters(b"", wanted({"mydestination": "a"})).restart_needed
    assert edit.set_parameters(b"", wanted({"queue_directory": "/a"})).restart_needed


@pytest.mark.parametrize("value", [b"$here", b"127.0.0.1, ${there}", b"${x?{$(here)}:{all}}"])
def test_restart_is_needed_for_what_is_referred_to_there(value):
    before = b"there = $here\nmydestination = $mine\ninet_interfaces = " + value + b"\n"
    for name, needed in (("here", True), ("mine", False), ("a", False)):
        change = edit.set_parameters(before, wanted({name: "a.test"}))
        assert change.restart_needed == needed
        assert not edit.set_parameters(change.data, wanted({name: "a.test"})).restart_needed


NAMES = st.sampled_from(
    ["a", "b", "mynetworks", "x_restrictions", "smtpd_banner", "x_tls_protocols"]
)
WORD = st.text(st.sampled_from("xyé$:/#=,{} "), min_size=1, max_size=4) | st.just("{ x, y }")
EQUALS = st.sampled_from(["=", " = ", "\t= ", "\n =", " =\n# inside\n  ", "\n\n\t = "])
LINE = st.one_of(
    st.tuples(NAMES, EQUALS, st.lists(WORD, max_size=3)).map(
        lambda t: t[0] + t[1] + ", ".join(t[2])
    ),
    st.sampled_from(["# comment", "", "  more", "\tmore, and", "  # inside", "#a = x", "#  more"]),
)
FILES = st.tuples(st.lists(LINE), st.sampled_from(["\n", "\r\n"]), st.booleans()).map(
    lambda t: ("\n".join(t[0]) + ("\n" if t[2] else "")).replace("\n", t[1]).encode()
)
ELEMENT = st.text(st.sampled_from("xyé$:/#= "), min_size=1, max_size=4) | st.just("{ x,  y }")
TEXT = st.tuples(WORD, st.sampled_from([" ", "  ", ", ", "\n", "\n  "]), ELEMENT).map("".join)
VALUES = st.one_of(st.none(), st.just(""), WORD, TEXT, st.lists(ELEMENT, max_size=4))
ASKED = st.dictionaries(NAMES, VALUES)


def possible(values):
    """What is asked, as far as it can stand in main.cf."""
    found = {}
    for name, value in values.items():
        with contextlib.suppress(ConfigError):
            found[name] = requested_value(name, value)
    return found


def words(name, value, asked):
    """What a value comes down to: its words, or all of it where every space counts."""
    if name == "smtpd_banner":
        return value
    if name not in ("a", "b") or asked.is_list:
        value = value.replace(b",", b" ")
    if name == "x_tls_protocols":
        value = value.replace(b":", b" ")
    return value.split()


@given(FILES)
def test_reading_and_writing_changes_nothing(data):
    assert edit.set_parameters(data, {}).data == data


@given(FILES, ASKED, st.booleans())
def test_an_edit_is_read_back_and_is_idempotent(data, values, exclusive):
    parameters = possible(values)
    before = {entry.name: entry.value for entry in main.parse(data)[1]}
    change = edit.set_parameters(data, parameters, exclusive=exclusive)
    after = {entry.name: entry.value for entry in main.parse(change.data)[1]}
    for name, value in parameters.items():
        if value is None:
            assert name not in after
        else:
            expected = value.text.replace(b"\n", b" ")
            assert words(name, after.pop(name), value) == words(name, expected, value)
    others = {name: value for name, value in before.items() if name not in parameters}
    assert after == ({} if exclusive else others)
    assert (change.data != data) == bool(change.changed or change.rewritten)
    again = edit.set_parameters(change.data, parameters, exclusive=exclusive)
    assert (again.data, again.changed) == (change.data, [])


@given(FILES, ASKED)
def test_the_lines_of_other_parameters_stay(data, values):
    parameters = possible(values)
    change = edit.set_parameters(data, parameters)
    entries = [entry for entry in main.parse(data)[1] if entry.name not in parameters]
    lines = iter(change.data.replace(b"\r", b"").split(b"\n"))
    for entry in entries:
        for line in entry.source.lines:
            assert line.strip(b"\r\n") in lines, "in this order"


@given(FILES, ASKED)
def test_comments_stay(data, values):
    change = edit.set_parameters(data, possible(values))
    for comment in (b"# comment", b"# inside"):
        assert change.data.count(comment) == data.count(comment)


@given(FILES, ASKED)
def test_line_endings_stay(data, values):
    change = edit.set_parameters(data, possible(values))
    if b"\r\n" in data.split(b"\n")[0] + b"\n":
        assert change.data.count(b"\n") == change.data.count(b"\r\n")
    elif b"\r" not in data:
        assert b"\r" not in change.data
    assert not change.changed or change.data[-1:] in (b"\n", b"")


@given(FILES, st.sets(NAMES))
def test_commenting_out_changes_nothing_else(data, names):
    change = edit.comment_out(data, names)
    others = {name: value for name, value in main.read(data).items() if name not in names}
    assert main.read(change.data) == others
    assert change.data.replace(b"#", b"").rstrip() == data.replace(b"#", b"").rstrip()


@given(FILES, ASKED)
def test_one_call_means_the_same_as_a_call_for_each(data, values):
    parameters = possible(values)
    one_by_one = data
    for name in reversed(parameters):
        one_by_one = edit.set_parameters(one_by_one, {name: parameters[name]}).data
    assert main.read(one_by_one) == main.read(edit.set_parameters(data, parameters).data)
