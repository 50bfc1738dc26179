"""A lab of four students over three hosts, whatever is in the way of which goes at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._incus.definition import Names
from launcher import engine, incus
from tests.cluster.hosts import Hosts
from tests.support.lab import COMMAND_SECONDS, Lab

pytest_plugins = ["tests.support.lab"]

FOLDER = Path("/srv/labs-mail-test")
STUDENTS = 4


class HostsLab(Lab):
    """A lab on several hosts."""

    hosts: Hosts
    seconds = 2 * COMMAND_SECONDS
    """Three daemons share this computer with the machines."""

    @property
    def bridge(self) -> str:
        """The network of its machines."""
        return Names(self.name).bridge

    def place(self, machine: str):
        """Return the host that a machine is on."""
        query = "/1.0/instances?all-projects=true&recursion=1"
        found = json.loads(self.asked(f"incus query '{query}'"))
        (at,) = [each["location"] for each in found if each["name"] == f"{self.name}-{machine}"]
        return next(host for host in self.hosts.all if host.name == at)

    def asked(self, command: str) -> str:
        """Return what a host says that is alive."""
        host = next(host for host in self.hosts.all if host.process)
        return host.ssh(command).stdout


@pytest.fixture(scope="module")
def hosts():
    """Three hosts, each with namespaces of its own."""
    console = Console()
    if not Path("/usr/sbin/sshd").exists():
        engine.install(console, ["openssh-server"])
    if incus.program("incus") is None:
        incus.install("incus", console)
    hosts = Hosts(FOLDER, 3)
    hosts.destroy()
    try:
        hosts.build()
        yield hosts
    finally:
        hosts.destroy()


@pytest.fixture(scope="module")
def lab(copy, hosts):
    """A lab that is up on them; its hosts go as a whole."""
    inventory = FOLDER / "hosts.yml"
    known = {host.name: {"ansible_host": host.address} for host in hosts.all}
    variables = {"incus_host_backports": True, "incus_host_pool_size": "12GiB"}
    group = {"incus_hosts": {"vars": variables, "hosts": known}}
    inventory.write_text(yaml.safe_dump({"all": {"children": group}}))
    lab = HostsLab(copy, "clustertest", "172.30.197.0/24", "incus")
    lab.hosts = hosts
    lab.own = [*lab.own, f"HOSTS={inventory}"]
    lab.first_output = lab.up(f"STUDENTS={STUDENTS}")
    return lab
