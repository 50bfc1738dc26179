"""Whatever was done to a machine, a reset makes it what a fresh one is, by either way."""

import pytest

from tests.reset.conftest import SABOTAGES, differences

REACHABLE = [name for name, known in SABOTAGES.items() if isinstance(known, str)]
UNREACHABLE = [name for name in SABOTAGES if name not in REACHABLE]


def assert_as_fresh(lab, fresh):
    """See that each machine is what it was when it was fresh."""
    for machine, seen in lab.look().items():
        assert not differences(seen, fresh[machine]), machine
        assert seen["digest"] == fresh[machine]["digest"], machine


def test_there_are_enough_ways_to_break_a_machine():
    assert len(SABOTAGES) >= 60


@pytest.mark.parametrize("name", REACHABLE)
def test_converging_mends(lab, fresh, name):
    lab.sabotage(name)
    broken = lab.look()
    assert all(seen["digest"] != fresh[machine]["digest"] for machine, seen in broken.items())
    code, output = lab.reset("processes", "converge")
    assert code == 0, output
    assert_as_fresh(lab, fresh)


@pytest.mark.parametrize("name", UNREACHABLE)
def test_what_converging_cannot_mend_is_said_and_recreating_does(lab, fresh, name):
    known = lab.sabotage(name)
    code, output = lab.reset("processes", "converge")
    assert code != 0
    for student in ("student1", "student2"):
        assert f"{student} cannot be reset by converging" in output
    assert known["unreachable"] in output.lower()
    code, output = lab.reset("processes", "recreate")
    assert code == 0, output
    assert "Install Postfix" not in output
    assert_as_fresh(lab, fresh)


@pytest.mark.parametrize("name", REACHABLE)
def test_recreating_mends(lab, fresh, name):
    lab.sabotage(name)
    code, output = lab.reset("processes", "recreate")
    assert code == 0, output
    assert_as_fresh(lab, fresh)
