from __future__ import annotations

import ipaddress

import pytest

from launcher import settings
from launcher.settings import Settings, SettingsError

REFUSED = {
    # What is given, and what the sentence must say.
    "none": ({"STUDENTS": "0"}, "STUDENTS=0: a lab has from 1 to 200 students"),
    "too many": ({"STUDENTS": "300"}, "STUDENTS=300: a lab has from 1 to 200"),
    "one too many": ({"STUDENTS": "201"}, "from 1 to 200 students"),
    "no number": ({"STUDENTS": "foo"}, "STUDENTS=foo: a lab has from 1"),
    "nothing": ({"STUDENTS": ""}, "write for example STUDENTS=2"),
    "negative": ({"STUDENTS": "-1"}, "STUDENTS=-1"),
    "half": ({"STUDENTS": "1.5"}, "STUDENTS=1.5"),
    "superscript": ({"STUDENTS": "²"}, "STUDENTS=²"),
    "endless": ({"STUDENTS": "9" * 5000}, "from 1 to 200"),
    "old release": ({"DEBIAN": "11"}, "DEBIAN=11: machines run Debian 12 or 13"),
    "release by name": ({"DEBIAN": "bookworm"}, "write for example DEBIAN=12"),
    "capitals": ({"LAB": "Maillab"}, "LAB=Maillab"),
    "underscore": ({"LAB": "mail_lab"}, "small letters, digits and hyphens"),
    "no name": ({"LAB": ""}, "LAB=:"),
    "only a hyphen": ({"LAB": "-"}, "LAB=-"),
    "hyphen first": ({"LAB": "-x"}, "a hyphen neither first nor last"),
    "hyphen last": ({"LAB": "x-"}, "a hyphen neither first nor last"),
    "accent": ({"LAB": "élèves"}, "LAB=élèves"),
    "long name": ({"LAB": "x" * 51}, "at most 50"),
    "line break": ({"LAB": "lab\n"}, "small letters"),
    "another engine": ({"ENGINE": "podman"}, "ENGINE=podman: machines run on docker or incus"),
    "no engine": ({"ENGINE": ""}, "write for example ENGINE=incus"),
    "an option of ssh": ({"HOSTS": "-oProxyCommand=x"}, "-oProxyCommand=x is no host; write names"),
    "a word of a shell": ({"HOSTS": "host1;reboot"}, "host1;reboot is no host"),
    "half a host": ({"HOSTS": "root@"}, "root@ is no host"),
    "a host twice": ({"HOSTS": "host1 host2 host1"}, "host1 is there twice"),
    "no inventory": ({"HOSTS": "/nowhere/hosts.yml"}, "/nowhere/hosts.yml: there is no such file"),
    "hosts of Docker": (
        {"HOSTS": "host1 host2", "ENGINE": "docker"},
        "on several hosts machines run on incus, not docker",
    ),
    "no network": ({"SUBNET": "foo"}, "SUBNET=foo: "),
    "address in it": ({"SUBNET": "172.30.177.1/24"}, "has host bits set; write one like"),
    "small network": ({"SUBNET": "172.30.177.0/25"}, "/24 or larger"),
    "public network": ({"SUBNET": "8.8.8.0/24"}, "write a private network (RFC 1918)"),
    "loopback": ({"SUBNET": "127.0.0.0/8"}, "write a private network"),
    "link-local": ({"SUBNET": "169.254.0.0/16"}, "write a private network"),
    "all": ({"SUBNET": "0.0.0.0/0"}, "write a private network"),
    "more than is private": ({"SUBNET": "172.0.0.0/8"}, "write a private network"),
    "version 6": ({"SUBNET": "fd00::/64"}, "SUBNET=fd00::/64"),
    "one letter less": (
        {"STUDENT": "3"},
        "STUDENT is no variable of a lab; did you mean STUDENTS?",
    ),
    "small letters": ({"students": "3"}, "did you mean STUDENTS?"),
    "unknown": (
        {"FOO": "3"},
        "FOO is no variable of a lab. There are DEBIAN, ENGINE, HOSTS, LAB, STUDENTS, SUBNET.",
    ),
}


