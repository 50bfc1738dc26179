"""A lab with a machine of each Debian release, which is broken and reset."""

import pytest

from tests.support.reset_lab import Reset

pytest_plugins = ["tests.support.lab"]

SUBNET = "172.30.186.0/24"

WHOLE = {"docker_capabilities": ["MKNOD", "NET_ADMIN", "NET_RAW", "SYS_ADMIN"]}
"""As on a machine of one's own: who is root there can mount and change the network too."""


@pytest.fixture(scope="session")
def lab(copy):
    """The lab, which is taken down at the end."""
    lab = Reset(copy, "reset", SUBNET)
    lab.make("down", *lab.own)
    lab.up_on_each_release(student1=WHOLE, student2=WHOLE)
    yield lab
    lab.make("down", *lab.own)


@pytest.fixture(scope="session")
def fresh(lab):
    """What each machine is when it was provisioned afresh."""
    code, output = lab.reset("processes", "recreate")
    assert code == 0, output
    assert set(lab.came_from().values()) == {"site"}
    return lab.look()
