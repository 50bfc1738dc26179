"""A mistake is named where it is clearly nearer than all others, and otherwise none is."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._hints.matching import (
    ENOUGH,
    MARGIN,
    Mistake,
    common,
    confused,
    ranked,
    recognized,
)

FAILED = ["own passed", "blocked failed"]
NOT_ASKED = common([{"outcomes": FAILED, "set": ["smtp/inet smtpd"]}])
RECIPIENT = common(
    [
        {
            "outcomes": FAILED,
            "set": ["smtp/inet smtpd", "smtpd_sender_restrictions"],
            "lint": ["main.cf warning odd"],
        }
    ]
)
NO_TABLE = common(
    [
        {
            "outcomes": ["own failed", "blocked skipped"],
            "replies": ["own 451 4.3.0"],
            "set": ["smtp/inet smtpd"],
        }
    ]
)
MISTAKES = [
    Mistake("not_asked", [NOT_ASKED]),
    Mistake("recipient", [RECIPIENT]),
    Mistake("no_table", [NO_TABLE]),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: each.name)
def test_each_is_recognized_by_its_own_signature(mistake):
    assert recognized(mistake.signatures[0], MISTAKES) == mistake.name
    assert confused(MISTAKES) == []


def test_the_order_of_signs_does_not_count():
    assert recognized({**NOT_ASKED, "outcomes": FAILED[::-1]}, MISTAKES) == "not_asked"


@pytest.mark.parametrize("outcomes", [["own failed", "blocked failed"], ["own passed"], []])
def test_none_is_named_where_the_checks_ended_in_another_way(outcomes):
    assert recognized({**NOT_ASKED, "outcomes": outcomes}, MISTAKES) == ""
    assert ranked({**NOT_ASKED, "outcomes": outcomes}, MISTAKES) == []


def test_none_is_named_between_two_that_are_as_near():
    between = {"outcomes": FAILED, "set": ["smtp/inet smtpd"], "lint": ["main.cf warning odd"]}
    one, other = ranked(between, MISTAKES)
    assert one.likeness - other.likeness < MARGIN
    assert recognized(between, MISTAKES) == ""


def test_none_is_named_that_is_only_the_nearest():
    alone = [Mistake("not_asked", [NOT_ASKED])]
    strange = {
        "outcomes": FAILED,
        "replies": ["blocked 421 4.3.0"],
        "lint": ["main.cf error bad"],
        "explained": ["blocked broken"],
    }
    assert ranked(strange, alone)[0].likeness < ENOUGH
    assert recognized(strange, alone) == ""
    assert recognized({**strange, "replies": [], "explained": []}, alone) == "not_asked"


def test_own_ways_of_a_student_do_not_count():
    seen = {**NOT_ASKED, "set": ["smtp/inet smtpd", "biff", "2525/inet smtpd"], "log": ["odd"]}
    assert ranked(seen, MISTAKES)[0].likeness == ranked(NOT_ASKED, MISTAKES)[0].likeness == 1.0


def test_a_signature_says_nothing_of_a_group_that_is_newer():
    older = {group: signs for group, signs in NOT_ASKED.items() if group != "seen"}
    now = {**NOT_ASKED, "seen": ["blocked the item has no link"]}
    assert ranked(now, [Mistake("older", [older])])[0].likeness == 1.0
    assert ranked(now, [Mistake("newer", [NOT_ASKED])])[0].likeness < 1.0


def test_a_sentence_that_differs_is_not_lost_among_many_that_do_not():
    """As of nine questions the first has a wrong answer, and the others have none."""
    none_yet = [f"question {number} no answer yet" for number in range(8)]
    one, other = (
        common([{"outcomes": FAILED, "seen": [*none_yet, f"question 8 {said}"]}])
        for said in ("more are missing", "the log does not know")
    )
    mistakes = [Mistake("one", [one]), Mistake("other", [other])]
    assert confused(mistakes) == []
    strange = {"outcomes": FAILED, "seen": [*none_yet, "question 8 of another message"]}
    assert recognized(strange, mistakes) == ""


def test_those_that_are_alike_are_one_and_no_rivals():
    alike = [Mistake("not_asked", [NOT_ASKED, {**NOT_ASKED, "replies": ["blocked 250"]}])]
    assert recognized(NOT_ASKED, alike) == "not_asked"
    apart = [*alike, Mistake("other", [NOT_ASKED])]
    assert recognized(NOT_ASKED, apart) == ""
    assert ("other", "not_asked") in confused(apart)


def test_nothing_is_recognized_where_nothing_is_recorded():
    assert recognized(NOT_ASKED, []) == ""


def test_a_signature_has_what_every_machine_showed():
    other = {**RECIPIENT, "lint": ["main.cf warning odd", "main.cf warning new"]}
    signature = common([RECIPIENT, other])
    assert signature["lint"] == ["main.cf warning odd"]
    assert signature["outcomes"] == sorted(FAILED)
    assert signature["replies"] == []
