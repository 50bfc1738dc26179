"""Machines are copied from templates of their class, and from what they were before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._incus import recreate, sources
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError

CLASS = "maillab/state:maillab-class.queues.start-aaaa"
NEWER = "maillab/state:maillab-class.queues.start-bbbb"
OTHER = "maillab/state:maillab-class.aliases.start-aaaa"

NAMES = {
    "a machine": ("maillab-student1", False),
    "one that is put aside": ("maillab-student1-before", False),
    "a machine of a lab called class": ("class-student1", False),
    "a template": ("maillab-class-0123456789ab", True),
    "a machine as it was": ("maillab-student1-kept-0123456789ab", True),
}


@pytest.mark.parametrize(("name", "wanted"), NAMES.values(), ids=NAMES)
def test_what_machines_are_copied_from_is_known_by_its_name(name, wanted):
    assert sources.is_source(name) is wanted


@pytest.fixture
def make(daemon, lab, student):
    """Make a template with a file of its own of a class that is at a stage."""

    def make(image):
        template = replace(student, name="maillab-template", class_image=image)
        lab.start([template], [], {})
        (daemon.root(template.name) / "etc/state").write_text(f"{image}\n")
        recreate.make_templates(lab, [template])

    return make


def state_of(daemon, machine):
    return (daemon.root(machine.name) / "etc/state").read_text().strip()


def test_a_template_is_no_machine_and_has_no_address(daemon, lab, running, make):
    make(CLASS)
    assert [each.name for each in lab.containers()] == [running.name]
    assert list(lab.places()) == [running.name]
    (name,) = set(daemon.instances) - {running.name}
    assert daemon.instances[name]["status"] == "Stopped"
    assert list(daemon.instances[name]["devices"]) == ["root"]
    assert daemon.snapshots[name] == {}
    assert sources.has(lab, CLASS, running.image)
    assert not sources.has(lab, OTHER, running.image)
    assert sources.of_lab(lab) == [CLASS]
    lab.remove([running.name])
    assert daemon.instances == {}


def test_a_new_machine_is_a_copy_of_the_template_with_its_own_files(daemon, lab, running, make):
    make(CLASS)
    new = replace(running, name="maillab-student2", hostname="student2", class_image=CLASS)
    lab.start([new], [], {})
    assert state_of(daemon, new) == CLASS
    assert (daemon.root(new.name) / "etc/hostname").read_text() == "student2\n"
    assert sorted(daemon.instances[new.name]["devices"]) == ["eth0", "root"]
    assert daemon.instances[new.name]["description"] == ""
    assert lab.snapshots(new.name) == ["base"]


def test_without_a_template_of_its_image_it_is_made_from_the_image(daemon, lab, running, make):
    make(CLASS)
    daemon.aliases[running.image] = "another"
    new = replace(running, name="maillab-student2", class_image=CLASS)
    lab.start([new], [], {})
    assert not (daemon.root(new.name) / "etc/state").exists()
    assert not sources.has(lab, CLASS, running.image)


def test_a_newer_template_of_a_state_takes_the_place_of_the_older(daemon, lab, running, make):
    for image in (CLASS, OTHER, NEWER, NEWER):
        make(image)
    assert sorted(sources.of_lab(lab)) == sorted([OTHER, NEWER])


def test_why_there_is_no_template_is_said(daemon, lab, running):
    daemon.refuse["PUT /instances/maillab-student1"] = ["no room"]
    with pytest.raises(EngineError, match="no template can be made of maillab-student1: no room"):
        recreate.make_templates(lab, [replace(running, class_image=CLASS)])
    assert [each.name for each in lab.containers()] == [running.name]


def again(lab, machine):
    return recreate.recreate(lab, [machine], {machine.name: machine.name}, {}, {"tech": 1001})


def test_one_that_is_recreated_goes_to_the_state_of_its_class_and_its_home_with_it(
    daemon, lab, running, make
):
    make(CLASS)
    notes = daemon.root(running.name) / "home/tech/notes"
    notes.parent.mkdir(parents=True)
    notes.write_text("mine\n")
    of_class = replace(running, class_image=CLASS)
    assert again(lab, of_class) == []
    assert state_of(daemon, running) == CLASS
    assert notes.read_text() == "mine\n"
    (daemon.root(running.name) / "etc/state").unlink()
    daemon.asked.clear()
    assert again(lab, of_class) == []
    assert state_of(daemon, running) == CLASS
    assert "POST /instances" not in daemon.asked
    assert again(lab, running) == []
    assert not (daemon.root(running.name) / "etc/state").exists()


def test_where_it_has_been_before_it_comes_back_to_from_what_it_was(daemon, lab, running, make):
    (daemon.root(running.name) / "etc/state").write_text("mine, at queues\n")
    (daemon.root(running.name) / "etc/hosts").write_text("as it is at queues\n")
    recreate.snapshot(lab, [running])
    make(OTHER)
    elsewhere = "maillab/state:maillab-student1.aliases.start-0123"
    other = replace(running, class_image=OTHER, state_image=elsewhere)
    assert again(lab, other) == []
    assert state_of(daemon, running) == OTHER
    assert recreate.snapshot(lab, [other]) == [elsewhere]
    assert [each.name for each in lab.containers()] == [running.name]
    assert recreate.usable(lab, running)
    for machine, state in ((running, "mine, at queues"), (other, OTHER), (running, "mine, at")):
        assert again(lab, machine) == [running.name]
        assert state_of(daemon, running).startswith(state)
        assert "nic" in [
            each["type"] for each in daemon.instances[running.name]["devices"].values()
        ]
    hosts = (daemon.root(running.name) / "etc/hosts").read_text()
    assert hosts == "as it is at queues\n"
    assert len(sources.kept_of(lab, running)) == 2
    newer = replace(running, state_image="maillab/state:maillab-student1.queues.start-4567")
    recreate.snapshot(lab, [newer])
    assert not recreate.usable(lab, running)
    assert recreate.usable(lab, other)
    assert len(sources.kept_of(lab, running)) == 1
