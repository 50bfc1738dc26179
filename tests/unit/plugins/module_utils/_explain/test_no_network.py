"""A program that is kept from DNS asks nobody, and does all else as before."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain.asking import asking_in_a_row
from ansible_collections.labs.mail.plugins.module_utils._explain.no_network import (
    ARCHITECTURES,
    instructions,
    without_dns,
)

OPENS = """\
import ctypes, json, socket
library = ctypes.CDLL(None, use_errno=True)
kinds = {"stream": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM}
closed = socket.SOCK_CLOEXEC
print(json.dumps({
    f"{family.name} {name} {flags}": library.socket(family, kind | flags, 0) >= 0
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
    for name, kind in kinds.items()
    for flags in (0, closed, closed | socket.SOCK_NONBLOCK)
}))
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def opened(start=lambda run: run()):
    return json.loads(start(lambda: run(OPENS)).stdout)


@pytest.fixture(autouse=True)
def _known():
    assert os.uname().machine in ARCHITECTURES, "the filter is for x86_64 and aarch64"


def test_what_the_library_asks_dns_with_is_denied_and_nothing_else():
    free, kept = opened(), opened(without_dns)
    denied = {name for name in free if free[name] and not kept[name]}
    assert denied == {
        name for name in free if free[name] and name.startswith("AF_INET") and name[-1] != "0"
    }
    assert any(name.startswith("AF_INET ") for name in denied)


def test_no_name_is_looked_up():
    code = "import socket; socket.getaddrinfo('mail.example.org', 25)"
    done = without_dns(lambda: run(code))
    assert "gaierror" in done.stderr


def test_who_starts_it_may_ask_as_before():
    before = opened()
    without_dns(lambda: run(""))
    assert opened() == before


def test_what_cannot_be_started_is_said():
    with pytest.raises(FileNotFoundError):
        without_dns(lambda: subprocess.run(["/nowhere"], check=False))


def test_another_architecture_is_left_alone():
    assert instructions("m68k") == b""


@pytest.mark.parametrize("name", ["reject_rbl_client", "reject_unknown_sender_domain"])
def test_a_row_that_asks_is_known(name):
    question = asking_in_a_row(name, "smtpd_sender_restrictions", False)
    assert (question.text, question.list) == (name, "smtpd_sender_restrictions")


@pytest.mark.parametrize("name", ["reject", "permit", "check_sender_access", "explain_unknown_0"])
def test_a_row_that_asks_nobody(name):
    assert asking_in_a_row(name, "smtpd_sender_restrictions", True) is None


def test_who_has_logged_in_is_asked_where_clients_may():
    name = "reject_authenticated_sender_login_mismatch"
    assert asking_in_a_row(name, "smtpd_sender_restrictions", True).text == name
    assert asking_in_a_row(name, "smtpd_sender_restrictions", False) is None
