"""What the steps of a check know of the lab."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext

PASSWORDS = {"prof": "p", "tech@etab.fr": "own"}
ACCOUNTS = [("prof", "p"), ("prof@etab.fr", "p"), ("tech@etab.fr", "own"), ("tech", "other")]


@pytest.mark.parametrize(("account", "password"), ACCOUNTS)
def test_an_address_has_the_password_of_its_name_unless_it_has_its_own(account, password):
    context = CheckContext("w", passwords=PASSWORDS, password="other")
    assert context.password_of(account) == password
