"""What a lab is in terms of the API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._incus import definition
from ansible_collections.labs.mail.plugins.module_utils._incus.definition import Names, Place
from ansible_collections.labs.mail.plugins.module_utils._provider.limits import Limits

NAMES = Names("maillab")
PLACE = Place("172.30.177.0/24", "172.31.248.1/29")


def made(student, place=PLACE, limits=None):
    return definition.machine(NAMES, student, place, limits or Limits())


def test_names_of_bridges_are_short_enough_and_of_one_lab():
    longest = Names("x" * 50)
    assert max(len(longest.bridge), len(longest.uplink)) <= 15
    assert len({NAMES.bridge, NAMES.uplink, longest.bridge, longest.uplink}) == 4


def test_the_engines_own_project_is_no_lab():
    with pytest.raises(ConfigError, match="a lab cannot be called default here"):
        definition.project(Names("default"))


def test_machines_are_nobody_on_the_host_and_stay_so():
    config = definition.project(NAMES)["config"]
    assert config["restricted"] == "true"
    assert config["restricted.containers.privilege"] == "isolated"
    assert "restricted.containers.nesting" not in config  # It is blocked where nothing is said.


def test_a_student_has_one_address_and_can_take_no_other(student):
    settings = made(student)
    assert settings["config"]["security.idmap.isolated"] == "true"
    assert settings["config"]["raw.lxc"] == "lxc.net.0.ipv4.address = 172.30.177.11/24"
    nic = settings["devices"]["eth0"]
    assert nic["security.mac_filtering"] == nic["security.ipv4_filtering"] == "true"
    assert nic["ipv4.address"] == "172.30.177.11"
    assert nic["hwaddr"] == "10:66:6a:1e:b1:0b"
    assert set(settings["devices"]) == {"root", "eth0"}
    assert "security.nesting" not in settings["config"]


def test_a_machine_that_is_outside_has_a_way_out_and_passes_nothing_on(student):
    settings = made(replace(student, outside=True))
    assert settings["config"]["linux.sysctl.net.ipv4.ip_forward"] == "0"
    # journald drops what it forwards to rsyslog where more than the usual 10 datagrams wait.
    assert settings["config"]["linux.sysctl.net.unix.max_dgram_qlen"] == "512"
    assert settings["config"]["raw.lxc"].splitlines() == [
        "lxc.net.0.ipv4.address = 172.30.177.11/24",
        "lxc.net.1.ipv4.address = 172.31.248.6/29",
        "lxc.net.1.ipv4.gateway = 172.31.248.1",
    ]
    assert settings["devices"]["eth0"]["security.mac_filtering"] == "true"
    # It takes further addresses of the lab.
    assert "security.ipv4_filtering" not in settings["devices"]["eth0"]
    assert settings["devices"]["eth1"]["security.ipv4_filtering"] == "true"


def test_a_published_port_is_the_hosts_and_leads_to_the_machines_own(student):
    devices = made(replace(student, published_ports={"2222": 22}))["devices"]
    assert devices["port2222"] == {
        "type": "proxy",
        "listen": "tcp:0.0.0.0:2222",
        "connect": "tcp:127.0.0.1:22",
    }
    assert not any(device["type"] == "proxy" for device in made(student)["devices"].values())
    assert definition.project(NAMES)["config"]["restricted.devices.proxy"] == "allow"


def test_limits_are_in_the_engines_terms(student):
    config = made(student, limits=Limits("1g", 100, "2m", "20g"))["config"]
    assert config["limits.memory"] == str(1 << 30)
    assert config["limits.processes"] == "100"
    assert config["limits.kernel.fsize"] == f"{2 << 20}:{2 << 20}"
    assert made(student, limits=Limits("1g", 100, "2m", "20g"))["devices"]["root"]["size"] == str(
        20 << 30
    )
    free = made(student, limits=Limits("", 0, "", ""))
    assert not any(name.startswith("limits") for name in free["config"])
    assert "size" not in free["devices"]["root"]


@pytest.mark.parametrize(
    ("mirrors", "egress"),
    [
        (["192.0.2.7/32"], [("allow", "192.0.2.7/32", "80,443")]),
        ([], []),
        (None, [("reject", ",".join(definition.PRIVATE), None), ("allow", None, "80,443")]),
    ],
)
def test_the_way_out_is_closed_to_all_but_the_mirrors(mirrors, egress):
    made_of = definition.acl(NAMES, mirrors)
    assert made_of["ingress"] == []
    assert [
        (rule["action"], rule.get("destination"), rule.get("destination_port"))
        for rule in made_of["egress"]
    ] == egress
    assert definition.uplink(NAMES, PLACE.uplink)["config"]["security.acls"] == made_of["name"]
