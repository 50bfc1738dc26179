"""A classroom over SSH: the example's inventory, Ansible, and a user who may sudo.

The containers stand for virtual machines. They are made by the lab's own playbook and from then
on reached as a teacher would reach hers, who is not root. `make test-all` has plain Ansible; with
Mitogen it is the same in half of the time.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import docker
import pytest
import yaml

from launcher import keys, playbook

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
EXAMPLE = ROOT / "inventories" / "classroom"
RUN_SECONDS = 300

LAB = {"name": "classtest", "subnet": "172.30.180.0/28", "internal": False}
WORLD = {"machine_address": "172.30.180.2", "debian": "12"}
STUDENTS = {"student1": {"machine_address": "172.30.180.3", "debian": "13"}}
# The engine's own, which knows where packages are.
FORWARDERS = ["127.0.0.11"]

PREPARE = """
set -e
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends sudo
useradd --create-home --shell /bin/bash teacher
echo 'teacher ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/teacher
mv /root/.ssh /home/teacher
chown -R teacher: /home/teacher/.ssh
# As with systemd-resolved, which writes the file anew at every boot.
mv /etc/resolv.conf /run/stub-resolv.conf
ln -s /run/stub-resolv.conf /etc/resolv.conf
"""


class Classroom:
    """An inventory like the example's, and the playbooks run on it."""

    def __init__(self, folder: Path) -> None:
        self.inventory = folder / "classroom"
        self.keys = folder / "keys"
        machines = {"world": WORLD, **STUDENTS}
        keys.ensure(self.keys, {name: each["machine_address"] for name, each in machines.items()})
        shutil.copytree(EXAMPLE, self.inventory)
        path = self.inventory / "hosts.yml"
        hosts = yaml.safe_load(path.read_text())
        machines = hosts["all"]["children"]["machines"]
        machines["hosts"]["world"].update(WORLD, name_server_forwarders=FORWARDERS)
        machines["children"]["students"]["hosts"] = STUDENTS
        path.write_text(yaml.safe_dump(hosts))

    def run(self, program: str, *words: str, **variables: str) -> tuple[int, str]:
        """Run a program of Ansible; returns its exit code and what it printed."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "ACCOUNTS_"))
        }
        result = subprocess.run(
            [str(BIN / program), "-i", str(self.inventory), *words],
            cwd=ROOT,
            env={
                **environment,
                **playbook.strategy(environment),
                "ANSIBLE_PRIVATE_KEY_FILE": str(self.keys / keys.USER_KEY),
                "ANSIBLE_SSH_COMMON_ARGS": f"-o UserKnownHostsFile={self.keys / keys.KNOWN_HOSTS}",
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        return result.returncode, result.stdout

    def play(self, name: str, *words: str) -> str:
        """Run a playbook that must succeed; returns what it printed."""
        words = (f"playbooks/{name}.yml", *words)
        code, output = self.run("ansible-playbook", *words, ACCOUNTS_PASSWORD="secret7")
        assert code == 0, output
        return output


def changes(output: str) -> dict[str, int]:
    """How many tasks changed each machine, by the recap of a run."""
    return {
        host: int(count) for host, count in re.findall(r"^(\w+) .* changed=(\d+)", output, re.M)
    }


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A world and a student, with Debian alone on them, and the inventory that names them."""
    classroom = Classroom(tmp_path_factory.mktemp("classroom"))
    lab = json.dumps({"lab": LAB, "lab_keys": str(classroom.keys)})
    engine = docker.from_env()
    classroom.play("down", "-e", lab)
    try:
        classroom.play("up", "-e", lab)
        found = engine.containers.list(filters={"label": f"labs.mail.lab={LAB['name']}"})
        classroom.containers = {container.name: container for container in found}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for code, output in pool.map(
                lambda machine: machine.exec_run(["sh", "-c", PREPARE]), found
            ):
                assert code == 0, output.decode()
        yield classroom
    finally:
        classroom.play("down", "-e", lab)


@pytest.fixture(scope="module")
def first_run(classroom):
    return classroom.play("site")


def test_the_machines_are_brought_to_their_state(first_run):
    counts = changes(first_run)
    assert set(counts) >= {"world", "student1"}
    assert all(counts[host] > 0 for host in ("world", "student1"))


def test_mail_flows(classroom, first_run):
    assert "Mail flows on every machine." in classroom.play("proof")


def test_a_second_run_changes_nothing(classroom, first_run):
    assert set(changes(classroom.play("site")).values()) == {0}


def test_the_resolver_is_no_longer_what_a_boot_brings_back(classroom, first_run):
    look = ["sh", "-c", "test ! -L /etc/resolv.conf && cat /etc/resolv.conf"]
    code, output = classroom.containers["classtest-student1"].exec_run(look)
    assert code == 0
    assert b"nameserver 172.30.180.2" in output


def test_without_a_password_it_is_said_what_to_set(classroom, first_run):
    code, output = classroom.run("ansible-playbook", "playbooks/site.yml", "-l", "student1")
    assert code != 0
    assert "ACCOUNTS_PASSWORD is not set: see inventories/classroom" in output


def test_the_inventory_has_the_last_word_over_the_playbooks_data(classroom):
    with (classroom.inventory / "group_vars" / "students.yml").open("a") as file:
        file.write("mailbox_format: maildir\n")
    words = ["--playbook-dir", "playbooks", "--host", "student1"]
    code, output = classroom.run("ansible-inventory", *words, ACCOUNTS_PASSWORD="x")
    assert code == 0, output
    assert json.loads(output)["mailbox_format"] == "maildir"
