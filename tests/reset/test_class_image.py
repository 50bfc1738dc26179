"""Machines that start from the image of their class are what each would be alone."""

import fnmatch
import json

import pytest

from tests.support.lab import copy_checkout
from tests.support.reset_lab import ENGINE, Reset, differences

pytest_plugins = ["tests.support.lab"]

SUBNETS = {"docker": "172.30.195.0/24", "incus": "172.30.200.0/24", "lxd": "172.30.201.0/24"}
EXERCISE = "processes"
ALONE = ("student1", "student2")

LOOK = r"""
import hashlib, json, os
found = {}
for top in ("/etc", "/home", "/opt", "/root", "/srv", "/usr", "/var"):
    for folder, _folders, names in os.walk(top):
        for path in (os.path.join(folder, name) for name in names):
            if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path):
                with open(path, "rb") as file:
                    found[path] = hashlib.sha256(file.read()).hexdigest()
with open("/etc/shadow") as file:
    found |= {f"password of {line.split(':')[0]}": line.split(":")[1] for line in file}
print(json.dumps(found))
"""
"""Prints the digest of each file's content, and the hash of each password."""

SECRET = (
    "/etc/machine-id",
    "/etc/ssh/ssh_host_ed25519_key",
    "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "/etc/ssl/private/ssl-cert-snakeoil.key",
    "password of prof",
    "password of tech",
)
"""What each machine must have of its own, whatever else it has."""

HARMLESS = (
    # Packages' logs, and what programs compute from other files: nobody learns anything by them.
    "/etc/aliases.db",
    "/var/cache/*",
    "/var/log/*",
    # Process IDs, and when a server was last seen.
    "/var/lib/dovecot/instances",
    "/var/lib/postfix/master.lock",
    "/var/spool/postfix/pid/*",
    # What the machine was before: packed again, with the times of its files.
    "/var/lib/labs.mail/*",
)
"""What may be the same on machines of one image although it differs on others (fnmatch)."""


@pytest.fixture(scope="module", params=["12", "13"])
def lab(tmp_path_factory, request):
    """A class, of which two machines were provisioned alone since."""
    folder = tmp_path_factory.mktemp("class")
    copy_checkout(folder)
    lab = Reset(folder, "resetclass", SUBNETS[ENGINE], ENGINE)
    lab.make("down", *lab.own)
    try:
        lab.output = lab.up("STUDENTS=4", f"DEBIAN={request.param}")
        lab.limit = "student1,student2,localhost"
        # The playbook itself knows of no class.
        code, output = lab.reset(EXERCISE, "recreate")
        assert code == 0, output
        yield lab
    finally:
        lab.make("down", *lab.own)


@pytest.fixture(scope="module")
def seen(lab):
    """What was seen on each machine, by its name."""
    found = {}
    for name, container in lab.containers().items():
        if "student" in name:
            code, output = container.exec_run(["python3", "-c", LOOK])
            assert code == 0, output
            found[name.rpartition("-")[2]] = json.loads(output)
    return found


def shared(seen, machines):
    """Return what is the same on any two of these machines."""
    known, found = {}, set()
    for machine in machines:
        for path, digest in seen[machine].items():
            if digest in known.setdefault(path, set()):
                found.add(path)
            known[path].add(digest)
    return found


def test_they_start_from_an_image(lab):
    assert lab.of_class() == {"student3", "student4"}
    assert "is installed once, on a template" in lab.output


@pytest.mark.parametrize("what", SECRET)
def test_no_two_machines_of_a_class_share_a_secret(seen, what):
    assert all(what in found for found in seen.values())
    assert what not in shared(seen, set(seen) - set(ALONE))


def test_they_share_nothing_that_machines_alone_do_not(seen):
    of_class = set(seen) - set(ALONE)
    own = (set(seen["student1"]) & set(seen["student2"])) - shared(seen, ALONE)
    assert "/etc/ssl/private/ssl-cert-snakeoil.key" in own
    both = own & shared(seen, of_class)
    assert not [path for path in both if not any(fnmatch.fnmatch(path, it) for it in HARMLESS)]


def test_nothing_of_the_template_is_left(seen, lab):
    # apt's logs are those of the installation.
    command = "grep -rlF template.test /etc /home /root /var --exclude-dir=apt"
    for name, container in lab.containers().items():
        if "student" in name:
            assert container.exec_run(["sh", "-c", command]).output == b"", name


def test_one_is_what_it_would_be_alone(lab):
    lab.limit = "student1,localhost"
    alone = lab.look()["student1"]
    lab.forget_states("student1")
    code, output = lab.command("reset", EXERCISE, "student1")
    assert code == 0, output
    assert "student1" in lab.of_class()
    assert_same(lab.look()["student1"], alone)
    code, output = lab.reset(EXERCISE, "converge")
    assert code == 0, output
    assert_same(lab.look()["student1"], alone)


def assert_same(seen, wanted):
    assert not differences(seen, wanted)
    assert seen["digest"] == wanted["digest"]
