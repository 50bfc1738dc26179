"""A lab that cannot be made says so in a sentence and leaves nothing; one that cannot go, too."""

import contextlib

import docker
import pytest
import yaml

from launcher import inventory, keys, settings
from tests.support.escape_lab import Escape, link_collection

SUBNET = "172.30.189.0/24"
LAB = "escapeup"


@pytest.fixture
def lab(copy):
    """A lab that is not there, and no other one's inventory."""
    link_collection(copy)
    lab = Escape(copy, LAB, SUBNET)
    hosts = copy / "inventories" / "containers" / "hosts.yml"
    before = hosts.read_text() if hosts.exists() else None
    yield lab
    lab.teacher(copy, command(copy, "down"))
    if before is None:
        hosts.unlink(missing_ok=True)
    else:
        hosts.write_text(before)


def command(folder, playbook):
    return [str(folder / ".venv" / "bin" / "ansible-playbook"), f"playbooks/{playbook}.yml"]


def up(lab, **changed):
    """Bring up a lab of one student, of which something was changed; return code and output."""
    wanted = settings.Settings(
        students=1,
        debian=changed.pop("lab_debian", "12"),
        lab=LAB,
        subnet=changed.pop("subnet", SUBNET),
    )
    found = inventory.hosts(wanted)
    found["all"]["vars"]["lab"]["name"] = changed.pop("name", LAB)
    students = found["all"]["children"]["machines"]["children"]["students"]["hosts"]
    own = students.pop("student1")
    students[changed.pop("student", "student1")] = {**own, **changed}
    keys.ensure(lab.folder / ".keys", inventory.addresses(found))
    path = lab.folder / "inventories" / "containers" / "hosts.yml"
    path.write_text(yaml.safe_dump(found))
    return lab.teacher(lab.folder, command(lab.folder, "up"))


def of_lab(lab):
    containers = lab.engine.containers.list(all=True, ignore_removed=True)
    names = [container.name for container in containers]
    networks = [network.name for network in lab.engine.networks.list()]
    return [name for name in (*names, *networks) if LAB in name]


FAILURES = {
    "the image is missing": (
        {"lab_debian": "11"},
        "maillab/machine:11 is missing: `make image` builds",
    ),
    "one image is missing": ({"debian": "11"}, "maillab/machine:11 is missing"),
    "an address of another network": (
        {"machine_address": "10.9.0.1"},
        "address: found '10.9.0.1'; write an address of 172.30.189.0/24",
    ),
    "no address": ({"machine_address": "not-an-ip"}, "write an address of 172.30.189.0/24"),
    "the world's address": ({"machine_address": "172.30.189.2"}, "world's already"),
    "the gateway's address": ({"machine_address": "172.30.189.1"}, "the gateway's already"),
    "a name that is none": ({"student": "Student_1!"}, "'escapeup-Student_1!'; write letters"),
    "a lab that is none": ({"name": "escapeup/../y"}, "lab: found 'escapeup/../y'; write letters"),
    "addresses in use": ({"subnet": "172.17.0.0/24"}, "give the lab others (SUBNET=…)"),
}


@pytest.mark.parametrize(("changed", "words"), FAILURES.values(), ids=FAILURES)
def test_a_lab_that_cannot_be_made_leaves_nothing(lab, changed, words):
    code, output = up(lab, **changed)
    assert code != 0
    assert words in " ".join(output.split())
    assert "Traceback" not in output
    assert of_lab(lab) == []


@pytest.fixture
def stranger(lab):
    """A container that has the name of a machine, and is none of a lab."""
    with contextlib.suppress(docker.errors.NotFound):
        lab.engine.containers.get(f"{LAB}-student1").remove(force=True)
    image = "maillab/machine:12"
    container = lab.engine.containers.create(image, ["sleep", "1000"], name=f"{LAB}-student1")
    yield container
    container.remove(force=True)


def test_a_name_that_is_taken_leaves_nothing_but_whose_it_is(lab, stranger):
    code, output = up(lab)
    assert code != 0
    assert f"a container named {stranger.name} exists already" in " ".join(output.split())
    assert of_lab(lab) == [stranger.name]


def test_a_network_that_somebody_else_is_on_is_named(lab):
    code, output = up(lab)
    assert code == 0, output
    image = "maillab/machine:12"
    guest = lab.engine.containers.run(image, ["sleep", "1000"], name="guest-of-a-lab", detach=True)
    try:
        lab.engine.networks.get(LAB).connect(guest)
        code, output = lab.teacher(lab.folder, command(lab.folder, "down"))
        assert code != 0
        assert "since guest-of-a-lab is on it, which is no machine of the lab" in " ".join(
            output.split()
        )
        assert "Traceback" not in output
        assert of_lab(lab) == [LAB]
    finally:
        guest.remove(force=True)
    assert lab.teacher(lab.folder, command(lab.folder, "down"))[0] == 0
    assert of_lab(lab) == []
