"""A host that dies: its machines come up elsewhere, at the start of their exercise."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._incus.api import Endpoint
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from launcher import cluster, cluster_hosts, inventory, playbook, positions
from launcher.positions import Position
from launcher.settings import Settings
from tests.support.fake_incus import Daemon

LAB = Settings(students=2, engine="incus", hosts="root@host1 root@host2 root@host3")
HOSTS = cluster_hosts.of(LAB.hosts)


@pytest.fixture
def daemon(tmp_path):
    daemon = Daemon(tmp_path)
    daemon.members = dict.fromkeys(("host1", "host2", "host3"), "Online")
    label = {"user.labs.mail.lab": LAB.lab}
    daemon.things["projects"][LAB.lab] = {"name": LAB.lab, "config": label}
    for number, name in enumerate(("world", "student1", "student2"), start=1):
        machine = {"name": f"{LAB.lab}-{name}", "config": label, "devices": {}}
        daemon.instances[machine["name"]] = {
            **machine,
            "status": "Running",
            "location": f"host{number}",
        }
    yield daemon
    daemon.stop()


@pytest.fixture
def provider(daemon):
    return cluster.Provider("incus", Endpoint(daemon.socket))


def test_the_machines_of_a_dead_host_begin_their_exercise_again(hosts, daemon, provider, console):
    reached = Position("queues", "solution")
    positions.write(dict.fromkeys(("world", "student1", "student2"), reached))
    daemon.members["host2"] = "Offline"
    assert cluster.give_up(LAB, provider, [HOSTS[1]], console) == ["student1"]
    assert "host2 does not answer: student1 come up on other hosts" in console.text
    known = positions.read()
    assert known["student1"] == Position("queues", "start", lab_reached=False)
    assert known["student2"] == known["world"] == reached


def test_a_world_that_is_lost_is_configured_again(hosts, daemon, provider, console):
    positions.write(dict.fromkeys(("world", "student1"), Position("queues", "start")))
    daemon.members["host1"] = "Offline"
    assert cluster.give_up(LAB, provider, [HOSTS[0]], console) == ["world"]
    assert "world" not in positions.read()


def test_a_dead_host_without_machines_is_only_told(hosts, daemon, provider, console):
    del daemon.instances["maillab-student2"]
    daemon.members["host3"] = "Offline"
    assert cluster.give_up(LAB, provider, [HOSTS[2]], console) == []
    assert "host3 does not answer." in console.text


def test_a_host_that_the_others_still_see_loses_nothing(
    hosts, daemon, provider, console, monkeypatch
):
    monkeypatch.setattr(cluster, "SILENCE_SECONDS", 0)
    with pytest.raises(EngineError, match="host2 does not answer to ssh, but to the other hosts"):
        cluster.give_up(LAB, provider, [HOSTS[1]], console)
    assert daemon.asked == []


def test_where_the_world_is_the_lab_is_reached(hosts, provider):
    cluster.write_way_in(LAB, provider)
    assert inventory.way_in()[1].endswith("root@host1")


@pytest.fixture
def ran(monkeypatch):
    """Which hosts the playbook was run on."""
    ran = []
    monkeypatch.setattr(playbook, "run", lambda name, limit, inventory: ran.append((name, limit)))
    monkeypatch.setattr(cluster_hosts, "resolved", lambda name: "192.0.2.1")
    return ran


def test_hosts_that_answer_are_made_a_cluster_and_the_others_told(hosts, ran, console, monkeypatch):
    monkeypatch.setattr(cluster_hosts, "answering", lambda found: found[:2])
    assert cluster.prepare(LAB, console) == [HOSTS[2]]
    assert ran == [("cluster", ["host1", "host2"])]
    assert console.text == ""


def test_of_two_hosts_it_is_said_what_one_means(hosts, ran, console, monkeypatch):
    monkeypatch.setattr(cluster_hosts, "answering", lambda found: found)
    two = Settings(engine="incus", hosts="root@host1 root@host2")
    assert cluster.prepare(two, console) == []
    assert "where host1 dies, nothing can be created" in " ".join(console.text.split())


def test_where_no_host_answers_it_is_one_sentence(hosts, ran, console, monkeypatch):
    monkeypatch.setattr(cluster_hosts, "answering", lambda found: [])
    with pytest.raises(EngineError, match="none of the hosts host1, host2, host3 answers to ssh"):
        cluster.prepare(LAB, console)
    assert ran == []
