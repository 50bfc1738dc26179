"""Who needs the teacher: hands, whoever is stuck, and a class that is stuck as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.board.events import Event
from launcher.board.needs import (
    FACTOR,
    HAND,
    SHORTEST,
    SILENT,
    STUCK,
    UNKNOWN,
    half_passed,
    needs,
)
from launcher.board.state import State, apply, fold
from tests.support.simulated_class import CHECKS, COURSE, END, lesson

START = 1e9
LOOKS = 40.0
LESSONS = 20
IN_TIME = 120.0


def event(kind, machine, after=0.0, **held):
    return Event(START + after, machine, kind, f"{kind}-{machine}-{after}", **held)


def arrived(machine, after=0.0, stage="start"):
    there = event("at", machine, after, exercise="made_up", stage=stage)
    return [there, event("login", machine, after)]


def passes(machine, after, *checks):
    outcomes = dict.fromkeys(checks, "passed")
    return event("check", machine, after, exercise="made_up", outcomes=outcomes)


def a_class(*more, students=10, seconds=200.0):
    """A class of which everybody but student1 passed the first check after so many seconds."""
    names = [f"student{number}" for number in range(2, students + 1)]
    events = [each for name in ["student1", *names] for each in arrived(name)]
    events += [passes(name, seconds, *CHECKS) for name in names]
    return fold([*events, *more], COURSE)


def why(state, after):
    return [(each.machine, each.why) for each in needs(state, START + after).each]


def test_a_student_who_does_not_get_on_is_found_by_the_measure_of_the_class():
    state = a_class()
    limit = FACTOR * 200
    assert why(state, limit - 1) == []
    assert why(state, limit + 1) == [("student1", STUCK)]
    (found,) = needs(state, START + limit + 1).each
    assert (found.check, found.usual, found.since) == (CHECKS[0], 200.0, START)


def test_nobody_is_stuck_after_moments_however_fast_the_class_is():
    assert why(a_class(seconds=5), SHORTEST - 1) == []
    assert why(a_class(seconds=5), SHORTEST + 1) == [("student1", STUCK)]


NOT_STUCK = {
    "who passed": passes("student1", 300, CHECKS[0]),
    "who left": event("logout", "student1", 300),
    "who was shown the solution": arrived("student1", 300, "solution")[0],
}


@pytest.mark.parametrize("news", NOT_STUCK.values(), ids=NOT_STUCK)
def test_not_stuck_is(news):
    assert why(a_class(news), FACTOR * 200 + 100) == []


def test_a_hand_goes_first_and_the_oldest_before_others():
    hands = [event("hand", "student9", 300, up=True), event("hand", "student3", 400, up=True)]
    silent = event("unanswered", "student2", 100, exercise="made_up", text="no route")
    found = why(a_class(*hands, silent), 2000)
    assert found == [
        ("student9", HAND), ("student3", HAND), ("student1", STUCK), ("student2", SILENT),
    ]  # fmt: skip


def test_a_student_who_is_stuck_and_raises_a_hand_is_named_once():
    assert why(a_class(event("hand", "student1", 9, up=True)), 2000) == [("student1", HAND)]


def test_the_first_ones_at_a_check_are_given_longer():
    state = fold([*arrived("student1"), *arrived("student2")], COURSE)
    assert why(state, UNKNOWN - 1) == []
    assert {who for who, _why in why(state, UNKNOWN + 1)} == {"student1", "student2"}


def test_a_class_that_is_stuck_is_named_and_not_each_of_it():
    events = [each for number in range(1, 11) for each in arrived(f"student{number}")]
    state = fold([*events, passes("student1", 60, CHECKS[0])], COURSE)
    found = needs(state, START + SHORTEST + 1)
    (everybody,) = found.everybody
    assert (everybody.check, everybody.waiting, everybody.of) == (CHECKS[0], 9, 10)
    assert found.each == []


def test_two_are_no_class():
    state = fold([*arrived("student1"), *arrived("student2")], COURSE)
    assert not needs(state, START + UNKNOWN + 1).everybody


def test_half_of_those_who_came():
    assert half_passed([10, 20, 30], []) == 20
    assert half_passed([10, 20], [500, 500, 500]) is None
    assert half_passed([10, 20, 30], [5, 5, 5, 5]) == 20
    assert half_passed([], [1.0]) is None


times = st.lists(st.floats(0, 1e5), max_size=20)


@given(times, times)
def test_who_still_waits_makes_the_measure_longer_and_never_shorter(took, waiting):
    alone, together = half_passed(took, []), half_passed(took, waiting)
    if together is not None:
        assert alone is not None
        assert together >= alone
        assert together in took


def watched(made):
    """When each student was first named at each check, and when each who is stuck is to be."""
    state, named, due = State(COURSE), {}, {}
    coming = iter(made.events)
    event, now = next(coming, None), START
    while now < START + END:
        while event and event.time <= now:
            apply(state, event)
            event = next(coming, None)
        for each in needs(state, now).each:
            named.setdefault((each.machine, each.check), now)
        for machine, (check, since) in made.stuck.items():
            if now - START - since > limit(made, check, now - START):
                due.setdefault((machine, check), now)
        now += LOOKS
    return named, due


def limit(made, check, now):
    """What the rule is by the truth: the time of half of all who have come to the check."""
    spans = [span for span in made.spans.get(check, {}).values() if span[0] <= now]
    took = sorted(passed - came if passed <= now else END for came, passed in spans)
    return max(SHORTEST, FACTOR * took[(len(took) - 1) // 2]) if took else END


def test_the_stuck_of_twenty_lessons_are_found_and_few_others(capsys):
    found = stuck = false = others = 0
    for seed in range(LESSONS):
        made = lesson(seed)
        named, due = watched(made)
        stuck += len(due)
        found += sum(named.get(who, END + START) <= due[who] + IN_TIME for who in due)
        wrong = {name for name, check in named if made.stuck.get(name, ("",))[0] != check}
        false += len(wrong)
        others += 30 - len(made.stuck)
    with capsys.disabled():
        print(
            f"\nCOUNTED {LESSONS} made-up lessons of 30: {found} of {stuck} stuck found in time, "
            f"{false} of {others} others named",
            end="",
        )
    assert stuck == LESSONS * 4, "some were not stuck for long enough"
    assert found >= 0.95 * stuck, (found, stuck)
    assert false <= 0.05 * others, (false, others)


def test_a_wall_is_blamed_on_nobody():
    made = lesson(1, stuck=0, wall="alias")
    state = fold(made.events, COURSE)
    found = needs(state, START + END)
    assert [each.check for each in found.everybody] == ["alias"]
    assert [each for each in found.each if each.check == "alias"] == []
