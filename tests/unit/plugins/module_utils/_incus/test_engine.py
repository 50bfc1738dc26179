"""What is asked of a daemon, and what is said where it refuses; the daemon is one in memory."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.labs.mail.plugins.module_utils._incus import api, user_ids
from ansible_collections.labs.mail.plugins.module_utils._incus.api import Client, Endpoint
from ansible_collections.labs.mail.plugins.module_utils._incus.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import Container

from .conftest import PLACE

LABELS = {"labs.mail.lab": "maillab", "labs.mail.release": "12"}


def test_where_nobody_answers_it_is_said_what_to_do(tmp_path):
    with pytest.raises(EngineError, match="no engine answers .*systemctl start incus"):
        Engine(Endpoint(str(tmp_path / "nothing")), "maillab", PLACE)


def test_a_lab_that_is_not_there_has_nothing(lab):
    assert lab.containers() == []
    assert not lab.has_network()


def test_what_a_lab_needs_is_made_once_and_goes_with_it(daemon, lab, student):
    missing = lab.missing_network(PLACE.subnet, internal=True)
    assert [path for path, _wanted in missing] == [
        "/projects",
        "/networks",
        "/network-acls",
        "/networks",
    ]
    lab.create_network(missing)
    assert lab.missing_network(PLACE.subnet, internal=True) == []
    lab.start([student], [], {})
    assert lab.containers() == [Container(student.name, LABELS, True)]
    lab.remove([student.name])
    assert not lab.has_network()
    assert daemon.instances == {}
    assert not any(daemon.things.values())


def test_a_lab_with_other_addresses_is_left_alone(lab):
    lab.create_network(lab.missing_network(PLACE.subnet, internal=True))
    with pytest.raises(EngineError, match="has the network 172.30.177.1/24 already"):
        lab.missing_network("10.0.0.0/24", internal=True)


def test_a_project_of_somebody_else_is_never_touched(daemon, lab):
    daemon.things["projects"]["maillab"] = {"name": "maillab", "config": {}}
    with pytest.raises(EngineError, match="which is not a lab's: give the lab another name"):
        lab.containers()


def test_the_mirrors_of_a_lab_may_change(daemon, lab):
    lab.create_network(lab.missing_network(PLACE.subnet, internal=True))
    lab.mirrors = ["192.0.2.7"]
    ((path, wanted),) = lab.missing_network(PLACE.subnet, internal=True)
    assert path == "/network-acls"
    assert [rule["destination"] for rule in wanted["egress"]] == ["192.0.2.7/32"]
    lab.create_network([(path, wanted)])
    assert lab.missing_network(PLACE.subnet, internal=True) == []


def test_a_machine_is_born_with_its_files(daemon, lab, running):
    root = daemon.root(running.name)
    assert (root / "root/.ssh/authorized_keys").read_text() == "key\n"
    assert (root / "root/.ssh").stat().st_mode & 0o777 == 0o700
    assert (root / "root/.ssh/authorized_keys").stat().st_mode & 0o777 == 0o600
    assert (root / "etc/hostname").read_text() == "student1\n"
    assert (root / "etc/hostname").stat().st_mode & 0o777 == 0o644
    assert list(daemon.snapshots[running.name]) == ["base"]


def test_where_an_image_is_missing_it_is_said_how_it_is_built(daemon, lab, student):
    daemon.aliases.clear()
    with pytest.raises(EngineError, match="make image ENGINE=incus DEBIAN=12"):
        lab.start([student], [], {})


def test_a_machine_that_does_not_start_is_removed_again(daemon, lab, student):
    daemon.refuse["/state"] = ["no room"]
    with pytest.raises(EngineError, match="maillab-student1 cannot be started: no room"):
        lab.start([student], [], {})
    assert daemon.instances == {}


def test_a_daemon_that_is_not_ready_yet_is_asked_again(daemon, lab, student, monkeypatch):
    monkeypatch.setattr(api, "PAUSE_SECONDS", 0)
    daemon.refuse["/state"] = ["Daemon isn't ready yet", "no available cowsql leader server found"]
    lab.start([student], [], {})
    assert daemon.instances[student.name]["status"] == "Running"


def test_a_daemon_that_never_becomes_ready_is_given_up(daemon, lab, student, monkeypatch):
    monkeypatch.setattr(api, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(api, "RETRY_SECONDS", 0)
    daemon.refuse["/state"] = ["Daemon isn't ready yet"] * 9
    with pytest.raises(EngineError, match="isn't ready yet"):
        lab.start([student], [], {})


def test_machines_are_stopped_as_by_their_button_and_by_force_where_they_refuse(
    daemon, lab, running
):
    daemon.refuse["/state"] = ["timed out"]
    lab.stop([running.name])
    assert daemon.asked == ["PUT /instances/maillab-student1/state"] * 2
    assert daemon.instances[running.name]["status"] == "Stopped"


def test_what_is_not_there_is_removed_all_the_same(lab):
    lab.discard("maillab-student9")


def test_a_machine_that_runs_publishes_other_ports(daemon, lab, running):
    gate = dataclasses.replace(running, published_ports={"2222": 22, "8443": 443})
    lab.publish(gate, {}, check_mode=False)
    assert lab.containers()[0].published_ports == gate.published_ports
    moved = dataclasses.replace(running, published_ports={"2022": 22})
    lab.publish(moved, gate.published_ports, check_mode=False)
    assert lab.containers()[0].published_ports == {"2022": 22}
    devices = daemon.instances[running.name]["devices"]
    assert sorted(devices) == ["eth0", "port2022", "root"]
    assert daemon.asked == ["PUT /instances/maillab-student1"] * 2
    lab.publish(moved, moved.published_ports, check_mode=False)
    lab.publish(gate, moved.published_ports, check_mode=True)
    assert len(daemon.asked) == 2


def test_a_command_has_its_code_and_its_output(daemon, lab, running):
    daemon.outcome = (3, b"no\n")
    assert lab.execute(running.name, ["false"], {"A": "b"}, 10) == (3, b"no\n")
    assert daemon.commands[0]["command"] == ["false"]
    assert daemon.commands[0]["environment"] == {"A": "b"}


def test_what_is_no_answer_is_said_to_be_none(daemon, lab, running, monkeypatch):
    monkeypatch.setattr(api.json, "loads", lambda _text: int("x"))
    with pytest.raises(EngineError, match="does not answer"):
        Client(Endpoint(daemon.socket)).get("/projects/maillab")


def test_on_lxd_each_machine_is_told_user_ids_of_its_own(daemon, student, tmp_path, monkeypatch):
    daemon.server_name = "lxd"
    (tmp_path / "subuid").write_text("root:1000000:1000000000\n")
    monkeypatch.setattr(user_ids, "SUBUID", tmp_path / "subuid")
    lab = Engine(Endpoint(daemon.socket), "maillab", PLACE)
    other = dataclasses.replace(student, name="maillab-student2")
    lab.start([student, other], [], {})
    bases = {each["config"]["security.idmap.base"] for each in daemon.instances.values()}
    assert bases == {"1065536", "1131072"}


def test_why_a_machine_does_not_start_is_said_though_it_cannot_be_removed(
    daemon, lab, student, monkeypatch
):
    def busy(name):
        raise EngineError("busy")

    daemon.refuse = {f"PUT /instances/{student.name}/state": ["no user IDs"]}
    monkeypatch.setattr(lab, "discard", busy)
    with pytest.raises(EngineError, match="cannot be started: no user IDs"):
        lab.start([student], [], {})
