"""A class of two that is open on Docker, where its students are declared to be trusted."""

import os

import pytest

from tests.support.classroom import Room, free_port

pytest_plugins = ["tests.support.lab"]

SUBNET = "172.30.194.0/24"
STUDENTS = int(os.environ.get("CLASS_STUDENTS", "2"))


@pytest.fixture(scope="session")
def lab(copy):
    """A lab of two students, which is taken down at the end.

    With MOLECULE_DEBIAN=12 in the environment its machines have that release, and with
    CLASS_STUDENTS=10 there are so many: test_cut.py has 30 tabs and more then.
    """
    lab = Room(copy, "classroom", SUBNET)
    lab.make("down", *lab.own)
    lab.up(f"STUDENTS={STUDENTS}", f"DEBIAN={os.environ.get('MOLECULE_DEBIAN') or '13'}")
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
        for number in range(1, STUDENTS + 1)
    ]


@pytest.fixture
def student(students):
    """The first of them, who attacks."""
    return students[0]


@pytest.fixture
def other(students):
    """The second."""
    return students[1]


ATTACKS = (
    "test_attacks.py::",
    "test_page_attacks.py::",
    "::test_what_a_machine_prints_does_nothing",
)


def pytest_terminal_summary(terminalreporter):
    """Print the figures of tests that passed, and how many attacks there were."""
    for report in terminalreporter.stats.get("passed", []):
        for line in report.capstdout.splitlines():
            if line.startswith("COUNTED"):
                terminalreporter.write_line(line)
    withstood, succeeded = (
        sum(any(name in report.nodeid for name in ATTACKS) for report in found)
        for found in (terminalreporter.stats.get(each, []) for each in ("passed", "failed"))
    )
    if withstood or succeeded:
        terminalreporter.write_line(
            f"COUNTED {withstood + succeeded} attacks on gate and page: {succeeded} succeeded"
        )
