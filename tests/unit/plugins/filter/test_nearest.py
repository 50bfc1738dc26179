"""The nearest name, or all of them."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.filter.nearest import FilterModule, nearest

NAMES = ["uw_imap", "courier", "dovecot"]


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("dovcot", "did you mean dovecot?"),
        ("Dovecot", "did you mean dovecot?"),
        ("uw-imap", "did you mean uw_imap?"),
        ("UW IMAP", "did you mean uw_imap?"),
        ("courrier", "did you mean courier?"),
        ("courier-imap", "did you mean courier?"),
        ("zimbra", "choose uw_imap, courier or dovecot"),
        ("", "choose uw_imap, courier or dovecot"),
        (None, "choose uw_imap, courier or dovecot"),
    ],
)
def test_the_end_of_the_sentence(name, end):
    assert nearest(name, NAMES) == end


def test_one_name_is_all_there_is():
    assert nearest("x", ["dovecot"]) == "choose dovecot"


def test_it_is_a_filter_of_the_collection():
    assert FilterModule().filters() == {"nearest": nearest}
