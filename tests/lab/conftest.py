"""A lab for the tests of the README's commands."""

import pytest

from tests.support.lab import Lab

pytest_plugins = ["tests.support.lab"]


@pytest.fixture(scope="module")
def lab(copy):
    """A lab that is taken down at the end, whatever the tests left of it."""
    lab = Lab(copy, "labtest", "172.30.179.0/24")
    lab.make("down", *lab.own)
    yield lab
    lab.make("down", *lab.own)
