"""The lab is broken and reset: see tests/support/reset_lab.py."""

import pytest

pytest_plugins = ["tests.support.lab", "tests.support.reset_lab"]


@pytest.fixture(scope="session")
def rights():
    """As on a machine of one's own: who is root there can mount and change the network too."""
    return {"docker_capabilities": ["MKNOD", "NET_ADMIN", "NET_RAW", "SYS_ADMIN"]}


@pytest.fixture(scope="session")
def lab(course):
    """The lab, by the name that it has in these tests."""
    return course


@pytest.fixture(scope="session")
def fresh(lab):
    """What each machine is when it was provisioned afresh."""
    code, output = lab.reset("processes", "recreate")
    assert code == 0, output
    assert set(lab.came_from().values()) == {"site"}
    return lab.look()
