"""The hosts that HOSTS names, and by which of them the machines are reached."""

from __future__ import annotations

import socket

import pytest
import yaml

from launcher import cluster_hosts, inventory, settings, shell
from launcher.cluster_hosts import Host
from launcher.settings import ROOT, Settings, SettingsError

EXAMPLE = ROOT / "inventories" / "cluster" / "hosts.yml"


def test_hosts_as_words():
    assert cluster_hosts.of("root@192.0.2.1 teacher@host2.example:2222 host3") == [
        Host("h192-0-2-1", "192.0.2.1"),
        Host("host2-example", "host2.example", "teacher", 2222),
        Host("host3", "host3"),
    ]


def test_the_example_to_copy_names_three_hosts():
    found = cluster_hosts.of(str(EXAMPLE))
    assert [host.word for host in found] == [f"root@192.168.77.10{n}:22" for n in (1, 2, 3)]


@pytest.mark.parametrize("text", ["", "[", "all: {}", "all: {children: {incus_hosts: {hosts: 3}}}"])
def test_a_file_that_is_no_inventory_is_refused(tmp_path, text):
    path = tmp_path / "hosts.yml"
    path.write_text(text)
    with pytest.raises(SettingsError, match="write one like inventories/cluster/hosts.yml"):
        cluster_hosts.of(str(path))


def test_hosts_of_words_are_an_inventory_with_addresses():
    found = cluster_hosts.inventory(cluster_hosts.of("root@127.0.0.1"))
    (own,) = found["all"]["children"]["incus_hosts"]["hosts"].values()
    assert own["incus_host_address"] == "127.0.0.1"


def test_only_hosts_whose_port_is_open_answer():
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = Host("a", "127.0.0.1", port=server.getsockname()[1])
        gone = Host("b", "127.0.0.1", port=1)
        assert cluster_hosts.answering([there, gone]) == [there]


LAB = Settings(engine="incus", hosts="root@192.0.2.1 root@192.0.2.2")


def test_a_lab_stays_on_its_hosts_and_may_get_more(hosts):
    inventory.write(LAB)
    assert settings.up_now() == LAB
    more = f"{LAB.hosts} root@192.0.2.3"
    assert settings.read({"HOSTS": more}, LAB).hosts == more
    assert settings.read({"STUDENTS": "3"}, LAB).hosts == LAB.hosts
    with pytest.raises(SettingsError, match="cannot move to this computer"):
        settings.read({"HOSTS": ""}, LAB)
    with pytest.raises(SettingsError, match="runs on this computer, and its machines cannot move"):
        settings.read({"HOSTS": "root@192.0.2.1"}, Settings(engine="incus"))


def test_machines_are_reached_by_way_of_the_world(hosts):
    assert shell.command("172.30.177.11", [])[-2:] == ["--", "172.30.177.11"]
    assert inventory.way_in() == []
    inventory.write_way_in(LAB, "192.0.2.2")
    option, command = inventory.way_in()
    assert option == "-o"
    assert command.startswith("ProxyCommand=ssh -i ")
    assert command.endswith("-W %h:%p root@192.0.2.2")
    assert "HostKeyAlias=172.30.177.2" in command
    assert command in shell.command("172.30.177.11", [])
    inventory.remove()
    assert inventory.way_in() == []


def test_the_lab_says_where_it_runs(hosts):
    inventory.write(LAB)
    lab = yaml.safe_load(hosts.read_text())["all"]["vars"]["lab"]
    assert lab["hosts"] == ["root@192.0.2.1:22", "root@192.0.2.2:22"]
    assert lab["way_in_port"] == LAB.way_in_port
    inventory.write(Settings())
    assert "hosts" not in yaml.safe_load(hosts.read_text())["all"]["vars"]["lab"]
