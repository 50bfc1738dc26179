"""Which user IDs of the host a machine's own are."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._incus.user_ids import free, of_root

ROOT = range(1000000, 1000000 + 4 * 65536)


@pytest.mark.parametrize(
    ("text", "first", "count"),
    [
        ("root:1000000:1000000000\n", 1000000, 1000000000),
        ("lab:100000:65536\n0:231072:65536\n", 231072, 65536),
        ("root:1000000:65536\nroot:1001000000:10000001\n", 1000000, 65536),
        ("lab:100000:65536\n", 0, 0),
        ("root:x:y\n\nroot\n", 0, 0),
        ("", 0, 0),
    ],
)
def test_those_of_root_are_read(text, first, count):
    assert of_root(text) == range(first, first + count)


@pytest.mark.parametrize(
    ("known", "taken", "found"),
    [
        (ROOT, [], 1065536),
        (ROOT, [1065536, 0], 1131072),
        (ROOT, [1131072], 1065536),
        (ROOT, [1065536, 1131072, 1196608], None),
        (range(1000000, 1065536), [], None),
        (range(1000000, 1131071), [], None),
        (range(0), [], None),
    ],
)
def test_a_machine_gets_those_that_no_other_has(known, taken, found):
    assert free(known, taken) == found
