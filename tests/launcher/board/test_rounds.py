"""Rounds of checks: one once nothing was done for so many minutes, and none unless asked for."""

from __future__ import annotations

import pytest

from launcher.board.orders import ALL, line_of, order_of
from launcher.board.rounds import Rounds, minutes_of
from launcher.settings import SettingsError


class FakeRunner:
    """A runner that is told what it does."""

    def __init__(self):
        self.idle, self.taken = True, []

    def take(self, order):
        self.taken.append(order)
        self.idle = False


@pytest.fixture
def now():
    return [1000.0]


@pytest.fixture
def runner():
    return FakeRunner()


def test_a_round_comes_at_once_and_then_so_long_after_the_last_order(runner, now):
    rounds = Rounds(5, runner, lambda: now[0])
    rounds.step()
    assert [(each.action, each.machine) for each in runner.taken] == [("recheck", ALL)]
    for seconds in (0, 400, 900):
        now[0] = 1000 + seconds
        rounds.step()
    assert len(runner.taken) == 1
    runner.idle = True
    for seconds in (901, 1199):
        now[0] = 1000 + seconds
        rounds.step()
    assert len(runner.taken) == 1
    now[0] = 1000 + 1200
    rounds.step()
    assert len(runner.taken) == 2
    assert runner.taken[0].id != runner.taken[1].id


def test_the_runner_takes_what_is_ordered(runner, now):
    Rounds(1, runner, lambda: now[0]).step()
    (order,) = runner.taken
    assert order_of(line_of(order), ["student1"], []) == order


def test_without_the_word_there_is_none(runner, now):
    rounds = Rounds(minutes_of(None), runner, lambda: now[0])
    for _each in range(3):
        rounds.step()
        now[0] += 1e6
    assert runner.taken == []


@pytest.mark.parametrize("word", ["1", "60"])
def test_minutes(word):
    assert minutes_of(word) == int(word)


@pytest.mark.parametrize("word", ["0", "61", "-1", "1.5", "", "five", "٣"])
def test_what_are_no_minutes_is_said(word):
    with pytest.raises(SettingsError, match=r"--every .*1 to 60"):
        minutes_of(word)
