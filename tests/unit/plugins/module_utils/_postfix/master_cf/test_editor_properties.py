from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import join
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import editor as edit
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser as master
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import errors
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import (
    requested_service,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.spec import (
    blank,
    lay_over,
    spec_of,
)

KEYS = ["a/unix", "b/unix", "25/inet"]
NAMES = st.sampled_from(["x", "y", "mynetworks"])
VALUES = st.sampled_from(["", "1", "a b", "a,b", "{c}", "{c d} e", "é", "$x", "#", "="])
WORDS = st.sampled_from(["-v", "-D", "user=x", "argv=/y", "$z", "a b", "{c}", "#w", ""])


def braced(text):
    return text if text and " " not in text and text[0] != "{" else f"{{ {text} }}"


OPTIONS = st.tuples(NAMES, VALUES, st.sampled_from(["-o ", "-o {} ", "-o\t", "-o", "-vo "])).map(
    lambda t: f"-o {{ {t[0]} = {t[1]} }}" if " " in t[1] or "{" in t[2] else f"{t[2]}{t[0]}={t[1]}"
)
GAPS = st.sampled_from([" ", "  ", "\t", "\n ", "\n\t", "\n# comment\n  ", "\n\n  "])
AFTER = st.sampled_from(["", " ", "\n# comment", "\n", "\n#  -o x=2"])


@st.composite
def entries(draw):
    """An entry, or a comment that is one."""
    name, _slash, kind = draw(st.sampled_from(KEYS)).rpartition("/")
    columns = [
        name,
        kind,
        draw(st.sampled_from("yn-" if kind == "unix" else "n")),
        draw(st.sampled_from("yn-")),
        draw(st.sampled_from("yn-")),
        draw(st.sampled_from(["-", "60?", "060"])),
        draw(st.sampled_from(["-", "0", "16"])),
        draw(st.sampled_from(["smtp", "pipe"])),
    ]
    words = [
        *columns,
        *draw(st.lists(OPTIONS, max_size=3)),
        *map(braced, draw(st.lists(WORDS, max_size=3))),
    ]
    gaps = st.just(" ") if draw(st.booleans()) else GAPS
    text = words[0] + "".join(draw(gaps) + word for word in words[1:]) + draw(AFTER)
    return text if draw(st.integers(0, 3)) else "#" + text.replace("\n ", "\n#  ")


def is_sound(data):
    return not any(errors(entry) for entry in master.parse(data)[1])


FILES = (
    st.tuples(
        st.lists(st.one_of(entries(), st.just("# comment"), st.just("")), max_size=6),
        st.sampled_from(["\n", "\r\n"]),
        st.booleans(),
    )
    .map(lambda t: ("\n".join(t[0]) + ("\n" if t[2] else "")).replace("\n", t[1]).encode())
    .filter(is_sound)
)
PRESENT = st.fixed_dictionaries(
    {"command": st.sampled_from(["smtp", "pipe"])},
    optional={
        "private": st.just("n"),
        "chroot": st.sampled_from(["y", "n", "-"]),
        "wakeup": st.sampled_from([60, "60?", 12345678, "-"]),
        "options": st.dictionaries(NAMES, st.one_of(st.none(), VALUES)),
        "options_mode": st.sampled_from(["merge", "exact"]),
        "args": st.lists(WORDS, max_size=3),
    },
)
ASKED = st.one_of(st.none(), PRESENT, st.just({"state": "commented"}))
SERVICES = st.dictionaries(st.sampled_from(KEYS), ASKED)


def wanted(services):
    return [requested_service(key, asked) for key, asked in services.items()]


def meaning(data):
    """Return what master makes of a file; of entries of one service it takes the last."""
    return {entry.key: spec_of(entry) for entry in master.parse(data)[1]}


def folded(spec):
    """Return a specification in which what means the same is spelled the same."""
    columns = dict(spec.columns)
    for column, default in (("private", "y"), ("unpriv", "y"), ("wakeup", "0")):
        columns[column] = default if columns[column] == "-" else columns[column].lstrip("0") or "0"
    options = {
        name: value.text.replace(b",", b" ") if name == "mynetworks" else value
        for name, value in spec.options.items()
    }
    return columns, options, spec.flags, spec.operands


@given(FILES)
def test_reading_and_writing_changes_nothing(data):
    assert join(master.parse(data)[0]) == data
    assert edit.set_services(data, []).data == data


@given(FILES, SERVICES)
def test_an_edit_is_read_back_and_leaves_the_others(data, services):
    before = meaning(data)
    after = meaning(edit.set_services(data, wanted(services)).data)
    for service in wanted(services):
        found = after.pop(service.key, None)
        if service.state != "present":
            assert found is None
        elif service.key in before:
            assert folded(found) == folded(lay_over(before[service.key], service))
        else:
            assert found.columns["command"] == service.columns["command"]
            assert service.options.items() - found.options.items() <= {
                (name, None) for name in service.options
            }
        before.pop(service.key, None)
    assert after == before


@given(FILES, SERVICES, st.booleans())
def test_an_edit_twice_is_an_edit_once(data, services, exclusive):
    change = edit.set_services(data, wanted(services), exclusive)
    again = edit.set_services(change.data, wanted(services), exclusive)
    assert (again.data, again.changed, again.warnings) == (change.data, [], [])


@given(FILES, SERVICES)
def test_nothing_changes_where_the_meaning_does_not(data, services):
    change = edit.set_services(data, wanted(services))
    assert bool(change.changed) == (change.data != data)
    before, after = meaning(data), meaning(change.data)
    for key in services:
        if key in before and key in after and folded(before[key]) == folded(after[key]):
            assert key not in change.changed


@given(FILES, SERVICES)
def test_comments_stay(data, services):
    change = edit.set_services(data, wanted(services))
    assert change.data.count(b"# comment") == data.count(b"# comment")


@given(FILES, SERVICES)
def test_the_order_of_what_is_asked_means_nothing(data, services):
    one_by_one = data
    for service in reversed(wanted(services)):
        one_by_one = edit.set_services(one_by_one, [service]).data
    assert meaning(one_by_one) == meaning(edit.set_services(data, wanted(services)).data)


@given(FILES, st.binary(max_size=40), SERVICES, FILES)
def test_exclusive_makes_any_file_mean_the_same(data, garbage, services, baseline):
    aim = edit.set_services(b"# comment\n", wanted(services), True, baseline).data
    change = edit.set_services(data + garbage + data, wanted(services), True, baseline)
    assert {key: folded(spec) for key, spec in meaning(change.data).items()} == {
        key: folded(spec) for key, spec in meaning(aim).items()
    }
    assert is_sound(change.data)
    again = edit.set_services(change.data, wanted(services), True, baseline)
    assert (again.data, again.changed, again.warnings) == (change.data, [], [])


@given(FILES, SERVICES)
def test_exclusive_means_the_baseline_with_what_is_asked_laid_over_it(baseline, services):
    aim = meaning(baseline)
    for service in wanted(services):
        spec = lay_over(aim.pop(service.key, blank(service.key)), service)
        if service.state == "present":
            aim[service.key] = spec
    found = meaning(edit.set_services(b"# comment\n", wanted(services), True, baseline).data)
    assert {key: folded(spec) for key, spec in found.items()} == {
        key: folded(spec) for key, spec in aim.items()
    }
