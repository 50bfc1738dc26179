"""Every stock main.cf with every operation: the difference must be the one kept in golden/.

GOLDEN=write in the environment writes the files anew, to be looked at before they are committed.
"""

from __future__ import annotations

import difflib
import os

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import editor as edit
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.request import (
    requested_value,
)
from tests.support.stock import FIXTURES, STOCK_MAIN

GOLDEN = FIXTURES / "golden"

DESTINATIONS = ["$myhostname", "student1.test", "localhost"]
NETWORKS = ["127.0.0.0/8", "[::1]/128"]

OPERATIONS = {
    "nothing": {"parameters": {}},
    "present": {
        "parameters": {
            "mailbox_command": "/usr/bin/procmail",
            "mydestination": DESTINATIONS,
            "smtpd_banner": "$myhostname ESMTP",
            "biff": False,
            "message_size_limit": 0,
        }
    },
    "comments": {
        "parameters": {
            "mynetworks_style": "class",
            "relay_domains": "$mydestination",
            "relayhost": "uucphost",
        }
    },
    "longer list": {
        "parameters": {
            "smtpd_recipient_restrictions": [
                "permit_mynetworks",
                "reject_unauth_destination",
                "check_recipient_access hash:/etc/postfix/recipients",
                "permit",
            ]
        }
    },
    "absent": {"parameters": {"biff": None, "debugger_command": None, "mynetworks": None}},
    "commented": {
        "parameters": ["debugger_command", "debug_peer_level", "relayhost", "mynetworks"]
    },
    "exclusive": {
        "parameters": {"mydestination": DESTINATIONS, "mynetworks": NETWORKS},
        "exclusive": True,
    },
}


def changed(data, operation):
    asked = operation["parameters"]
    if isinstance(asked, list):
        return edit.comment_out(data, asked).data
    wanted = {name: requested_value(name, value) for name, value in asked.items()}
    return edit.set_parameters(data, wanted, operation.get("exclusive", False)).data


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", sorted(STOCK_MAIN))
def test_golden(name, operation):
    before = STOCK_MAIN[name]
    after = changed(before, OPERATIONS[operation])
    assert changed(after, OPERATIONS[operation]) == after
    texts = (data.decode().splitlines(keepends=True) for data in (before, after))
    difference = "".join(difflib.unified_diff(*texts, "before", "after", n=1))
    golden = GOLDEN / f"{name}.{operation.replace(' ', '-')}.diff"
    if os.environ.get("GOLDEN") == "write":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(difference)
    assert golden.read_text() == difference
