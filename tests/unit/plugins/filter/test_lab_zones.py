from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.filter.lab_zones import FilterModule

lab_zones = FilterModule().filters()["lab_zones"]


def machine(name, address):
    domain = f"{name}.test"
    return {"lab_domain": domain, "machine_fqdn": f"mail.{domain}", "machine_address": address}


LAB = {
    "world": machine("world", "10.0.0.2"),
    "student1": machine("student1", "10.0.0.11"),
    "student2": machine("student2", "10.0.1.12"),
}
WORLD = ["@ MX 10 mail", "@ A 10.0.0.2", "mail A 10.0.0.2"]
PLAYED = [*WORLD, "smtp A 10.0.0.2", "smtp MX 10 mail"]

ZONES = {
    # a zone, the domains that the world plays, and the records
    "world": ("world.test", [], [*WORLD, "autoconfig A 10.0.0.2"]),
    "student": (
        "student1.test",
        [],
        ["@ MX 10 mail", "@ A 10.0.0.11", "mail A 10.0.0.11", "autoconfig A 10.0.0.2"],
    ),
    "student with a partner": (
        "student1.test",
        ["beauvtt.fr"],
        [
            "@ MX 10 mail",
            "@ A 10.0.0.11",
            "mail A 10.0.0.11",
            "autoconfig A 10.0.0.2",
            "@ MX 20 mail.beauvtt.fr.",
        ],
    ),
    "played": ("pub.fr", ["pub.fr"], PLAYED),
    "partner": (
        "beauvtt.fr",
        ["beauvtt.fr"],
        [*PLAYED, "@ MX 20 mail.student1.test.", "@ MX 20 mail.student2.test."],
    ),
    "reverse": (
        "0.0.10.in-addr.arpa",
        [],
        ["2 PTR mail.world.test.", "11 PTR mail.student1.test."],
    ),
    "another network": ("1.0.10.in-addr.arpa", [], ["12 PTR mail.student2.test."]),
    "blocklist": ("dnsbl.test", [], ["2.0.0.127 A 127.0.0.2"]),
}


@pytest.mark.parametrize(("zone", "domains", "records"), ZONES.values(), ids=ZONES)
def test_the_records_of_a_zone(zone, domains, records):
    assert lab_zones(LAB, ["student1", "student2"], domains=domains)[zone] == records


def test_the_blocklist_has_who_is_listed():
    zones = lab_zones(LAB, [], listed=["192.0.2.7"])
    assert zones["dnsbl.test"] == ["2.0.0.127 A 127.0.0.2", "7.2.0.192 A 127.0.0.2"]


def test_machines_that_are_not_named_have_no_zone():
    assert "student2.test" not in lab_zones(LAB, ["student1"])
