"""What a stranger asks for takes no longer than it may."""

import re
import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system.bounded import within


def test_what_is_done_in_time_is_returned():
    assert within(30, lambda: {"ok": True, "text": "x" * 200_000})["text"].endswith("x")


def test_a_search_without_end_is_ended():
    started = time.monotonic()
    with pytest.raises(TimeoutError, match="more than 1 s"):
        within(1, lambda: bool(re.search("^(a+)+$", "a" * 60 + "b")))
    assert time.monotonic() - started < 20


def test_what_goes_wrong_is_said():
    def wrong():
        raise KeyError("recipient")

    with pytest.raises(ValueError, match="KeyError: 'recipient'"):
        within(30, wrong)
    with pytest.raises(ValueError, match="cannot be done"):
        within(30, lambda: __import__("os")._exit(1))
