from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.filter.lab_passwords import FilterModule

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


def test_without_a_secret_there_is_none():
    with pytest.raises(AnsibleFilterError, match="secret is empty"):
        lab_passwords(["tech"], "", "m")
