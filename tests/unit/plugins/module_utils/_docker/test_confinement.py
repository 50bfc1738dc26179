"""What a container may do on the host that it shares."""

from __future__ import annotations

import docker
import pytest

from ansible_collections.labs.mail.plugins.module_utils._docker.confinement import (
    Limits,
    options,
    size_of,
)
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

V1, V2 = {"CgroupVersion": "1"}, {"CgroupVersion": "2"}


def test_what_process_1_needs_no_later_process_has():
    made = options(V1, [], Limits(), docker)
    assert made["cap_add"] == ["SYS_ADMIN"]
    assert made["cap_drop"] == ["MKNOD", "NET_RAW"]
    assert made["command"][-1].endswith(
        "exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin /sbin/init\n"
    )


def test_the_engines_profile_of_system_calls_stays_in_force():
    assert options(V1, [], Limits(), docker)["security_opt"] == ["apparmor=unconfined"]


def test_a_machine_keeps_the_capabilities_that_it_is_given():
    made = options(V1, ["NET_ADMIN", "NET_RAW"], Limits(), docker)
    assert made["cap_add"] == ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"]
    assert made["cap_drop"] == ["MKNOD"]
    kept = options(V1, ["SYS_ADMIN"], Limits(), docker)
    assert kept["command"][-1].endswith("exec /sbin/init\n")


@pytest.mark.parametrize("info", [V1, V2])
def test_no_cgroup_of_another_machine_is_there(info):
    made = options(info, [], Limits(), docker)
    assert made["cgroupns"] == "private"
    assert "volumes" not in made
    assert ("name=systemd" in made["command"][-1]) is (info is V1)


def test_limits_are_those_that_were_asked_for():
    made = options(V1, [], Limits("1g", 100, "2m", "20g"), docker)
    assert (made["mem_limit"], made["memswap_limit"]) == (1 << 30, 1 << 30)
    assert made["pids_limit"] == 100
    assert made["ulimits"] == [docker.types.Ulimit(name="fsize", soft=2 << 20, hard=2 << 20)]
    assert made["storage_opt"] == {"size": "20g"}


def test_without_limits_there_are_none():
    made = options(V1, [], Limits("", 0, "", ""), docker)
    assert not made.keys() & {"mem_limit", "memswap_limit", "pids_limit", "ulimits", "storage_opt"}


@pytest.mark.parametrize(
    ("text", "size"), [("7", 7), ("2k", 2048), ("3M", 3 << 20), ("4g", 4 << 30)]
)
def test_sizes(text, size):
    assert size_of(text, "file") == size


@pytest.mark.parametrize("text", ["g", "4x", "-", "4 g", "9" * 40])
def test_what_is_no_size(text):
    with pytest.raises(ConfigError, match=r"limits\.memory: found .*; write a size such as 512m"):
        options(V1, [], Limits(memory=text), docker)
