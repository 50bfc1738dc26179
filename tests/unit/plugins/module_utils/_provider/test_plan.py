from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._provider import plan as docker
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import Container, Machine


def machine(name, release="12"):
    return Machine(name, f"maillab/machine:{release}", release, "172.30.177.11")


def container(name, lab="maillab", release="12", running=True):
    labels = {docker.LABEL_LAB: lab, docker.LABEL_RELEASE: release}
    return Container(name, {key: value for key, value in labels.items() if value}, running)


SUBNET = "172.30.177.0/24"


def at(name, last):
    address = f"172.30.177.{last}" if isinstance(last, int) else last
    return Machine(name, "maillab/machine:12", "12", address)


ONE, TWO = machine("maillab-student1"), machine("maillab-student2")

PLANS = {
    # found, and what is to be created, started and kept
    "nothing there": ([], ["maillab-student1", "maillab-student2"], [], []),
    "one there": ([container(ONE.name)], [TWO.name], [], [ONE.name]),
    "one stopped": ([container(ONE.name, running=False)], [TWO.name], [ONE.name], []),
    "all there": ([container(TWO.name), container(ONE.name)], [], [], [ONE.name, TWO.name]),
    # Others are left alone, those of the lab that are no longer wanted too.
    "others": (
        [container("x", lab=""), container("y", lab="other"), container("maillab-student3")],
        [ONE.name, TWO.name],
        [],
        [],
    ),
}


@pytest.mark.parametrize(("found", "create", "start", "keep"), PLANS.values(), ids=PLANS)
def test_what_must_happen_so_that_the_machines_run(found, create, start, keep):
    plan = docker.plan_present("maillab", [ONE, TWO], found)
    assert [each.name for each in plan.create] == create
    assert (plan.start, plan.keep) == (start, keep)
    assert plan.changed is bool(create or start)


PORTS = {
    # what is published, what is asked for, and whether anything is to be done
    "none": ({}, {}, False),
    "the same": ({"2222": 22}, {"2222": 22}, False),
    "another of the host": ({"2222": 22}, {"2022": 22}, True),
    "another of the machine": ({"2222": 22}, {"2222": 25}, True),
    "one more": ({}, {"2222": 22}, True),
    "one less": ({"2222": 22, "8443": 443}, {"2222": 22}, True),
}


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize(("found", "asked", "differs"), PORTS.values(), ids=PORTS)
def test_a_machine_that_publishes_other_ports_is_found(found, asked, differs, running):
    there = replace(container(ONE.name, running=running), published_ports=found)
    plan = docker.plan_present("maillab", [replace(ONE, published_ports=asked)], [there])
    assert [each.name for each in plan.publish] == ([ONE.name] if differs else [])
    assert plan.published == ({ONE.name: found} if differs else {})
    assert plan.changed is (differs or not running)


REFUSED = {
    "foreign": (
        container(ONE.name, lab=""),
        "a container named maillab-student1 exists already and is not a machine of the lab",
    ),
    "foreign, stopped": (container(ONE.name, lab="", running=False), "docker rm -f maillab-"),
    "of another lab": (container(ONE.name, lab="salle"), "give the lab another name"),
    "other release": (
        container(ONE.name, release="13"),
        "maillab-student1 runs Debian 13, not 12: keep that release",
    ),
    "unknown release": (container(ONE.name, release=""), "runs Debian None, not 12"),
}


@pytest.mark.parametrize(("found", "words"), REFUSED.values(), ids=REFUSED)
def test_a_container_that_is_no_such_machine_is_never_replaced(found, words):
    with pytest.raises(ConfigError) as caught:
        docker.plan_present("maillab", [TWO, ONE], [container(TWO.name), found])
    assert words in str(caught.value)


def test_only_the_labs_machines_are_removed():
    found = [
        container("maillab-student2"),
        container("maillab-student1", running=False),
        container("salle-student1", lab="salle"),
        container("maillab-student3", lab=""),
    ]
    assert docker.plan_absent("maillab", found) == ["maillab-student1", "maillab-student2"]
    assert docker.plan_absent("none", found) == []


HOMES = {
    # found, and the container that the homes come from
    "as usual": ([ONE.name], ONE.name),
    "no container": ([], None),
    "interrupted before the new one was made": ([f"{ONE.name}-before"], f"{ONE.name}-before"),
    "interrupted after it": ([ONE.name, f"{ONE.name}-before"], f"{ONE.name}-before"),
}


@pytest.mark.parametrize(("found", "source"), HOMES.values(), ids=HOMES)
def test_homes_come_from_the_machine_that_the_student_had(found, source):
    homes = docker.plan_recreated("maillab", [ONE], [container(name) for name in found])
    assert homes.get(ONE.name) == source


@pytest.mark.parametrize("name", [ONE.name, f"{ONE.name}-before"])
def test_a_container_of_somebody_else_is_not_made_anew(name):
    with pytest.raises(ConfigError, match="is not a machine of the lab"):
        docker.plan_recreated("maillab", [ONE], [container(name, lab="other")])


IMPOSSIBLE = {
    "lab": ("x/../y", SUBNET, [], "lab: found 'x/../y'; write letters"),
    "subnet": ("maillab", "foo", [], "subnet: found 'foo' (Expected 4 octets in 'foo'); write an"),
    "name": ("maillab", SUBNET, [at("Student_1!", 11)], "machines.name: found 'Student_1!'; write"),
    "no address": (
        "maillab",
        SUBNET,
        [at("one", "x")],
        "one: address: found 'x'; write an address",
    ),
    "elsewhere": (
        "maillab",
        SUBNET,
        [at("one", "10.9.0.1")],
        "write an address of 172.30.177.0/24",
    ),
    "gateway": ("maillab", SUBNET, [at("one", 1)], "172.30.177.1 is the gateway's already"),
    "twice": ("maillab", SUBNET, [at("one", 11), at("two", 11)], "172.30.177.11 is one's already"),
}


@pytest.mark.parametrize(("lab", "subnet", "wanted", "words"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_is_said_before_anything_is_made(lab, subnet, wanted, words):
    with pytest.raises(ConfigError) as caught:
        docker.refuse_impossible(lab, subnet, wanted)
    assert words in str(caught.value)


def test_what_can_be_is_not_refused():
    docker.refuse_impossible("maillab", SUBNET, [at("student1", 11), at("student2", 12)])
