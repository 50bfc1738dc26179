"""What the world saw is known by its seal, which holds for that machine, word and request alone."""

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.check_schema import read_checks
from ansible_collections.labs.mail.plugins.module_utils._checks.seals import (
    request,
    seal,
    seen_by_world,
    vouched,
)

KEY, MACHINE, WORD = "k3y", "172.30.1.11", "0123456789abcdef-greets-"
TITLE = {"fr": "Il répond", "en": "It answers"}


def steps(*given):
    (check,) = read_checks([{"name": "greets", "title": TITLE, "steps": list(given)}])
    return check["steps"]


TWO = steps(
    {"smtp": {"at": "world", "recipients": ["tech"], "port": "2525"}},
    {"received": {"recipient": "x@pub.fr", "within": 30}},
)


def sealed(key=KEY, machine=MACHINE, word=WORD, oks=(True, True), these=TWO):
    return [seal(key, machine, word, *request(step), ok) for step, ok in zip(these, oks)]


def test_both_steps_sealed_are_a_pass():
    assert vouched(KEY, MACHINE, WORD, TWO, sealed(), True)


@pytest.mark.parametrize(
    "seals",
    [
        [],
        sealed()[:1],
        [*sealed(), sealed()[0]],
        sealed()[::-1],
        sealed(key="other"),
        sealed(machine="172.30.1.12"),
        sealed(word="0123456789abcdef-other-"),
        sealed(oks=(True, False)),
        sealed(oks=(False, True)),
        [None, None],
        ["é", "é"],
        sealed(these=steps({"smtp": {"at": "world", "recipients": ["prof"]}}, TWO[1])),
    ],
)
def test_anything_else_is_none(seals):
    assert not vouched(KEY, MACHINE, WORD, TWO, seals, True)


def test_what_was_not_seen_is_sealed_as_far_as_it_came():
    assert vouched(KEY, MACHINE, WORD, TWO, sealed(oks=(True, False)), False)
    assert vouched(KEY, MACHINE, WORD, TWO, sealed(oks=(False,)), False)
    assert not vouched(KEY, MACHINE, WORD, TWO, sealed(), False)
    assert not vouched(KEY, MACHINE, WORD, TWO, [], False)


@pytest.mark.parametrize(
    ("step", "by_world"),
    [
        ({"smtp": {"at": "world", "recipients": ["tech"]}}, True),
        ({"connect": {"at": "world", "port": 25}}, True),
        ({"received": {"recipient": "x@pub.fr"}}, True),
        ({"outage": {"domain": "pub.fr", "seconds": 10}}, True),
        ({"smtp": {"recipients": ["tech"]}}, False),
        ({"connect": {"port": 25}}, False),
        # What the message is to be is what the machine says that it added to another.
        ({"smtp": {"at": "world", "recipients": ["tech"], "replay": "yes"}}, False),
        ({"log": {"line": "x"}}, False),
        ({"arrived": {"account": "tech"}}, False),
    ],
)
def test_what_the_world_alone_answers(step, by_world):
    (read,) = steps(step)
    assert seen_by_world(read) is by_world
