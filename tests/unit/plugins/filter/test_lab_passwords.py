from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.filter.lab_passwords import FilterModule
from ansible_collections.labs.mail.plugins.plugin_utils import _lab_passwords

lab_passwords = FilterModule().filters()["lab_passwords"]


def test_each_account_of_each_machine_has_a_password_of_its_own():
    found = [
        password
        for secret in ("one", "two")
        for machine in ("student1", "student2", "student11")
        for password in lab_passwords(["tech", "prof", "1tech"], secret, machine).values()
    ]
    assert len(set(found)) == len(found) == 18


def test_the_same_names_have_the_same_password():
    assert lab_passwords(["tech"], "s", "m") == lab_passwords(["tech"], "s", "m")


def test_names_that_are_cut_elsewhere_are_others():
    (one,) = lab_passwords(["2tech"], "s", "student1").values()
    (other,) = lab_passwords(["tech"], "s", "student12").values()
    assert one != other


def test_they_can_be_read_and_typed():
    password = lab_passwords(["tech"], "s", "m")["tech"]
    assert len(password) == 10
    assert not set(password) & set("0O1lI")


# Of the paper, which has them as addresses: https://arxiv.org/html/0901.4016
PROQUINTS = {0x7F00: "lusab", 0x0001: "babad", 0x3F54: "gutih", 0xDCC1: "tugad", 0x8C62: "mudof"}


@pytest.mark.parametrize(("number", "word"), PROQUINTS.items())
def test_words_are_proquints(number, word):
    assert _lab_passwords._word(number) == word


def test_words_are_three_and_each_accounts_own():
    found = lab_passwords([f"student{number}" for number in range(1, 201)], "s", "gate", words=True)
    assert len(set(found.values())) == 200
    assert all(re.fullmatch("[a-z]{5}-[a-z]{5}-[a-z]{5}", words) for words in found.values())
    assert not set("".join(found.values())) & set("ceqwxy")  # What is read aloud in two ways.
    assert found != lab_passwords(list(found), "s", "world", words=True)
    assert found["student1"] != lab_passwords(["student1"], "s", "gate")["student1"]


def test_without_a_secret_there_is_none():
    with pytest.raises(AnsibleFilterError, match="secret is empty"):
        lab_passwords(["tech"], "", "m")
