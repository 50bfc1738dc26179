"""A daemon in memory, and an engine that speaks with it."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._incus import engine as incus
from ansible_collections.labs.mail.plugins.module_utils._incus.api import Endpoint
from ansible_collections.labs.mail.plugins.module_utils._incus.definition import Place
from ansible_collections.labs.mail.plugins.module_utils._incus.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._provider import walls
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import Machine
from tests.support.fake_incus import Daemon

IMAGE = "maillab/machine:12"
PLACE = Place("172.30.177.0/24", "172.31.248.1/29")


@pytest.fixture
def daemon(tmp_path):
    daemon = Daemon(tmp_path)
    daemon.aliases[IMAGE] = "fingerprint"
    yield daemon
    daemon.stop()


@pytest.fixture
def lab(daemon, monkeypatch):
    """An engine whose walls are not built."""
    monkeypatch.setattr(walls, "remove", lambda *_which: None)
    monkeypatch.setattr(incus.walls, "build", lambda *_which, **_how: None)
    return Engine(Endpoint(daemon.socket), "maillab", PLACE)


@pytest.fixture
def student():
    return Machine(
        "maillab-student1",
        IMAGE,
        "12",
        "172.30.177.11",
        state_image="maillab/state:maillab-student1.queues.start-0123",
        hostname="student1",
    )


@pytest.fixture
def running(daemon, lab, student):
    """A lab with a student's machine that runs."""
    lab.create_network(lab.missing_network(PLACE.subnet, internal=True))
    lab.start([student], [], {"/root/.ssh/authorized_keys": "key\n"})
    daemon.asked.clear()
    return student
