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


def test_no_process_of_a_machine_may_change_its_mounts():
    made = options([], Limits(), docker)
    assert made["cap_add"] == []
    assert made["cap_drop"] == ["MKNOD", "NET_RAW"]


def test_process_1_waits_for_its_mounts_and_becomes_systemd():
    script = options([], Limits(), docker)["command"][-1]
    assert script.index("/run/labs.mail/mounts") < script.index("exec /sbin/init\n")


def test_the_engines_profile_of_system_calls_stays_in_force():
    assert options([], Limits(), docker)["security_opt"] == ["apparmor=unconfined"]


def test_a_machine_keeps_the_capabilities_that_it_is_given():
    made = options(["SYS_ADMIN", "NET_RAW"], Limits(), docker)
    assert made["cap_add"] == ["NET_RAW", "SYS_ADMIN"]
    assert made["cap_drop"] == ["MKNOD"]


def test_no_cgroup_of_another_machine_is_there():
    made = options([], Limits(), docker)
    assert made["cgroupns"] == "private"
    assert "volumes" not in made


def test_limits_are_those_that_were_asked_for():
    made = options([], Limits("1g", 100, "2m", "20g"), docker)
    assert (made["mem_limit"], made["memswap_limit"]) == (1 << 30, 1 << 30)
    assert made["pids_limit"] == 100
    assert made["ulimits"] == [docker.types.Ulimit(name="fsize", soft=2 << 20, hard=2 << 20)]
    assert made["storage_opt"] == {"size": "20g"}


def test_without_limits_there_are_none():
    made = options([], Limits("", 0, "", ""), docker)
    assert not made.keys() & {"mem_limit", "memswap_limit", "pids_limit", "ulimits", "storage_opt"}


@pytest.mark.parametrize(
    ("text", "size"), [("7", 7), ("2k", 2048), ("3M", 3 << 20), ("4g", 4 << 30)]
)
def test_sizes(text, size):
    assert size_of(text, "file") == size


@pytest.mark.parametrize("text", ["g", "4x", "-", "4 g", "9" * 40])
def test_what_is_no_size(text):
    with pytest.raises(ConfigError, match=r"limits\.memory: found .*; write a size such as 512m"):
        options([], Limits(memory=text), docker)
