"""Machines on the members of a cluster, and what is done where one of these is silent."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._incus import api, cluster, recreate
from ansible_collections.labs.mail.plugins.module_utils._incus import engine as incus
from ansible_collections.labs.mail.plugins.module_utils._incus.api import Endpoint
from ansible_collections.labs.mail.plugins.module_utils._incus.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError

from .conftest import PLACE


@pytest.fixture(autouse=True)
def no_walls(monkeypatch):
    monkeypatch.setattr(incus.walls, "remove", lambda *_which: None)


@pytest.fixture
def hosts(daemon):
    daemon.members = dict.fromkeys("abc", cluster.ONLINE)
    return daemon


@pytest.fixture
def spread(hosts):
    """An engine that is a member, as a run of the module asks it."""

    def spread(**options):
        return Engine(Endpoint(hosts.socket), "maillab", PLACE, **options)

    return spread


@pytest.fixture
def students(student):
    return [
        dataclasses.replace(student, name=f"maillab-student{n}", address=f"172.30.177.{10 + n}")
        for n in range(1, 7)
    ]


def up(lab, machines):
    lab.create_network(lab.missing_network(PLACE.subnet, internal=True))
    lab.start(machines, [], {})
    return lab.places()


LOADS = {
    "nobody is there": ({}, "a"),
    "the first of the emptiest": ({"1": "a"}, "b"),
    "a machine of another lab's member": ({"1": "a", "2": "b"}, "c"),
    "all alike": ({"1": "a", "2": "b", "3": "c"}, "a"),
    "one is far behind": ({"1": "a", "2": "a", "3": "b", "4": "b"}, "c"),
    "one that takes none": ({"1": "z"}, "a"),
}


@pytest.mark.parametrize(("places", "wanted"), LOADS.values(), ids=LOADS)
def test_a_machine_goes_where_the_fewest_are(places, wanted):
    assert cluster.fewest(["a", "b", "c"], places) == wanted


def test_a_daemon_alone_is_told_no_target(daemon, lab, student):
    up(lab, [student])
    assert not lab.members
    assert daemon.targets == {}


def test_new_machines_are_spread_and_stay_where_they_are(hosts, spread, students):
    places = up(spread(), students[:4])
    assert sorted(places.values()).count("a") == 2
    assert set(places.values()) == {"a", "b", "c"}
    more = up(spread(), students[4:])
    assert {name: more[name] for name in places} == places
    assert [list(more.values()).count(each) for each in "abc"] == [2, 2, 2]


def test_where_a_host_is_evacuated_its_machines_go_to_others(daemon, spread, student):
    assert spread().settings(student)["config"]["cluster.evacuate"] == "migrate"
    daemon.members.clear()
    assert "cluster.evacuate" not in spread().settings(student)["config"]


def test_the_network_has_no_address_on_any_host_and_each_its_link(hosts, spread, students):
    up(spread(), students[:1])
    bridge = spread().names.bridge
    assert sorted(hosts.targets[bridge]) == ["a", "b", "c"]
    config = hosts.things["networks"][bridge]["config"]
    assert (config["ipv4.address"], config["bridge.mtu"]) == ("none", "1450")
    assert spread().missing_network(PLACE.subnet, internal=True) == []
    with pytest.raises(EngineError, match="has the network 172.30.177.0/24 already"):
        spread().missing_network("10.0.0.0/24", internal=True)


def test_a_network_that_was_half_created_is_completed(hosts, spread):
    lab = spread()
    missing = lab.missing_network(PLACE.subnet, internal=True)
    lab.members.announce(missing[1][1]["name"], PLACE.link)
    again = spread().missing_network(PLACE.subnet, internal=True)
    assert [each["name"] for _path, each in again][:2] == ["maillab", lab.names.bridge]
    spread().create_network(again)
    assert spread().missing_network(PLACE.subnet, internal=True) == []


def test_no_host_of_a_cluster_passes_packets_on(spread):
    with pytest.raises(ConfigError, match="no host of a cluster passes on"):
        spread().missing_network(PLACE.subnet, internal=False)


@pytest.fixture
def bereft(hosts, spread, students):
    """A lab of which one member is silent, and which of its machines were there."""
    places = up(spread(), students)
    hosts.members["b"] = cluster.OFFLINE
    hosts.asked.clear()
    return [name for name, place in places.items() if place == "b"]


def test_machines_of_a_silent_host_are_lost_and_no_others(bereft, spread):
    assert [each.name for each in spread().containers() if each.lost] == bereft
    assert not any(each.running for each in spread().containers() if each.lost)


def test_a_silent_host_takes_no_new_machine(hosts, bereft, spread, students):
    new = dataclasses.replace(students[0], name="maillab-late", address="172.30.177.99")
    assert up(spread(), [new])["maillab-late"] in "ac"


def test_what_is_lost_is_replaced_only_where_that_is_asked_for(hosts, bereft, spread, students):
    lab = spread(given_up=["b"])
    assert not {each.name for each in lab.containers()} & set(bereft)
    places = up(lab, [each for each in students if each.name in bereft])
    assert set(places.values()) == {"a", "c"}
    assert len(places) == len(students)
    assert list(hosts.members) == ["a", "c"]
    assert "DELETE /cluster/members/b" in hosts.asked


def test_a_member_that_answers_is_never_given_up(hosts, bereft, spread, students):
    hosts.members["b"] = cluster.ONLINE
    lab = spread(given_up=["a", "b"])
    assert {each.name for each in lab.containers()} == {each.name for each in students}
    lab.remove([each.name for each in lab.containers()])
    assert list(hosts.members) == ["a", "b", "c"]


def test_nothing_is_evicted_where_nothing_is_created(hosts, bereft, spread):
    spread(given_up=["b"]).start([], [], {})
    assert hosts.asked == []


def test_a_lab_with_a_silent_host_is_not_removed_by_halves(hosts, bereft, spread):
    with pytest.raises(
        EngineError, match="b does not answer.*take it out: incus cluster remove b --force"
    ):
        spread().remove([])
    assert hosts.asked == []
    lab = spread(given_up=["b"])
    lab.remove([each.name for each in lab.containers()])
    assert hosts.instances == {}


def test_a_member_that_has_just_died_is_removed_once_the_cluster_can(
    hosts, bereft, spread, monkeypatch
):
    monkeypatch.setattr(api, "PAUSE_SECONDS", 0)
    hosts.refuse["DELETE /cluster"] = ["Missing event connection with target cluster member"] * 3
    lab = spread(given_up=["b"])
    lab.remove([each.name for each in lab.containers()])
    assert list(hosts.members) == ["a", "c"]


def test_where_most_members_are_silent_it_is_one_plain_sentence(hosts, spread, monkeypatch):
    monkeypatch.setattr(api, "RETRY_SECONDS", 0)
    lab = spread()
    hosts.refuse["GET /projects"] = ["no available cowsql leader server found"]
    with pytest.raises(EngineError, match="^most hosts of the cluster do not answer") as caught:
        lab.containers()
    assert "machines that run go on" in str(caught.value)


def test_a_recreated_machine_stays_on_its_host(hosts, spread, students):
    places = up(spread(), students)
    hosts.aliases[students[1].image] = "newer"
    lab = spread()
    homes = {each.name: each.name for each in students}
    recreate.recreate(lab, students, homes, {}, None)
    assert lab.places() == places


def test_sshd_is_waited_for_on_the_machines_themselves(hosts, spread, students):
    lab = spread()
    up(lab, students[:1])
    hosts.outcome = (0, b"SSH-2.0-OpenSSH_9.2")
    lab.wait_for_sshd({students[0].name: students[0].address}, 5)
    assert "/dev/tcp/127.0.0.1/22" in hosts.commands[-1]["command"][-1]
    hosts.outcome = (1, b"bash: connect: Connection refused")
    with pytest.raises(EngineError, match="within 0 s: maillab-student1: .*Connection refused"):
        lab.wait_for_sshd({students[0].name: students[0].address}, 0)
