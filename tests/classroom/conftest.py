"""A class of two that is open on Docker, where its students are declared to be trusted."""

import pytest

from tests.support.classroom import Room, free_port

pytest_plugins = ["tests.support.lab"]

SUBNET = "172.30.194.0/24"


@pytest.fixture(scope="session")
def lab(copy):
    """A lab of two students, which is taken down at the end."""
    lab = Room(copy, "classroom", SUBNET)
    lab.make("down", *lab.own)
    lab.up("STUDENTS=2")
    yield lab
    lab.make("down", *lab.own)


@pytest.fixture(scope="session")
def refused(lab):
    """What is said where nobody says that students are trusted."""
    return lab.command("class")


@pytest.fixture(scope="session")
def room(lab, refused):
    """The lab, with its class open."""
    lab.open(free_port())
    return lab


@pytest.fixture(scope="session")
def students(room, tmp_path_factory):
    """The students, each with the own card."""
    return [
        room.student(number, tmp_path_factory.mktemp(f"student{number}"), room.card(number))
        for number in (1, 2)
    ]


@pytest.fixture
def student(students):
    """The first of them, who attacks."""
    return students[0]


@pytest.fixture
def other(students):
    """The second."""
    return students[1]
