"""A lab whose students have the whole chain of filters, on each Debian release."""

import pytest

from tests.support.lab import Lab

pytest_plugins = ["tests.support.lab"]

SUBNET = "172.30.188.0/24"

NAMES = {
    "scan_port": 10025,
    "return_port": 10026,
    "final_port": 10027,
    "clamd_port": 3320,
    "spamd_port": 7830,
    "client_service": "toscan",
    "antispam_service": "tomark",
    "antispam_program": "/usr/local/sbin/marker",
    "antispam_user": "marker",
    "antispam_uid": 790,
    "cleanup_service": "marked",
    "mark_table": "marks",
}
"""None as in the course: the second machine shows that a chain works with any."""

STUDENTS = {
    "student1": {"filter_chain": "antispam"},
    "student2": {"filter_chain": "antispam", "filter_chain_settings": NAMES},
}


@pytest.fixture(scope="session")
def chain(copy):
    """The lab, which is taken down at the end."""
    lab = Lab(copy, "chain", SUBNET)
    lab.make("down", *lab.own)
    lab.up_on_each_release(**STUDENTS)
    yield lab
    lab.make("down", *lab.own)
