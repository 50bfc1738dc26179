"""Words that a parameter may have: those of closed sets, and the types of tables."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.choices import (
    ONE_OF,
    SOME_OF,
    choices,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.settings import DOMAINS
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.syntax import NETWORKS
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.tables import TABLES_ALONE
from tests.support.lint_system import DEFAULTS, found, place

HOLDING_TABLES = [
    name
    for name in sorted({*DEFAULTS["debian-12"], *DEFAULTS["debian-13"]})
    if TABLES_ALONE.fullmatch(name) or NETWORKS.fullmatch(name) or name in DOMAINS
]


@given(st.sampled_from(HOLDING_TABLES), st.sampled_from(["hash:", "cidr:", "proxy:btree:"]))
def test_a_misspelt_type_is_found_in_every_parameter_that_holds_tables(name, kind):
    slip = kind.replace("h:", "hh:").replace("r:", "rr:").replace("btree", "btrie")
    findings = found(f"{name} = {slip}/x\n".encode(), release="debian-13")
    assert [f.message for f in findings if "there is no type" in f.message], findings
    findings = found(f"{name} = {kind}/x\n".encode(), release="debian-13")
    assert not [f.message for f in findings if "type" in f.message]


CLOSED = [
    (name, words)
    for table in (ONE_OF, SOME_OF)
    for names, words in table
    for name in sorted({*DEFAULTS["debian-12"], *DEFAULTS["debian-13"]})
    if re.fullmatch(names, name)
]


def test_every_closed_set_is_of_a_parameter_that_there_is():
    for table in (ONE_OF, SOME_OF):
        for names, words in table:
            assert any(w == words for _name, w in CLOSED), names


@given(st.sampled_from(CLOSED), st.data())
def test_any_word_of_a_set_is_taken_and_a_misspelt_one_is_found(closed, data):
    name, words = closed
    word = data.draw(st.sampled_from(words.split()))
    at = data.draw(st.integers(0, len(word) - 1))
    slip = word[:at] + "q" + word[at:]
    assert not [f for f in found(f"{name} = {word}\n".encode()) if "none of the words" in f.message]
    [finding] = [f for f in found(f"{name} = {slip}\n".encode()) if name in f.message]
    assert place(finding) == f"main.cf:1:{len(name) + 4}"
    assert any(choices(name))


@pytest.mark.parametrize("release", DEFAULTS)
def test_the_defaults_are_in_the_closed_sets(release):
    text = "".join(
        f"{name} = {DEFAULTS[release][name]}\n"
        for name, _words in CLOSED
        if name in DEFAULTS[release]
    )
    assert [f for f in found(text.encode(), release=release) if "none of" in f.message] == []
