"""A lab with hostile machines of each Debian release and an honest one, and checkouts to attack."""

import shutil

import pytest

from tests.support.escape_lab import ATTEMPTS, Escape, link_collection
from tests.support.lab import copy_checkout

pytest_plugins = ["tests.support.lab"]

SUBNET = "172.30.188.0/24"


@pytest.fixture(scope="session")
def lab(copy):
    """The lab, which is taken down at the end."""
    lab = Escape(copy, "escape", SUBNET)
    lab.make("down", *lab.own)
    lab.up_on_each_release(students=3)
    with lab.open_host():
        yield lab
    lab.make("down", *lab.own)


@pytest.fixture(scope="session")
def checkouts(lab, tmp_path_factory):
    """Return a function that gives a checkout, whole or without a wall."""
    made = {}

    def checkout(wall=None):
        if wall not in made:
            folder = tmp_path_factory.mktemp(f"without-{wall}" if wall else "whole")
            copy_checkout(folder)
            shutil.copytree(lab.folder / ".keys", folder / ".keys")
            link_collection(folder)
            made[wall] = folder
            if wall and not lab.opens_machines(wall):
                lab.take_away(wall, folder)
        return made[wall]

    return checkout


def pytest_terminal_summary(terminalreporter):
    """Count the attempts, those that got nowhere, and those that do where the wall is away."""
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", [])]
    nowhere, through = (
        sum(f"::{name}[" in each for each in passed)
        for name in ("test_an_attempt_gets_nowhere", "test_it_gets_through_where_the_wall_is_away")
    )
    terminalreporter.write_line(
        f"COUNTED {len(ATTEMPTS)} attempts on two releases: {nowhere} got nowhere, "
        f"{through} got through without their wall"
    )
