"""What the tests of every scenario share."""

import pytest


@pytest.fixture
def variables(host):
    """The inventory's variables of the machine under test."""
    return host.ansible.get_variables()


@pytest.fixture
def address(variables):
    """The address at which anybody outside the machine reaches it."""
    return variables["ansible_host"]
