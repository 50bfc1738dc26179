"""What the tests of every scenario share: the machine's address, and mail dialogues from outside."""

import pytest


@pytest.fixture
def variables(host):
    """The inventory's variables of the machine under test."""
    return host.ansible.get_variables()


@pytest.fixture
def address(variables):
    """The address at which anybody outside the machine reaches it."""
    return variables["machine_address"]
