"""Every stock master.cf with every operation; ``GOLDEN=write`` writes the results anew."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import join
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import editor as edit
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser as master
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import (
    requested_service,
)

ROOT = Path(__file__).parents[6]
GOLDEN = Path(__file__).with_name("golden")
STOCK = {
    f"{path.parent.name}": path.read_bytes()
    for path in sorted((ROOT / "tests/fixtures/postfix").glob("*/master.cf.dist"))
}
# Students copy files from where lines end differently, and editors leave out the last ending.
INPUTS = {
    **STOCK,
    "debian-13, CRLF": STOCK["debian-13"].replace(b"\n", b"\r\n"),
    "debian-12, no final newline": STOCK["debian-12"].rstrip(b"\n"),
}

SCAN = {
    "clientsmtp/unix": {"chroot": "n", "maxproc": 16, "command": "smtp"},
    "127.0.0.1:2626/inet": {
        "chroot": "n",
        "maxproc": 16,
        "command": "smtpd",
        "options": {"content_filter": ""},
    },
}
OPERATIONS = {
    "nothing": {},
    "chroot": {"smtp/inet": {"chroot": False}, "cleanup/unix": {"chroot": False}},
    "columns": {
        "pickup/unix": {"wakeup": "600?", "maxproc": 100},
        "qmgr/unix": {"command": "oqmgr"},
    },
    "enable": {"submission/inet": {}, "628/inet": {}, "mailman/unix": {}},
    "enable_exactly": {
        "submission/inet": {
            "options_mode": "exact",
            "options": {"smtpd_sasl_auth_enable": True, "syslog_name": "postfix/submission"},
        }
    },
    "comment": {"smtp/inet": {"state": "commented"}, "relay/unix": {"state": "commented"}},
    "absent": {"relay/unix": None, "smtp/inet": None, "postlog/unix-dgram": None},
    "postscreen": {
        "smtp/inet": {"command": "postscreen", "maxproc": 1},
        "smtpd/pass": {},
        "dnsblog/unix": {},
        "tlsproxy/unix": {},
    },
    "option": {"relay/unix": {"options": {"smtp_helo_timeout": 5, "syslog_name": "relay {x}"}}},
    "option_gone": {"relay/unix": {"options": {"syslog_name": None}}},
    "flags": {"smtp/inet": {"args": "-v"}, "relay/unix": {"args": "-v"}},
    "pipe": {
        "uucp/unix": {"attributes": {"user": "nobody", "size": 1000}, "options": {"x": "y"}},
        "mailman/unix": {"command": "pipe", "args": ["user=list", "argv=/bin/sh", "-c", "a b"]},
    },
    "scan": SCAN,
}


def bring(data, services, **how):
    return edit.set_services(
        data, [requested_service(key, asked) for key, asked in services.items()], **how
    )


def diff(name, before, after):
    # A carriage return is shown, since ansible-test refuses files that hold one.
    texts = [data.decode().replace("\r\n", "\\r\n") for data in (before, after)]
    lines = [text.splitlines(keepends=True) for text in texts]
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ no newline\n"
        for line in difflib.unified_diff(*lines, name, name, n=1)
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_an_operation_does_to_the_stock_files(operation):
    found = ""
    for name, data in INPUTS.items():
        change = bring(data, OPERATIONS[operation])
        found += diff(name, data, change.data)
        again = bring(change.data, OPERATIONS[operation])
        assert (again.data, again.changed) == (change.data, [])
    path = GOLDEN / f"postfix_master.{operation}.diff"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(found.encode())
    assert found.encode() == path.read_bytes()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", STOCK)
def test_from_any_operation_back_to_the_stock_file(name, operation):
    stock = STOCK[name]
    after = bring(stock, OPERATIONS[operation]).data
    back = bring(after, {}, exclusive=True, baseline=stock)
    assert _meaning(back.data) == _meaning(stock)
    # Sentences that are no longer between the options of an entry are somebody's own.
    if operation != "enable_exactly":
        assert back.data == stock


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", STOCK)
def test_exclusive_goes_from_any_operation_to_any_other(name, operation):
    stock = STOCK[name]
    aim = _meaning(bring(stock, SCAN, exclusive=True, baseline=stock).data)
    change = bring(bring(stock, OPERATIONS[operation]).data, SCAN, exclusive=True, baseline=stock)
    assert _meaning(change.data) == aim
    again = bring(change.data, SCAN, exclusive=True, baseline=stock)
    assert (again.data, again.changed) == (change.data, [])


@pytest.mark.parametrize("data", INPUTS.values(), ids=INPUTS)
def test_stock_files_are_read_and_written_alike(data):
    sources, entries = master.parse(data)
    assert join(sources) == data
    assert len(entries) > 20


def _meaning(data):
    return {
        entry.key: (entry.values(), entry.option_values(), entry.arguments())
        for entry in master.parse(data)[1]
    }
