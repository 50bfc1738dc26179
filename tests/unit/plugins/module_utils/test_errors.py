from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import finding

SAID = {
    "all": (
        ConfigError("no = here", "main.cf", 3, 1, instead="write a = b"),
        "main.cf:3:1: no = here; write a = b",
    ),
    "no remedy": (ConfigError("it died", "main.cf"), "main.cf: it died"),
    "no place": (ConfigError("x is no key", instead="take it out"), "x is no key; take it out"),
}


@pytest.mark.parametrize(("error", "text"), SAID.values(), ids=SAID)
def test_what_an_error_says(error, text):
    assert str(error) == text
    assert text.endswith(error.message)


def test_a_finding_has_what_to_write_instead():
    found = finding(ConfigError("no = here; it is line 3", "main.cf", 3, 1, instead="write a = b"))
    assert (found.message, found.instead) == ("no = here; it is line 3", "a = b")


def test_a_semicolon_of_what_was_found_ends_nothing():
    found = finding(ConfigError("postfix said: bad; worse", "main.cf"))
    assert (found.message, found.instead) == ("postfix said: bad; worse", "")
