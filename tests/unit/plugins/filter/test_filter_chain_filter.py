from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.filter.filter_chain import FilterModule

filter_chain = FilterModule().filters()["filter_chain"]


def test_a_chain_is_what_postfix_and_the_filters_are_told():
    made = filter_chain("clamsmtp_filter", {"scan_port": 10025})
    assert made["postfix"]["parameters"]["content_filter"] == "clientsmtp:[127.0.0.1]:10025"
    assert made["clamsmtp"]["listen"] == "127.0.0.1:10025"


def test_what_is_wrong_is_said_where_it_stands():
    with pytest.raises(AnsibleFilterError, match="filter_chain_settings: smtp_port and clamd_port"):
        filter_chain("antispam", {"clamd_port": 25})
