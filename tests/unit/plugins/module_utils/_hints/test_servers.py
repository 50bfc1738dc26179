"""Signs of who serves, from what ss(8) prints."""

import pytest

from ansible_collections.labs.mail.plugins.module_utils._hints import servers


def line(address):
    return f"LISTEN 0      4096   {address:>18}  0.0.0.0:*   \n"


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("0.0.0.0:110", "for all"),
        ("*:110", "for all"),
        ("[::]:110", "for all"),
        ("127.0.0.1:110", "for the machine"),
        ("127.0.0.53%lo:110", "for the machine"),
        ("[::1]:110", "for the machine"),
        ("172.30.187.11:110", "for the network"),
        ("[fe80::1]%eth0:110", "for the network"),
    ],
)
def test_a_port_is_named_with_its_reach(address, reach):
    assert servers.signs(line(address), []) == {f"port 110 is open {reach}"}


def test_machines_that_differ_in_numbers_alone_show_the_same():
    one, other = line("172.30.187.11:25"), line("172.30.187.12:25")
    assert servers.signs(one, ["cron"]) == servers.signs(other, ["bash", "dbus-daemon"])


def test_a_daemon_that_runs_and_serves_nothing_is_seen():
    assert servers.signs("", ["systemd", "xinetd", "bash"]) == {"xinetd runs"}


@pytest.mark.parametrize(
    "listening",
    ["", line("127.0.0.1:40123"), "Cannot open netlink socket: Permission denied\n"],
    ids=["nothing", "a port of anybody", "no listing"],
)
def test_what_tells_nothing_gives_no_sign(listening):
    assert servers.signs(listening, []) == set()
