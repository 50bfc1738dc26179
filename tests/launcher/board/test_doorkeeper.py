"""Who is let in, for how long, and where it is known again."""

from __future__ import annotations

import stat

import pytest

from launcher.board.doorkeeper import LASTS, Doorkeeper, key_in


@pytest.fixture
def clock():
    return {"now": 1e9}


def keeper(clock, key=b"k" * 32):
    return Doorkeeper(key, 8025, lambda: clock["now"])


def test_a_browser_is_known_again_by_a_board_that_was_started_again(clock):
    first = keeper(clock)
    cookie = first.let_in(first.token)
    assert keeper(clock).knows(cookie)
    assert keeper(clock).wrote_form(cookie, first.form_word(cookie))
    assert not keeper(clock, b"x" * 32).knows(cookie)


@pytest.mark.parametrize(
    ("after", "known"), [(0, True), (LASTS - 1, True), (LASTS, False), (-1, False)]
)
def test_a_browser_is_known_for_a_day_of_work(clock, after, known):
    first = keeper(clock)
    cookie = first.let_in(first.token)
    clock["now"] += after
    assert first.knows(cookie) is known


@pytest.mark.parametrize("cookie", ["", ".", "..", "x", "1.a.b", "1e9", "é.é.é", "." * 1000])
def test_whatever_a_cookie_holds_it_is_one_or_none(clock, cookie):
    assert not keeper(clock).knows(cookie)


def test_a_token_is_long_and_another_each_time(clock):
    first = keeper(clock)
    token = first.token
    assert len(token) >= 32
    assert first.let_in(token)
    assert first.token != token
    assert first.let_in(token) is None


def test_nobody_else_reads_the_key(tmp_path):
    key = key_in(tmp_path / "key")
    assert len(key) == 32
    assert key_in(tmp_path / "key") == key
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
