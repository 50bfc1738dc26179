"""A lab on each engine whose machines are unprivileged; ENGINE=lxd is that one alone."""

import os

import pytest

from tests.support.lab import Lab

pytest_plugins = ["tests.support.lab"]

SUBNETS = {"incus": "172.30.192.0/24", "lxd": "172.30.193.0/24"}
ASKED = os.environ.get("ENGINE", "")


@pytest.fixture(scope="module", params=[ASKED] if ASKED in SUBNETS else list(SUBNETS))
def lab(copy, request):
    """A lab on the engine, which is taken down at the end."""
    lab = Lab(copy, f"{request.param}test", SUBNETS[request.param], request.param)
    lab.make("down", *lab.own)
    yield lab
    lab.make("down", *lab.own)
