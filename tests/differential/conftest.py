"""The fixtures of the tests against the real Postfix: ``machine`` runs a test on each release.

With MOLECULE_DEBIAN=13 in the environment it runs them on that one alone.
"""

from __future__ import annotations

import concurrent.futures
import os
import random
import uuid

import docker
import pytest

from tests.differential.machines import PACKAGES, PYTHONPATH, Machine
from tests.support.amounts import LONG, many

RELEASES = [release for release in ("12", "13") if os.environ.get("MOLECULE_DEBIAN", "") in release]
LIFE_SECONDS = 4 * 3600
"""A machine ends by itself after this time, should the tests be killed."""


@pytest.fixture(scope="session")
def machines():
    """A machine of each release, by the release's number; both are made at once."""
    client = docker.from_env(timeout=many(600))
    run = uuid.uuid4().hex[:8]
    containers = {}

    def start(release: str) -> Machine:
        container = client.containers.run(
            f"maillab/machine:{release}",
            ["sleep", str(LIFE_SECONDS)],
            name=f"differential-{release}-{run}",
            detach=True,
            init=True,
            auto_remove=True,
            # What it takes to give a command a network of its own (unshare).
            cap_add=["SYS_ADMIN", "NET_ADMIN"],
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        )
        containers[release] = container
        install = (
            "apt-get update -qq && DEBIAN_FRONTEND=noninteractive"
            f" apt-get install -y -qq --no-install-recommends {' '.join(PACKAGES)}"
        )
        code, output = container.exec_run(["sh", "-c", install])
        assert code == 0, output.decode()
        return Machine(release, container)

    try:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            yield dict(zip(RELEASES, pool.map(start, RELEASES)))
    finally:
        for container in containers.values():
            container.remove(force=True)


@pytest.fixture(scope="session", params=RELEASES, ids=lambda release: f"debian{release}")
def machine(request, machines):
    """The machine of one release; a test that takes it runs on each."""
    return machines[request.param]


@pytest.fixture(scope="session")
def collection(machine):
    """The path, in the machine, at which Python finds the collection's modules and engines."""
    machine.push_collection()
    return PYTHONPATH


@pytest.fixture(scope="session")
def seed():
    """The seed of made-up cases: the same in every run, another one in each long run."""
    return random.SystemRandom().getrandbits(32) if LONG else 1
