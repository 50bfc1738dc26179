"""The collection as users have it: installed from its archive, and as a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.collection import NOWHERE, ROOT

BIN = Path(sys.executable).parent
COMMAND_SECONDS = 60


class Ansible:
    """Ansible's commands with the collections of one folder alone, and none of our settings."""

    def __init__(self, collections: Path, folder: Path) -> None:
        self.folder = folder
        settings = folder / "ansible.cfg"
        settings.touch()
        kept = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONDONTWRITEBYTECODE")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ}
        self.environment |= {
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "ANSIBLE_CONFIG": str(settings),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_NOCOLOR": "true",
            "COLUMNS": "1000",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, command: str, *words: str) -> tuple[int, str]:
        """Run a command; returns its exit code and all that it printed."""
        result = subprocess.run(
            [BIN / command, *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return result.returncode, result.stdout

    def succeed(self, command: str, *words: str) -> str:
        """Run a command that must succeed; returns what it printed."""
        code, output = self.run(command, *words)
        assert code == 0, output
        return output

    def play(
        self, playbook: str | list, hosts: dict[str, dict], *words: str, world: bool = False
    ) -> tuple[int, str]:
        """Run a playbook, by its name or as data, on hosts of the group ``students``."""
        if not isinstance(playbook, str):
            (self.folder / "play.yml").write_text(yaml.safe_dump(playbook))
            playbook = "play.yml"
        others = {"world": {**NOWHERE, "machine_address": "192.0.2.53"}} if world else {}
        inventory = {"all": {"hosts": others, "children": {"students": {"hosts": hosts}}}}
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(inventory))
        return self.run("ansible-playbook", "-i", "hosts.yml", playbook, *words)


@pytest.fixture(scope="session")
def archive(tmp_path_factory) -> Path:
    """The archive of the collection, built from this checkout."""
    folder = tmp_path_factory.mktemp("archive")
    ansible = Ansible(folder, folder)
    ansible.succeed(
        "ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(folder)
    )
    (path,) = folder.glob("labs-mail-*.tar.gz")
    return path


@pytest.fixture(scope="session")
def installed(archive, tmp_path_factory) -> Path:
    """A folder with the collection as ansible-galaxy installs it, and nothing else."""
    folder = tmp_path_factory.mktemp("collections")
    command = ["collection", "install", str(archive), "--offline", "-p", str(folder)]
    Ansible(folder, folder).succeed("ansible-galaxy", *command)
    return folder


@pytest.fixture(scope="session", params=["installed", "checkout"])
def ansible(request, tmp_path_factory) -> Ansible:
    """Ansible with the installed collection alone, and with the checkout alone."""
    collections = ROOT / ".cache"
    if request.param == "installed":
        collections = request.getfixturevalue("installed")
    return Ansible(collections, tmp_path_factory.mktemp(request.param))
