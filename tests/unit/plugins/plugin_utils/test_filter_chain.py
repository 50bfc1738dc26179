from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import (
    requested_service,
)
from ansible_collections.labs.mail.plugins.plugin_utils._filter_chain import (
    CHAINS,
    NAMES,
    PORTS,
    filter_chain,
)


def inet(made):
    """The services of Postfix that listen on a port, by their names."""
    services = made["postfix"]["services"]
    return {name for name, service in services.items() if service and name.endswith("/inet")}


def test_without_filters_nothing_is_told_postfix():
    made = filter_chain("none", {})
    assert made["postfix"] == {
        "parameters": {},
        "services": {},
        "maps": {"filtre": None},
        "ports": [25],
    }
    assert {made[role]["state"] for role in ("clamav", "clamsmtp", "spamassassin")} == {"absent"}


@pytest.mark.parametrize(
    ("chain", "present"),
    [
        ("clamsmtp_front", ["clamav", "clamsmtp"]),
        ("clamsmtp_filter", ["clamav", "clamsmtp"]),
        ("antispam", ["clamav", "clamsmtp", "spamassassin"]),
    ],
)
def test_each_chain_has_its_filters_and_no_others(chain, present):
    made = filter_chain(chain, {})
    roles = ("clamav", "clamsmtp", "spamassassin")
    assert [role for role in roles if made[role]["state"] == "present"] == present


@pytest.mark.parametrize(
    ("chain", "services", "ports", "passes"),
    [
        ("clamsmtp_front", {"127.0.0.1:2525/inet"}, [2525], ("0.0.0.0:25", "127.0.0.1:2525")),
        (
            "clamsmtp_filter",
            {"127.0.0.1:2626/inet"},
            [25, 2626],
            ("127.0.0.1:2525", "127.0.0.1:2626"),
        ),
        (
            "antispam",
            {"127.0.0.1:2626/inet", "127.0.0.1:2727/inet"},
            [25, 2626, 2727],
            ("127.0.0.1:2525", "127.0.0.1:2626"),
        ),
    ],
)
def test_the_ports_are_the_courses(chain, services, ports, passes):
    made = filter_chain(chain, {})
    assert inet(made) == services
    assert made["postfix"]["ports"] == ports
    assert (made["clamsmtp"]["listen"], made["clamsmtp"]["forward_to"]) == passes
    assert ("smtp/inet" in made["postfix"]["services"]) is (chain == "clamsmtp_front")


@pytest.mark.parametrize("chain", CHAINS)
def test_every_service_can_be_one_of_master_cf(chain):
    for name, asked in filter_chain(chain, {})["postfix"]["services"].items():
        requested_service(name, asked)


@pytest.mark.parametrize("chain", CHAINS)
def test_every_name_can_be_another(chain):
    ports = {name: 2000 + number for number, name in enumerate(NAMES) if name.endswith("_port")}
    others = {
        **ports,
        "client_service": "mine",
        "antispam_service": "pipe",
        "antispam_program": "/usr/bin/mine",
        "antispam_user": "other",
        "antispam_uid": 790,
        "cleanup_service": "clean",
        "mark_table": "mark",
    }
    assert others.keys() == NAMES.keys()
    text = str(filter_chain(chain, others))
    for name, value in NAMES.items():
        if name not in ("antispam_uid", "spamd_port"):
            assert f":{value}'" not in text, name
    for name in PORTS[chain]:
        assert str(others[name]) in text, name


@pytest.mark.parametrize(
    ("chain", "names", "message"),
    [
        ("both", {}, "'both' is no chain of filters; write one of none, clamsmtp_front"),
        (
            "clamsmtp_filter",
            {"return_port": 2525},
            "filter_chain_settings: scan_port and return_port are both 2525 in the chain",
        ),
        ("clamsmtp_front", {"behind_port": 25}, "smtp_port and behind_port are both 25"),
        ("antispam", {"final_port": 3310}, "final_port and clamd_port are both 3310"),
        ("antispam", {"final_port": 70000}, "found 70000; write a port from 1 to 65535"),
        ("antispam", {"fina_port": 1}, "fina_port is no attribute here; did you mean final_port?"),
        ("antispam", {"antispam_uid": 0}, "an account that is not root's"),
        ("antispam", {"mark_table": "../x"}, "write letters, digits, - and _ alone"),
        ("antispam", ["x"], "write a mapping of attributes"),
    ],
)
def test_what_cannot_be_is_said(chain, names, message):
    with pytest.raises(ConfigError) as caught:
        filter_chain(chain, names)
    assert message in str(caught.value)


def test_a_port_of_another_chain_may_be_the_same():
    assert filter_chain("clamsmtp_filter", {"behind_port": 25})


def test_what_passes_for_marked_is_what_the_filters_account_handed_back():
    (table,) = filter_chain("antispam", {"antispam_uid": 790})["postfix"]["maps"].values()
    assert table["content"] == (
        r"/^Received: by \S+ \(Postfix, from userid 790\)/ FILTER clientsmtp:[127.0.0.1]:2727" "\n"
    )


def test_local_mail_alone_can_be_marked_so():
    made = filter_chain("antispam", {})
    services = made["postfix"]["services"]
    assert "header_checks" not in made["postfix"]["parameters"]
    checked = [name for name, each in services.items() if "header_checks" in str(each)]
    assert "cleanupspam/unix" in checked
    assert "header_checks" not in services["pickup/unix"]["options"]
    assert services["pickup/unix"]["options"]["cleanup_service_name"] == "cleanupspam"


@pytest.mark.parametrize("chain", ["clamsmtp_filter", "antispam"])
def test_addresses_are_mapped_at_the_last_stage_alone(chain):
    postfix = filter_chain(chain, {})["postfix"]
    last = f"127.0.0.1:{postfix['ports'][-1]}/inet"
    assert "no_address_mappings" in postfix["parameters"]["receive_override_options"]
    for name in inet({"postfix": postfix}):
        overrides = postfix["services"][name]["options"]["receive_override_options"]
        assert ("no_address_mappings" in overrides) is (name != last)
