from __future__ import annotations

import stat
import subprocess

from launcher import keys


def test_keys_are_made_once_and_only_their_owner_can_read_them(tmp_path):
    folder = tmp_path / "keys"
    keys.ensure(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(before) == ["host_key", "host_key.pub", "known_hosts", "user_key", "user_key.pub"]
    for name in ("host_key", "user_key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    keys.ensure(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_key_that_was_half_made_is_made_anew(tmp_path):
    (tmp_path / "user_key").write_text("half")
    keys.ensure(tmp_path)
    command = ["ssh-keygen", "-y", "-f", str(tmp_path / "user_key")]
    public = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert public.split()[:2] == (tmp_path / "user_key.pub").read_text().split()[:2]


def test_ssh_knows_every_machine_by_the_one_key(tmp_path):
    keys.ensure(tmp_path)
    command = ["ssh-keygen", "-F", "172.30.177.11", "-f", str(tmp_path / "known_hosts")]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert (tmp_path / "host_key.pub").read_text().split()[1] in found
