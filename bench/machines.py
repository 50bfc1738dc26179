"""Machines for the benchmark: fresh ones, on a network of their own, gone at the end."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import docker
import yaml
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._docker.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._provider.inotify import raise_inotify_limit
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import Machine
from ansible_collections.labs.mail.plugins.module_utils._provider.sshd import wait_for_sshd
from launcher import engine, image, keys, playbook
from launcher.settings import ROOT

LAB = "bench"
NETWORK = "172.30.181"
KEYS = ROOT / ".cache" / "keys"
KNOWN = ["-o", f"UserKnownHostsFile={KEYS / keys.KNOWN_HOSTS}"]


class Machines:
    """Fresh machines with their addresses, and what can be timed on them."""

    def __init__(self, addresses: dict[str, str], folder: Path) -> None:
        self.addresses = addresses
        self.folder = folder

    def script(self, name: str, path: Path) -> float:
        """Run a shell script on a machine over ssh; returns the seconds it took."""
        options = [
            "-i",
            str(KEYS / keys.USER_KEY),
            "-o",
            f"UserKnownHostsFile={KEYS / keys.KNOWN_HOSTS}",
        ]
        command = ["ssh", *options, f"root@{self.addresses[name]}", "bash", "-s"]
        return timed(command, stdin=path.read_text())

    def playbook(
        self,
        path: Path,
        names: list[str],
        mitogen: bool = True,
        variables: Mapping[str, Mapping[str, str]] | None = None,
    ) -> float:
        """Run a playbook on machines, with variables of their own; returns the seconds it took."""
        common = {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(KEYS / keys.USER_KEY),
            "ansible_ssh_common_args": " ".join(KNOWN),
        }
        own = variables or {}
        hosts = {
            name: {"ansible_host": self.addresses[name], **own.get(name, {})} for name in names
        }
        inventory = self.folder / "hosts.yml"
        inventory.write_text(yaml.safe_dump({"all": {"vars": common, "hosts": hosts}}))
        environment = playbook.environment()
        if not mitogen:
            environment = {k: v for k, v in environment.items() if "ANSIBLE_STRATEGY" not in k}
        command = [str(playbook.BIN / "ansible-playbook"), "-i", str(inventory), str(path)]
        return timed(command, environment=environment)


def timed(command: list[str], stdin: str = "", environment: dict[str, str] | None = None) -> float:
    """Run a command to its end; returns the seconds it took. Fails with what it printed."""
    started = time.monotonic()
    result = subprocess.run(
        command, input=stdin, env=environment or os.environ, cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{result.stdout[-3000:]}")
    return time.monotonic() - started


@contextmanager
def machines(names: list[str], release: str, console: Console) -> Iterator[Machines]:
    """Start machines that nothing was done to yet, and remove them at the end."""
    image.ensure(engine.ensure(console), release, console)
    addresses = {name: f"{NETWORK}.{number}" for number, name in enumerate(names, 11)}
    keys.ensure(KEYS, addresses)
    files = {"/root/.ssh/authorized_keys": (KEYS / f"{keys.USER_KEY}.pub").read_text()}
    lab = Engine(docker, LAB)
    lab.remove([c.name for c in lab.containers() if c.name.startswith(f"{LAB}-")])
    try:
        raise_inotify_limit(len(names))
        network = lab.missing_network(f"{NETWORK}.0/24", internal=False)
        if network:
            lab.create_network(network)
        wanted = [
            Machine(
                f"{LAB}-{name}",
                image.name(release),
                release,
                address,
                files=keys.host_key_files(KEYS, name),
                hostname=name,
            )
            for name, address in addresses.items()
        ]
        lab.start(wanted, [], files)
        wait_for_sshd(addresses, 60)
        with tempfile.TemporaryDirectory() as folder:
            yield Machines(addresses, Path(folder))
    finally:
        lab.remove([f"{LAB}-{name}" for name in names])
