"""A run that fails leaves what there was, and nothing else; the engine is a stand-in."""

from types import ModuleType, SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._provider import states
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    LABEL_LAB,
    LABEL_RELEASE,
    Container,
)

SUBNET = "172.30.177.0/24"


class Engine:
    """An engine that fails where it is told to, having made what it made until then."""

    is_here = True

    def __init__(self, fails, *there, ports=None, lost=()):
        self.fails = fails
        self.lost = lost
        self.ports = ports or {}
        self.machines = list(there)
        self.network = bool(there)

    def containers(self):
        labels = {LABEL_LAB: "maillab", LABEL_RELEASE: "12"}
        return [Container("stranger", {}, True)] + [
            Container(name, labels, name not in self.lost, self.ports, name in self.lost)
            for name in self.machines
        ]

    def missing_network(self, _subnet, _internal):
        return None if self.network else {"name": "maillab"}

    def create_network(self, _definition):
        if self.fails == "network":
            raise EngineError("the addresses are in use")
        self.network = True

    def has_network(self):
        return self.network

    def build_walls(self, _subnet, _ports, _machines):
        return ""

    def start(self, create, _start, _files):
        for machine in create:
            if self.fails == machine.name:
                raise EngineError(f"the image {machine.image} is missing")
            self.machines.append(machine.name)
        if self.fails == "crash":
            raise RuntimeError("the engine is gone")

    def wait_for_sshd(self, addresses, _timeout):
        self.waited_for = list(addresses)
        if self.fails == "silent":
            raise EngineError("sshd did not answer")

    def publish(self, machine, published, check_mode):
        assert published == self.ports
        if self.fails == "publish":
            raise EngineError("Docker publishes ports once")
        if not check_mode:
            self.ports = machine.published_ports

    def stop(self, _names):
        """Nothing is stopped here."""

    def discard(self, name):
        self.machines.remove(name)

    def remove(self, names):
        for name in names:
            self.machines.remove(name)
        self.network = False


def run(engine, check_mode=False, warn=lambda _text: None):
    machines = [
        {
            "name": name,
            "image": "maillab/machine:12",
            "release": "12",
            "address": f"172.30.177.{at}",
        }
        for at, name in ((2, "world"), (11, "student1"), (12, "student2"))
    ]
    params = {"lab": "maillab", "state": "present", "subnet": SUBNET, "internal": True}
    params |= {"machines": machines, "walls": True, "open_ports": [], "files": {}}
    params |= {"wait_timeout": 1}
    return states.reach(params, engine, ModuleType("recreation"), check_mode=check_mode, warn=warn)


@pytest.mark.parametrize("fails", ["network", "world", "student1", "student2", "crash"])
def test_a_lab_that_cannot_be_made_leaves_nothing(fails):
    engine = Engine(fails)
    with pytest.raises((EngineError, RuntimeError)):
        run(engine)
    assert (engine.machines, engine.network) == ([], False)


@pytest.mark.parametrize("fails", ["student1", "student2", "crash"])
def test_a_lab_that_cannot_grow_is_what_it_was(fails):
    engine = Engine(fails, "world")
    with pytest.raises((EngineError, RuntimeError)):
        run(engine)
    assert (engine.machines, engine.network) == (["world"], True)


def test_machines_that_never_answer_go_again():
    engine = Engine("silent")
    with pytest.raises(EngineError, match="sshd did not answer"):
        run(engine)
    assert (engine.machines, engine.network) == ([], False)


@pytest.mark.parametrize("check_mode", [True, False])
def test_other_ports_are_published_once_and_told(check_mode):
    engine = Engine("", "world", ports={"2222": 22})
    result = run(engine, check_mode=check_mode)
    assert result["changed"]
    assert result["published"] == ["world"]
    assert result["diff"]["before"]["published_ports"] == {"world": {"2222": 22}}
    assert result["diff"]["after"]["published_ports"] == {"world": {}}
    assert engine.ports == ({"2222": 22} if check_mode else {})
    if not check_mode:
        again = run(engine)
        assert (again["changed"], again["published"]) == (False, [])
        assert "published_ports" not in again["diff"]["after"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_where_other_ports_cannot_be_published_nothing_is_done(check_mode):
    engine = Engine("publish", "world", ports={"2222": 22})
    with pytest.raises(EngineError, match="once"):
        run(engine, check_mode=check_mode)
    assert (engine.machines, engine.ports) == (["world"], {"2222": 22})


def test_what_is_made_stays():
    engine = Engine("")
    assert run(engine)["created"] == ["world", "student1", "student2"]
    assert engine.machines == ["world", "student1", "student2"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_of_templates_images_are_made_where_they_are_there(check_mode):
    made = []
    recreation = SimpleNamespace(make_templates=lambda _engine, which: made.extend(which))
    names = ("template", "student1", "gone")
    machines = [
        {"name": name, "image": "base", "release": "12", "address": "172.30.177.11"}
        for name in names
    ]
    for machine in machines:
        machine["class_image"] = "" if machine["name"] == "student1" else "maillab/state:c-0"
    result = states.reach(
        {"lab": "maillab", "state": "templated", "machines": machines},
        Engine("", "template", "student1"),
        recreation,
        check_mode=check_mode,
        warn=lambda _text: None,
    )
    assert result["changed"]
    assert (result["removed"], result["snapshotted"]) == (["template"], ["maillab/state:c-0"])
    assert [each.name for each in made] == ([] if check_mode else ["template"])


def test_a_machine_whose_host_is_silent_is_told_and_the_others_go_on():
    engine = Engine("", "world", "student1", lost=["student1"])
    result = run(engine)
    assert result["unreachable"] == ["student1"]
    assert result["created"] == engine.waited_for == ["student2"]
    assert (result["started"], result["published"]) == ([], [])


def test_hosts_elsewhere_have_no_walls_and_it_is_said():
    engine = Engine("")
    engine.is_here = False
    engine.build_walls = lambda *_what: "not on other hosts"
    said = []
    run(engine, warn=said.append)
    (text,) = said
    assert "(not on other hosts)" in text
    assert "all ports of each other, and none of a host" in text
