from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._suggest import (
    AMONG_FEW,
    AMONG_MANY,
    hint,
    nearest,
)

WORDS = ["content", "Path", "state"]


@pytest.mark.parametrize(
    ("word", "cutoff", "found"),
    [
        ("contents", AMONG_MANY, "content"),
        ("CONTENT", AMONG_MANY, "content"),
        ("path", AMONG_MANY, "Path"),
        ("stat", AMONG_MANY, "state"),
        ("start", AMONG_FEW, "state"),
        ("start", AMONG_MANY, "state"),
        ("sat", 0.9, None),
        ("zzz", AMONG_FEW, None),
        (12, AMONG_FEW, None),
    ],
)
def test_nearest(word, cutoff, found):
    assert nearest(word, WORDS, cutoff) == found


def test_nothing_is_near_where_nothing_is_known():
    assert nearest("path", []) is None


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("paths", "did you mean Path?"),
        ("zzz", "write one of content, Path, state"),
        (None, "write one of content, Path, state"),
    ],
)
def test_hint(word, said):
    assert hint(word, WORDS) == said
