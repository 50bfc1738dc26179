from __future__ import annotations

import stat
import subprocess

from launcher import keys

MACHINES = {"student1": "172.30.177.11", "student2": "172.30.177.12"}


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def known(folder, address):
    """The keys by which ssh knows an address."""
    command = ["ssh-keygen", "-F", address, "-f", str(folder / "known_hosts")]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [line.split()[2] for line in found.splitlines() if not line.startswith("#")]


def public(folder, name):
    return (folder / "hosts" / f"{name}.pub").read_text().split()[1]


def test_keys_are_made_once_and_only_their_owner_can_read_them(tmp_path):
    folder = tmp_path / "keys"
    keys.ensure(folder, MACHINES)
    before = contents(folder)
    hosts = [f"hosts/{name}{end}" for name in MACHINES for end in ("", ".pub")]
    assert sorted(before) == sorted([*hosts, "known_hosts", "secret", "user_key", "user_key.pub"])
    for name in ("hosts/student1", "user_key", "secret"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    for each in (folder, folder / "hosts"):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700
    keys.ensure(folder, MACHINES)
    assert contents(folder) == before


def test_a_key_that_was_half_made_is_made_anew(tmp_path):
    (tmp_path / "user_key").write_text("half")
    keys.ensure(tmp_path, {})
    command = ["ssh-keygen", "-y", "-f", str(tmp_path / "user_key")]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert made.split()[:2] == (tmp_path / "user_key.pub").read_text().split()[:2]


def test_ssh_knows_every_machine_by_a_key_of_its_own(tmp_path):
    keys.ensure(tmp_path, MACHINES)
    for name, address in MACHINES.items():
        assert known(tmp_path, address) == [public(tmp_path, name)]
    assert public(tmp_path, "student1") != public(tmp_path, "student2")
    assert known(tmp_path, "172.30.177.13") == []


def test_a_lab_that_grows_keeps_what_is_known(tmp_path):
    keys.ensure(tmp_path, {"student1": "172.30.177.11"})
    before = known(tmp_path, "172.30.177.11")
    keys.ensure(tmp_path, {"student2": "172.30.177.12"})
    assert known(tmp_path, "172.30.177.11") == before
    assert known(tmp_path, "172.30.177.12") == [public(tmp_path, "student2")]


def test_one_key_for_all_machines_is_forgotten(tmp_path):
    (tmp_path / "known_hosts").write_text("* ssh-ed25519 AAAA\n")
    keys.ensure(tmp_path, MACHINES)
    assert "*" not in (tmp_path / "known_hosts").read_text()


def test_two_labs_have_two_secrets(tmp_path):
    for name in ("one", "two"):
        keys.ensure(tmp_path / name, {})
    assert (tmp_path / "one/secret").read_text() != (tmp_path / "two/secret").read_text()


def test_the_files_of_a_machine_are_its_own_key(tmp_path):
    keys.ensure(tmp_path, MACHINES)
    files = keys.host_key_files(tmp_path, "student1")
    assert files["/etc/ssh/ssh_host_ed25519_key.pub"].split()[1] == public(tmp_path, "student1")
