"""A lab for a lesson, brought up and taken down by the teacher's commands."""

import pytest

from tests.support.lab import Lab

pytest_plugins = ["tests.support.lab"]

SUBNET = "172.30.189.0/24"


@pytest.fixture(scope="session")
def lesson(copy):
    """The lab of three students, which is taken down at the end."""
    lab = Lab(copy, "lesson", SUBNET)
    lab.make("down", *lab.own)
    lab.up("STUDENTS=3")
    yield lab
    lab.make("down", *lab.own)