@pytest.mark.parametrize(("given", "words"), REFUSED.values(), ids=REFUSED)
def test_what_no_lab_can_be_made_of_is_refused(given, words):
    with pytest.raises(SettingsError) as caught:
        settings.read(given, None)
    assert words in str(caught.value)


TAKEN = {
    "nothing": ({}, Settings(2, "12", "maillab", "172.30.177.0/24")),
    "fewest": ({"STUDENTS": "1"}, Settings(students=1)),
    "most": ({"STUDENTS": "200"}, Settings(students=200)),
    "zero first": ({"STUDENTS": "02"}, Settings(students=2)),
    "release": ({"DEBIAN": "13"}, Settings(debian="13")),
    "name": ({"LAB": "salle-204"}, Settings(lab="salle-204")),
    "short name": ({"LAB": "a"}, Settings(lab="a")),
    "long name": ({"LAB": "x" * 50}, Settings(lab="x" * 50)),
    "large network": ({"SUBNET": "10.0.0.0/8"}, Settings(subnet="10.0.0.0/8")),
    "hosts": (
        {"HOSTS": "root@192.0.2.1, host2  host3:2222"},
        Settings(engine="incus", hosts="root@192.0.2.1 host2 host3:2222"),
    ),
    "no hosts": ({"HOSTS": ""}, Settings()),
    "home network": ({"SUBNET": "192.168.9.0/24"}, Settings(subnet="192.168.9.0/24")),
}


@pytest.mark.parametrize(("given", "wanted"), TAKEN.values(), ids=TAKEN)
def test_what_a_lab_is_made_of(given, wanted):
    assert settings.read(given, None) == wanted


def test_every_machine_of_the_largest_lab_has_a_name_and_an_address():
    largest = settings.read({"STUDENTS": "200", "LAB": "x" * 50}, None)
    network = ipaddress.ip_network(largest.subnet)
    last = ipaddress.ip_address(largest.address(10 + largest.students))
    assert last in network
    assert last != network.broadcast_address
    assert len(f"{largest.lab}-student{largest.students}") <= 63


UP = Settings(students=3)

OTHER_SHAPES = {
    "fewer": ({"STUDENTS": "2"}, "has 3 students and STUDENTS=2 would remove"),
    "other release": ({"DEBIAN": "13"}, "has DEBIAN=12, not 13. Run make down first"),
    "other name": ({"LAB": "x"}, "has LAB=maillab, not x. Run make down first"),
    "other network": ({"SUBNET": "10.0.0.0/24"}, "has SUBNET=172.30.177.0/24, not 10.0.0.0/24"),
    "no lab at all": ({"STUDENTS": "0"}, "from 1 to 200"),
}


@pytest.mark.parametrize(("given", "words"), OTHER_SHAPES.values(), ids=OTHER_SHAPES)
def test_a_lab_that_is_up_is_not_given_another_shape(given, words):
    with pytest.raises(SettingsError) as caught:
        settings.read(given, UP)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("given", "students"), [({}, 3), ({"STUDENTS": "3"}, 3), ({"STUDENTS": "4"}, 4)]
)
def test_a_lab_that_is_up_stays_or_grows(given, students):
    assert settings.read({**given, "DEBIAN": "12"}, UP) == Settings(students=students)


def test_where_there_is_no_inventory_no_lab_is_up(hosts):
    assert settings.up_now() is None


LAB = "all: {vars: {lab: {name: x, students: 3, debian: 12, subnet: 10.0.0.0/24}}}"


def test_an_inventory_may_be_changed_by_hand(hosts):
    hosts.write_text(LAB)
    assert settings.up_now() == Settings(3, "12", "x", "10.0.0.0/24")


GARBAGE = {
    "empty": "",
    "word": "x",
    "list": "[]",
    "no lab": "all: {vars: {}}",
    "number": "all: {vars: {lab: 5}}",
    "only a name": "all: {vars: {lab: {name: x}}}",
    "no YAML": "{",
    "no text": "\udcff",
    "no number of students": LAB.replace("3", "many"),
    "no release": LAB.replace("12", "11"),
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
def test_an_inventory_that_cannot_be_read_is_said(hosts, text):
    hosts.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SettingsError) as caught:
        settings.up_now()
    assert str(hosts) in str(caught.value)
    assert "Take the lab down (make down)" in str(caught.value)
    assert "\n" not in str(caught.value)
