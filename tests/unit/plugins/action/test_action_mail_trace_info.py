"""What several machines told of a message is joined, but for those that told too much of it."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.action import mail_trace_info as plugin

MOST = plugin.MOST["lines"]
FEW = ["one", "two"]
MUCH = ["x"] * (MOST - 10)

CASES = {
    "all fit": ({"a": FEW, "b": FEW}, ["a", "b"]),
    "one of two that told much": ({"a": MUCH, "b": FEW, "c": MUCH}, ["a", "b"]),
    "one that told more than the other": ({"a": [*MUCH, "x"], "b": FEW, "c": MUCH}, ["b", "c"]),
    "all that told much, where the others are many": (
        {**{f"h{number}": FEW for number in range(6)}, "z": MUCH},
        [f"h{number}" for number in range(6)],
    ),
    "text": ({"a": "x\n" * MOST, "b": FEW}, ["b"]),
    "one alone is left to the module's own limits": ({"a": ["x"] * (MOST + 1)}, ["a"]),
    "none": ({}, []),
}


@pytest.mark.parametrize(("contents", "hosts"), CASES.values(), ids=CASES)
def test_machines_that_told_too_much_are_left_out(contents, hosts):
    assert list(plugin.not_too_many(contents)) == hosts
