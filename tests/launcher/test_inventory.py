from __future__ import annotations

import stat

import pytest
import yaml

from launcher import inventory, settings
from launcher.settings import Settings

LABS = {
    "usual": Settings(),
    "one": Settings(students=1, debian="13", lab="x", subnet="10.0.0.0/24"),
    "largest": Settings(students=200, subnet="10.0.0.0/8"),
}


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_a_lab_that_was_written_is_read_again(hosts, lab):
    assert inventory.write(lab)
    assert settings.up_now() == lab


def test_the_second_time_nothing_is_written(hosts):
    inventory.write(Settings())
    before = hosts.stat()
    assert not inventory.write(Settings())
    assert (hosts.stat().st_ino, hosts.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert inventory.write(Settings(students=3))
    assert [path.name for path in hosts.parent.iterdir()] == ["hosts.yml"]


def test_what_a_killed_run_left_is_no_obstacle(hosts):
    hosts.with_name("hosts.yml~").write_text("half")
    assert inventory.write(Settings())
    assert yaml.safe_load(hosts.read_text())


def test_the_world_and_the_students_have_addresses():
    machines = inventory.hosts(Settings(students=2))["all"]["children"]["machines"]
    sources = {"pub": "172.30.177.3", "partner": "172.30.177.4"}
    world = {"machine_address": "172.30.177.2", "check_server_sources": sources}
    assert machines["hosts"] == {"world": world}
    assert machines["children"]["students"]["hosts"] == {
        "student1": {"machine_address": "172.30.177.11"},
        "student2": {"machine_address": "172.30.177.12"},
    }


def test_nothing_is_left_of_a_lab(hosts):
    inventory.write(Settings())
    keys = inventory.KEYS
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    inventory.remove()
    assert not hosts.exists()
    assert not keys.exists()
    inventory.remove()
