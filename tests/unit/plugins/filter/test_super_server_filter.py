from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.filter.super_server import FilterModule

super_server = FilterModule().filters()["super_server"]

SERVICES = {"pop3": {"server": "/bin/cat"}, "trial": {"server": "/bin/cat", "port": 7}}


@pytest.mark.parametrize(
    ("program", "paths"),
    [
        ("xinetd", ["/etc/xinetd.conf", "/etc/xinetd.d/pop3", "/etc/xinetd.d/trial"]),
        ("inetd", ["/etc/inetd.conf"]),
    ],
)
def test_services_become_files_and_ports(program, paths):
    made = super_server(SERVICES, program)
    assert [file["path"] for file in made["files"]] == paths
    assert made["ports"] == [7, 110]


def test_defaults_are_xinetd_s():
    made = super_server(SERVICES, "xinetd", {"instances": 9})
    assert "instances       = 9" in made["files"][0]["content"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (({"pop3": {}}, "inetd"), "inetd_services.pop3: takes one of server, redirect"),
        (({}, "xinetd", {"x": 1}), "xinetd_defaults: x is no attribute here"),
        (({}, "rlinetd"), "rlinetd is no super-server; write xinetd or inetd"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(asked, message):
    with pytest.raises(AnsibleFilterError, match=message):
        super_server(*asked)
