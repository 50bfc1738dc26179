"""An account's number follows from its name."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.filter.account_uids import FilterModule

account_uids = FilterModule().filters()["account_uids"]


def test_a_number_is_the_same_whoever_else_there_is():
    alone = account_uids({"prof": {}})
    both = account_uids({"tech": {"comment": "Technicien"}, "prof": None})
    assert both["prof"] == alone["prof"] != both["tech"]
    assert all(20_000 <= uid < 60_000 for uid in both.values())


def test_a_number_that_is_named_is_taken():
    assert account_uids({"prof": {"uid": 1001}}) == {"prof": 1001}


def test_two_accounts_with_one_number_are_refused():
    with pytest.raises(AnsibleFilterError, match="a and b have the same number 1001"):
        account_uids({"a": {"uid": 1001}, "b": {"uid": 1001}})


def test_what_is_no_mapping_is_refused():
    with pytest.raises(AnsibleFilterError, match="write a mapping by their names"):
        account_uids(["prof"])
