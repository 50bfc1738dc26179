"""What students try as root of their machines gets nowhere; without the wall in its way it does."""

import pytest

from tests.support.escape_lab import ATTEMPTS, WALLS


def test_every_attempt_names_a_wall():
    assert len(ATTEMPTS) >= 64
    assert {attempt["wall"] for attempt in ATTEMPTS.values()} == set(WALLS)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_attempt_gets_nowhere(lab, checkouts, name):
    assert not lab.attempt(name, checkouts())


@pytest.mark.parametrize("name", [name for name, each in ATTEMPTS.items() if WALLS[each["wall"]]])
def test_it_gets_through_where_the_wall_is_away(lab, checkouts, name):
    wall = ATTEMPTS[name]["wall"]
    machines = lab.opens_machines(wall)
    folder = checkouts(None if machines else wall)
    try:
        if machines:
            lab.take_away(wall, folder)
        assert lab.attempt(name, folder, open_walls=True)
    finally:
        lab.put_back(wall)
