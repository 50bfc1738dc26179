"""A lab whose students have the whole chain of filters, on each Debian release."""

import pytest

from tests.lab.conftest import Lab

pytest_plugins = ["tests.lab.conftest"]

SUBNET = "172.30.188.0/24"


@pytest.fixture(scope="session")
def chain(copy):
    """The lab, which is taken down at the end."""
    lab = Lab(copy, "chain", SUBNET)
    lab.make("down", *lab.own)
    variables = copy / "inventories" / "containers" / "host_vars"
    (variables / "student1.yml").write_text("---\nfilter_chain: antispam\n")
    (variables / "student2.yml").write_text('---\nfilter_chain: antispam\ndebian: "13"\n')
    lab.up("STUDENTS=2")
    yield lab
    lab.make("down", *lab.own)
