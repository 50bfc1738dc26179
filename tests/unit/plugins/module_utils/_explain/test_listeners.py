"""Who listens where: services of master.cf, clamsmtpd, and next hops that are this machine."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain.listeners import (
    is_itself,
    listener,
    listener_at,
    listens,
    own_addresses,
    own_port,
    proxy,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import parse

MASTER = b"""\
smtp inet n - n - - smtpd
127.0.0.1:2626 inet n - n - - smtpd -o content_filter=
pickup unix n - n 60 1 pickup
"""


class Settings:
    def __init__(self, interfaces="all"):
        self.values = {"inet_interfaces": interfaces}
        self.services = parse(MASTER)[1]


@pytest.mark.parametrize(
    ("port", "client", "interfaces", "found"),
    [
        (25, "203.0.113.9", "all", "smtp"),
        (25, "203.0.113.9", "loopback-only", None),
        (25, "127.0.0.1", "loopback-only", "smtp"),
        (2626, "127.0.0.1", "all", "127.0.0.1:2626"),
        (2626, "203.0.113.9", "all", None),
        (587, "127.0.0.1", "all", None),
    ],
)
def test_listeners(port, client, interfaces, found):
    entry = listener(Settings(interfaces), port, client)
    assert (entry.name if entry else None) == found


@pytest.mark.parametrize(
    ("nexthop", "port"),
    [
        ("[127.0.0.1]:10025", 10025),
        ("127.0.0.1:10025", 10025),
        ("localhost:2525", 2525),
        ("[::1]:26", 26),
        ("[127.0.0.1]", 25),
        ("inet:127.0.0.1:24", 24),
        ("[smtp.ac-amiens.fr]", None),
        ("ac-amiens.fr:10025", None),
        ("unix:private/dovecot-lmtp", None),
        ("", None),
    ],
)
def test_next_hops_of_this_machine(nexthop, port):
    assert own_port(nexthop) == port


def test_clamsmtpd(tmp_path):
    path = tmp_path / "clamsmtpd.conf"
    path.write_text(
        "# OutAddress: 1\nOutAddress: 127.0.0.1:10026\nListen: 0.0.0.0:25\nXClient: on\n"
    )
    found = proxy(25, path)
    assert (found.out, found.xclient, found.line) == (10026, True, 2)
    assert found.header == "X-Virus-Scanned: ClamAV using ClamSMTP"
    assert proxy(26, path) is None
    assert proxy(25, tmp_path / "missing") is None


@pytest.mark.parametrize("header", ["X-Seen: yes", ""])
def test_the_header_that_clamsmtpd_adds(tmp_path, header):
    path = tmp_path / "clamsmtpd.conf"
    path.write_text(f"OutAddress: 10026\nHeader: {header}\n")
    assert proxy(10025, path).header == header


SOCKETS = """\
  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:0FA2 00000000:0000 0A 00000000:00000000
   1: 0100007F:0FA3 0100007F:B0A2 01 00000000:00000000
   2: 00000000:0FA4 00000000:0000 0A 00000000:00000000
"""


@pytest.mark.parametrize(
    ("host", "port", "found"),
    [
        ("[127.0.0.1]", 4002, True),
        ("localhost", 4002, True),
        ("127.0.0.2", 4002, False),
        ("127.0.0.2", 4004, True),
        ("127.0.0.1", 4003, False),
        ("127.0.0.1", 25, False),
    ],
)
def test_who_listens(tmp_path, host, port, found):
    table = tmp_path / "tcp"
    table.write_text(SOCKETS)
    assert listens(host, port, [tmp_path / "missing", table]) == found
    assert listens(host, port, [tmp_path / "missing"])


@pytest.mark.parametrize(
    ("host", "port", "interfaces", "found"),
    [
        ("127.0.0.1", 25, "all", "smtp"),
        ("127.0.0.2", 25, "all", "smtp"),
        ("[127.0.0.1]", 25, "loopback-only", "smtp"),
        ("127.0.0.2", 25, "loopback-only", None),
        ("[::1]", 25, "127.0.0.1", None),
        ("localhost", 2626, "all", "127.0.0.1:2626"),
        ("127.0.0.2", 2626, "all", None),
        ("127.0.0.1", 587, "all", None),
    ],
)
def test_who_takes_what_the_machine_sends_to_itself(host, port, interfaces, found):
    entry = listener_at(Settings(interfaces), host, port)
    assert (entry.name if entry else None) == found


ADDRESS = "192.0.2.7"
TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.7
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
     |-- 127.0.0.0
        /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
"""
SIX = "20010db8000000000000000000000007 02 40 00 80     eth0\n"


def test_the_kernel_tells_the_own_addresses(tmp_path):
    (tmp_path / "trie").write_text(TRIE)
    (tmp_path / "six").write_text(SIX)
    told = own_addresses(tmp_path / "trie", tmp_path / "six")
    assert told == {ADDRESS, "127.0.0.1", "2001:db8::7"}
    assert own_addresses(tmp_path / "gone", tmp_path / "gone") == frozenset()


@pytest.mark.parametrize(
    ("nexthop", "port"),
    [
        ("[192.0.2.7]:2525", 2525),
        ("192.0.2.7", 25),
        ("[ipv6:2001:DB8::7]:26", 26),
        ("[192.0.2.8]:2525", None),
    ],
)
def test_an_own_address_is_this_machine(nexthop, port):
    assert own_port(nexthop, own=frozenset({ADDRESS, "2001:db8::7"})) == port


@pytest.mark.parametrize(
    ("interfaces", "proxies", "nexthop", "itself"),
    [
        ("all", "", "[192.0.2.7]", True),
        ("all", "", "192.0.2.7:smtp", True),
        ("all", "", "[192.0.2.7]:2525", False),
        ("all", "", "[192.0.2.8]", False),
        ("all", "192.0.2.8", "[192.0.2.8]", True),
        ("loopback-only", "", "[192.0.2.7]", False),
        ("loopback-only", "", "[127.0.0.1]:25", True),
        ("192.0.2.7", "", "[192.0.2.7]", True),
        ("192.0.2.7", "", "[127.0.0.1]", False),
        ("all", "", "unix:private/filter", False),
    ],
)
def test_smtp_finds_itself(interfaces, proxies, nexthop, itself):
    settings = Settings(interfaces)
    settings.values["proxy_interfaces"] = proxies
    assert is_itself(settings, nexthop, frozenset({ADDRESS})) is itself
