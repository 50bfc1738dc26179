from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible._internal._datatag._tags import Origin

from ansible_collections.labs.mail.plugins.lookup import unknown_variables as plugin

ROLES = {
    "postfix": {"postfix_parameters", "postfix_ports", "postfix_state"},
    "name_server": {"name_server_zones"},
}

NAMES = {
    "postfix_parameter": "postfix",
    "postfix_": "postfix",
    "postfix_Ports": "postfix",
    "name_server_zone": "name_server",
    # What the role has, what is nobody's, and what only looks like it.
    "postfix_ports": None,
    "name_server_zones": None,
    "postfix": None,
    "postfixes_parameter": None,
    "my_postfix_parameter": None,
    "__postfix_parameter": None,
    "name_servers": None,
    "name_forms": None,
    "ansible_host": None,
}


@pytest.mark.parametrize(("name", "role"), NAMES.items())
def test_a_name_that_begins_as_a_roles_variable_must_be_one(name, role):
    assert list(plugin.unknown([name], ROLES)) == ([(name, role)] if role else [])


SENTENCES = {
    "postfix_parameter": "did you mean postfix_parameters?",
    "postfix_prots": "did you mean postfix_ports?",
    # Nothing but the beginning is alike: all that there is helps more than a bad guess.
    "postfix_main_cf": "it has postfix_parameters, postfix_ports, postfix_state",
}


@pytest.mark.parametrize(("name", "end"), SENTENCES.items())
def test_the_sentence_helps_to_find_the_right_name(name, end):
    assert plugin.sentence(name, "postfix", ROLES["postfix"]) == (
        f"{name} is no variable of the role postfix; {end}"
    )


def test_the_variables_of_the_collections_own_roles_are_known():
    roles = plugin.roles_variables(plugin.ROLES)
    assert {"postfix_parameters", "postfix_state"} <= roles["postfix"]
    assert "name_server_zones" in roles["name_server"]


@pytest.fixture
def look_up():
    """Run the lookup on hosts with these variables, some of which were set by the run."""

    def look_up(hosts, set_by_run=None):
        manager = SimpleNamespace(_nonpersistent_fact_cache=set_by_run or {})
        hostvars = SimpleNamespace(_variable_manager=manager, raw_get=hosts.get)
        return plugin.LookupModule().run(list(hosts), {"hostvars": hostvars})

    return look_up


def test_each_mistake_is_said_once_and_where_it_stands(look_up):
    mistake = Origin(path="/etc/group_vars/students.yml", line_num=7, col_num=1).tag(
        "postfix_parameter"
    )
    hosts = {"student1": {mistake: {}, "postfix_state": "x"}, "student2": {mistake: {}}}
    assert look_up(hosts) == [
        "/etc/group_vars/students.yml:7:1: postfix_parameter is no variable of the role postfix; "
        "did you mean postfix_parameters?"
    ]


def test_where_the_place_is_not_known_the_host_is_named(look_up):
    (sentence,) = look_up({"student1": {"postfix_parameter": {}}})
    assert sentence.startswith("student1: postfix_parameter is no")


def test_what_the_run_registered_or_set_is_not_looked_at(look_up):
    hosts = {"student1": {"postfix_result": {}}, "student2": {"postfix_result": {}}}
    (sentence,) = look_up(hosts, {"student1": {"postfix_result": {"changed": False}}})
    assert sentence.startswith("student2: ")


def test_an_ansible_that_hides_what_a_run_has_set_is_warned_of(monkeypatch):
    warnings = []
    monkeypatch.setattr(plugin.Display, "warning", lambda _self, text: warnings.append(text))
    hostvars = SimpleNamespace(_variable_manager=None, raw_get={"student1": {"postfix_x": 1}}.get)
    (sentence,) = plugin.LookupModule().run(["student1"], {"hostvars": hostvars})
    assert "postfix_x is no variable" in sentence
    assert len(warnings) == 1
