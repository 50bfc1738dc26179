"""Every role has one description of its variables, written twice: for Ansible and for readers."""

from __future__ import annotations

import itertools
from functools import lru_cache

import pytest
import yaml

from tests.support.collection import ROOT

ROLES = sorted(path.name for path in ROOT.glob("roles/*"))


@lru_cache
def load(role, name):
    return yaml.safe_load((ROOT / "roles" / role / name).read_text()) or {}


def main(role):
    return load(role, "meta/argument_specs.yml")["argument_specs"]["main"]


def options(found, path=""):
    """Every option with its path, those inside other options too."""
    for name, option in found.get("options", {}).items():
        yield f"{path}{name}", option
        yield from options(option, f"{path}{name}.")


@pytest.mark.parametrize("role", ROLES)
def test_specification_and_defaults_name_the_same_variables_in_the_same_order(role):
    assert list(main(role)["options"]) == list(load(role, "defaults/main.yml"))


@pytest.mark.parametrize("role", ROLES)
def test_specification_and_defaults_have_the_same_values(role):
    specified = {name: option["default"] for name, option in main(role)["options"].items()}
    assert specified == load(role, "defaults/main.yml")


@pytest.mark.parametrize("role", ROLES)
def test_every_option_has_a_type_and_is_described(role):
    for path, option in options(main(role)):
        assert option["description"], path
        assert option["type"], path
        assert option["type"] != "list" or option["elements"], path


@pytest.mark.parametrize("role", ROLES)
def test_a_comment_stands_above_every_variable(role):
    lines = (ROOT / "roles" / role / "defaults/main.yml").read_text().splitlines()
    for name in load(role, "defaults/main.yml"):
        (number,) = [at for at, line in enumerate(lines) if line.startswith(f"{name}:")]
        assert lines[number - 1].startswith("# "), name


@pytest.mark.parametrize("role", ROLES)
def test_every_role_says_what_it_is(role):
    found = main(role)
    assert found["description"]
    assert found["short_description"] == load(role, "meta/main.yml")["galaxy_info"]["description"]


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_bears_the_name_of_its_role(role):
    assert all(name.startswith(f"{role}_") for name in load(role, "defaults/main.yml"))
    internals = (
        load(role, "vars/main.yml") if (ROOT / f"roles/{role}/vars/main.yml").exists() else {}
    )
    assert all(name.startswith(f"__{role}_") for name in internals)


def test_no_roles_name_begins_with_another_ones():
    # A variable would seem to belong to both: labs.mail.unknown_variables asks by the name alone.
    for one, other in itertools.permutations(ROLES, 2):
        assert not other.startswith(one)
