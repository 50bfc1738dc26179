"""What a playbook cannot do is said in one sentence each, and all else is not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from ansible_collections.labs.mail.plugins.lookup import wrong_options as plugin

KNOWN = yaml.safe_load((plugin.PLAYBOOKS / "vars" / "options.yml").read_text())["playbook_options"]
NAMES = {*KNOWN, *plugin.names_in_files(plugin.PLAYBOOKS), "classroom_of_mine"}

RIGHT = [
    {"exercise": "queues", "stage": "start", "reset_by": "recreate", "keep_homes": False},
    {"keep_homes": "no", "language": "fr", "report_folder": "/tmp/x"},
    {"queue_id": "4F1B2", "since": "2026-03-26"},
    {"filter_chain": "antispam", "mailbox_server": "courier"},
    {"postfix_parameters": {}, "accounts_password": "x", "machine_fqdn": "x"},
    {"ansible_user": "root", "classroom_of_mine": 1},
]

WRONG = [
    ({"exercice": "x"}, "exercice is no variable of these playbooks; did you mean exercise?"),
    ({"stages": "x"}, "did you mean stage?"),
    ({"keep_home": "x"}, "did you mean keep_homes?"),
    ({"langage": "fr"}, "did you mean language?"),
    ({"repport_folder": "x"}, "did you mean report_folder?"),
    ({"mailbox_sever": "x"}, "did you mean mailbox_server?"),
    ({"filter_chian": "x"}, "did you mean filter_chain?"),
    ({"foo": 1}, "foo is no variable of these playbooks; leave it out"),
    ({"postfix_parametrs": {}}, "no variable of the role postfix; did you mean postfix_parameters"),
    ({"reset_by": "recrate"}, "must be one of: converge, recreate, got: recrate"),
    ({"reset_by": ""}, "reset_by is empty; write its value, or leave it out"),
    ({"exercise": " "}, "exercise is empty"),
    ({"language": "de"}, "must be one of: fr, en, got: de"),
    ({"keep_homes": "maybe"}, "'maybe' is not a valid boolean"),
    ({"check_seconds": "soon"}, "cannot be converted to an int"),
    ({"lab": "x"}, "dictionary requested"),
]


def sentences(given):
    of_options = {name: each for name, each in given.items() if name in KNOWN}
    return [*plugin.wrong_names(given, NAMES), *plugin.wrong_values(of_options, KNOWN)]


@pytest.mark.parametrize("given", RIGHT)
def test_what_there_is_may_be_given(given):
    assert sentences(given) == []


@pytest.mark.parametrize(("given", "words"), WRONG)
def test_what_there_is_not_is_said_in_one_sentence(given, words):
    (sentence,) = sentences(given)
    assert words in sentence


HOSTS = [
    ([], {}, "the inventory has no machines"),
    (["student1"], {"all": ["student1"]}, "no group students"),
    (["student1"], {"all": ["student1"], "students": ["student1"]}, "no host world"),
    (
        ["Student_1!"],
        {"all": ["world"], "students": ["x"]},
        "Student_1! cannot be a machine's name",
    ),
    (["a" * 64], {"all": ["world"], "students": ["x"]}, "cannot be a machine's name"),
    (["x\x1b"], {"all": ["world"], "students": ["x"]}, "x\ufffd cannot be"),
]


@pytest.mark.parametrize(("machines", "groups", "words"), HOSTS)
def test_an_inventory_of_which_no_lab_can_be_made_is_said(machines, groups, words):
    (sentence,) = plugin.wrong_hosts(machines, groups)
    assert words in sentence


def test_an_inventory_of_which_one_can_be_made_is_fine():
    groups = {"all": ["world", "student1"], "students": ["student1"]}
    assert not list(plugin.wrong_hosts(["world", "student1"], groups))


def test_only_a_playbook_that_needs_the_world_asks_for_it():
    groups = {"all": ["student1"], "students": ["student1"]}
    assert list(plugin.wrong_hosts(["student1"], groups))
    assert not list(plugin.wrong_hosts(["student1"], groups, world=False))


PORTS = [
    ({"package_cache_port": 99999}, ["package_cache_port is 99999; write a port from 1 to 65535"]),
    ({"package_cache_port": "0"}, ["package_cache_port is 0; write a port from 1 to 65535"]),
    ({"postfix_ports": [25, 70000, -1]}, ["postfix_ports is 70000", "postfix_ports is -1"]),
    ({"package_cache_port": 3142, "postfix_ports": [25]}, []),
    ({"package_cache_port": "{{ port }}", "my_port": 99999}, []),
]


@pytest.mark.parametrize(("variables", "words"), PORTS)
def test_ports_that_there_cannot_be_are_said(variables, words):
    found = list(plugin.wrong_ports(variables))
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found))


def test_no_report_is_a_part_of_an_inventory(tmp_path):
    whole = tmp_path / "inventory"
    file = tmp_path / "lab" / "hosts.yml"
    for place in (whole, file.parent, tmp_path / "link"):
        place.mkdir() if place.name != "link" else place.symlink_to(whole)
    file.touch()
    sources = [str(whole), str(file)]
    for within in (whole, whole / "deep/x.json", tmp_path / "link/x", file.parent / "host_vars/x"):
        assert "is within" in next(plugin.wrong_places([str(within)], sources))
    for outside in (tmp_path / "reports", file.parent / "reports", Path("/var/tmp/x")):
        assert not list(plugin.wrong_places([str(outside)], sources))


@pytest.fixture
def look_up(lookup):
    """Return a function that gives the sentences about hosts with these variables."""

    def look_up(extra, **hosts):
        manager = SimpleNamespace(extra_vars=extra)
        inventory = SimpleNamespace(groups={}, hosts={}, _sources=[])
        hostvars = SimpleNamespace(
            _variable_manager=manager, _inventory=inventory, raw_get=hosts.__getitem__
        )
        groups = {"all": [*hosts, "world"], "students": list(hosts)}
        return lookup(plugin).run(
            list(hosts), {"hostvars": hostvars, "groups": groups}, known=KNOWN
        )

    return look_up


def test_all_that_is_wrong_is_said_once(look_up):
    address = {"machine_address": "10.0.0.1"}
    assert look_up({"exercise": "queues"}, student1=address, student2=address) == []
    port = {**address, "package_cache_port": 70000}
    found = look_up({"exercice": "x"}, student1=port, student2=port, student3={})
    assert len(found) == 3
    assert "student3: the inventory gives it no machine_address; write one" in found
