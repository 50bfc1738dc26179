"""Machines are recreated from snapshots, with their homes; the daemon is one in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._incus import recreate
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError

UIDS = {"tech": 1001}


def home(daemon, name, text="mine\n"):
    """Give a machine a home with a file and mail in it, and something broken outside."""
    top = daemon.root(name) / "home" / "tech"
    (top / "Maildir").mkdir(parents=True)
    (top / "notes").write_text(text)
    (daemon.root(name) / "etc" / "broken").write_text("x")
    return top


def again(lab, machine, homes=None, **given):
    found = {machine.name: machine.name} if homes is None else homes
    return recreate.recreate(lab, [machine], found, {}, given.get("uids", UIDS))


def test_without_a_snapshot_of_the_state_it_is_as_it_was_born(daemon, lab, running):
    home(daemon, running.name)
    assert again(lab, running) == []
    root = daemon.root(running.name)
    assert not (root / "etc/broken").exists()
    assert (root / "home/tech/notes").read_text() == "mine\n"
    assert not (root / "home/tech/Maildir").exists()
    assert (root / "root/.ssh/authorized_keys").read_text() == "key\n"
    assert list(daemon.instances) == [running.name]
    assert daemon.instances[running.name]["status"] == "Running"
    assert lab.snapshots(running.name) == ["base"]


def test_homes_go_where_they_are_not_to_be_kept(daemon, lab, running):
    home(daemon, running.name)
    again(lab, running, uids=None)
    assert not (daemon.root(running.name) / "home/tech/notes").exists()


def test_a_machine_comes_back_in_its_state(daemon, lab, running):
    (daemon.root(running.name) / "etc" / "state").write_text("start\n")
    assert recreate.snapshot(lab, [running]) == [running.state_image]
    assert recreate.snapshot(lab, [running]) == []
    home(daemon, running.name)
    (daemon.root(running.name) / "etc" / "state").unlink()
    assert again(lab, running) == [running.name]
    assert (daemon.root(running.name) / "etc" / "state").read_text() == "start\n"
    assert (daemon.root(running.name) / "home/tech/notes").read_text() == "mine\n"


def test_a_machine_comes_back_with_the_ports_that_are_asked_for_now(lab, running):
    first = replace(running, published_ports={"2222": 22})
    lab.publish(first, {}, check_mode=False)
    recreate.snapshot(lab, [running])
    again(lab, replace(running, published_ports={"2022": 22}))
    assert lab.containers()[0].published_ports == {"2022": 22}
    again(lab, running)
    assert lab.containers()[0].published_ports == {}


def test_an_older_snapshot_of_the_same_state_goes_and_others_stay(daemon, lab, running):
    other = replace(running, state_image="maillab/state:maillab-student1.queues.solution-0123")
    recreate.snapshot(lab, [running])
    recreate.snapshot(lab, [other])
    newer = replace(running, state_image="maillab/state:maillab-student1.queues.start-4567")
    recreate.snapshot(lab, [newer])
    assert sorted(lab.snapshots(running.name)) == [
        "base",
        "maillab-student1.queues.solution-0123",
        "maillab-student1.queues.start-4567",
    ]


def test_of_another_image_a_machine_is_made_anew(daemon, lab, running):
    recreate.snapshot(lab, [running])
    daemon.aliases[running.image] = "another"
    home(daemon, running.name)
    assert recreate.usable(lab, running) == ""
    assert again(lab, running) == []
    assert list(daemon.instances) == [running.name]
    known = daemon.instances[running.name]
    assert known["config"]["volatile.base_image"] == "another"
    assert (daemon.root(running.name) / "home/tech/notes").read_text() == "mine\n"


def test_what_an_interrupted_run_put_aside_has_the_homes(daemon, lab, running):
    daemon.aliases[running.image] = "another"
    home(daemon, running.name)
    daemon.refuse["/state"] = ["no room"]
    daemon.instances[running.name]["status"] = "Stopped"
    with pytest.raises(EngineError, match="no room"):
        again(lab, running)
    assert sorted(daemon.instances) == [running.name, f"{running.name}-before"]
    aside = daemon.instances[f"{running.name}-before"]
    assert [each["type"] for each in aside["devices"].values()] == ["disk"]
    (daemon.root(running.name) / "home/tech/notes").unlink()
    again(lab, running, homes={running.name: f"{running.name}-before"})
    assert list(daemon.instances) == [running.name]
    assert (daemon.root(running.name) / "home/tech/notes").read_text() == "mine\n"


def interrupt(daemon, lab, running):
    """Have a machine with a home stopped, and a run that recreates it fail half-way."""
    home(daemon, running.name)
    daemon.instances[running.name]["status"] = "Stopped"
    daemon.refuse["/state"] = ["no room"]
    with pytest.raises(EngineError, match="no room"):
        again(lab, running)


def test_what_an_interrupted_run_had_before_is_taken_again(daemon, lab, running):
    interrupt(daemon, lab, running)
    assert "before" in lab.snapshots(running.name)
    (daemon.root(running.name) / "home/tech/notes").unlink()
    again(lab, running)
    assert (daemon.root(running.name) / "home/tech/notes").read_text() == "mine\n"
    assert "before" not in lab.snapshots(running.name)


def test_what_it_had_before_is_taken_again_also_where_the_image_has_changed(daemon, lab, running):
    interrupt(daemon, lab, running)
    (daemon.root(running.name) / "home/tech/notes").unlink()
    daemon.aliases[running.image] = "another"
    again(lab, running)
    assert (daemon.root(running.name) / "home/tech/notes").read_text() == "mine\n"
