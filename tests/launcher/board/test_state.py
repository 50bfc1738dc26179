"""What events come to: who vouches for what, progress, resets, and lessons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.board.events import Event, Result, event_of, line_of
from launcher.board.state import BREAK, State, apply, fold

COURSE = {"access": ["ads", "others", "header"], "mail": ["sent"]}
START = 1e9


def event(kind, after=0.0, machine="student1", **held):
    return Event(START + after, machine, kind, f"{kind}-{after}-{machine}", **held)


def claim(after=0.0, machine="student1", **outcomes):
    return event("check", after, machine, exercise="access", outcomes=outcomes)


def verified(after=0.0, machine="student1", trust="verified", **outcomes):
    results = {name: Result(outcome, trust) for name, outcome in outcomes.items()}
    return event("verified", after, machine, exercise="access", results=results)


def at(after=0.0, exercise="access", stage="start", machine="student1"):
    return event("at", after, machine, exercise=exercise, stage=stage)


def seat(*events):
    return fold(events, COURSE).seats["student1"]


TRUST = {
    "a claim alone": ([claim(ads="passed")], ("passed", "claimed")),
    "a check of the teacher's": ([verified(ads="passed")], ("passed", "verified")),
    "seen from outside": ([verified(ads="passed", trust="seen")], ("passed", "seen")),
    "a claim that was verified": (
        [claim(ads="passed"), verified(1, ads="passed")],
        ("passed", "verified"),
    ),
    "a claim after it was verified": (
        [verified(ads="passed"), claim(1, ads="passed")],
        ("passed", "verified"),
    ),
    "a claim against what was verified": (
        [verified(ads="failed"), claim(1, ads="passed")],
        ("passed", "claimed"),
    ),
    "a lie that was found out": (
        [claim(ads="passed"), verified(1, ads="failed")],
        ("failed", "verified"),
    ),
    "a claim of what was seen before": (
        [
            verified(ads="passed", trust="seen"),
            verified(1, ads="failed"),
            claim(2, ads="passed"),
        ],
        ("passed", "claimed"),
    ),
}


@pytest.mark.parametrize(("events", "wanted"), TRUST.values(), ids=TRUST)
def test_who_vouches(events, wanted):
    cell = seat(at(), *events).cell("ads")
    assert (cell.outcome, cell.trust) == wanted


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["ads", "others", "header", "made_up"]),
            st.sampled_from(["passed", "failed", "skipped", "unchecked"]),
        ),
        max_size=6,
    )
)
def test_no_claims_ever_make_more_than_a_claim(claims):
    found = seat(at(), *(claim(number, **each) for number, each in enumerate(claims)))
    assert {cell.trust for cell in found.cells.values()} <= {"claimed"}
    assert {check for _exercise, check in found.cells} <= set(COURSE["access"])


def test_a_reset_ends_what_was_seen_and_what_the_class_needed_stays():
    events = [at(), event("login"), verified(60, ads="passed", others="failed")]
    state = fold([*events, at(100)], COURSE)
    assert state.seats["student1"].cells == {}
    assert state.next_check(state.seats["student1"]) == "ads"
    assert state.took == {("access", "ads"): [60.0]}
    # The run began before the reset, and was written down after it.
    apply(state, verified(90, ads="passed"))
    assert state.seats["student1"].cells == {}
    apply(state, verified(110, ads="passed"))
    assert state.next_check(state.seats["student1"]) == "others"


def test_what_was_seen_before_the_first_board_counts():
    found = seat(at(100), verified(50, ads="passed"))
    assert found.cell("ads").outcome == "passed"


def test_time_at_a_check_counts_from_the_last_pass():
    events = [at(), event("login", 10), claim(40, ads="passed"), claim(100, others="passed")]
    state = fold(events, COURSE)
    assert state.took == {("access", "ads"): [30.0], ("access", "others"): [60.0]}
    assert state.seats["student1"].since == START + 100


def test_passing_the_same_again_is_no_progress():
    found = seat(at(), event("login"), claim(5, ads="passed"), claim(50, ads="passed"))
    assert (found.since, found.tries) == (START + 5, 1)


def test_another_lesson_begins_after_a_break():
    late = BREAK + 200
    events = [at(), event("login"), claim(10, ads="passed"), event("hand", 20, up=True)]
    state = fold([*events, event("login", late, "student2")], COURSE)
    assert state.seats["student1"].since is None
    assert state.seats["student1"].hand is None
    apply(state, event("login", late + 5))
    assert state.seats["student1"].since == START + late + 5
    assert state.seats["student1"].cell("ads").outcome == "passed"


def test_a_check_of_the_teachers_says_nothing_of_who_sits_there_where_there_is_a_gate():
    through_a_gate = [at(), event("login", 1, "student2"), verified(2, ads="failed")]
    assert seat(*through_a_gate).since is None
    assert seat(at(), verified(2, ads="failed")).since == START + 2


def test_a_hand_goes_up_once_and_down():
    found = seat(event("hand", 1, up=True), event("hand", 9, up=True))
    assert found.hand == START + 1
    assert seat(event("hand", 1, up=True), event("hand", 2, up=False)).hand is None


def test_an_order_on_all_is_no_seat():
    state = fold([event("order", machine="all", order="1", action="recheck")], COURSE)
    assert state.seats == {}
    assert state.everybody.orders["1"].action == "recheck"


KINDS = st.one_of(
    st.builds(claim, st.floats(0, 9000), st.sampled_from(["student1", "student2"]),
              ads=st.sampled_from(["passed", "failed"]), others=st.just("failed")),
    st.builds(verified, st.floats(0, 9000), header=st.sampled_from(["passed", "failed"])),
    st.builds(at, st.floats(0, 9000), st.sampled_from(["access", "mail", "gone"])),
    st.builds(event, st.sampled_from(["login", "logout", "active"]), st.floats(0, 9000)),
    st.builds(event, st.just("hand"), st.floats(0, 9000), up=st.booleans()),
)  # fmt: skip


@given(st.lists(KINDS, max_size=20), st.integers(0, 20))
def test_a_state_is_the_same_from_the_file_and_in_two_parts(events, cut):
    whole = fold(events, COURSE)
    state = fold(events[:cut], COURSE)
    for each in events[cut:]:
        apply(state, each)
    assert state == whole
    assert fold([event_of(line_of(each)) for each in events], COURSE) == whole
    assert isinstance(whole, State)
