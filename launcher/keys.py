"""What a lab's machines are told apart by: their ssh keys, and the secret of their passwords."""

from __future__ import annotations

import base64
import hashlib
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

USER_KEY, HOST_KEYS, KNOWN_HOSTS, SECRET = "user_key", "hosts", "known_hosts", "secret"


def ensure(folder: Path, machines: Mapping[str, str]) -> None:
    """Make what is missing of a lab's keys, in a directory that only its owner can read.

    ``machines`` are addresses by the machines' names. Each machine has a host key of its own, which
    it keeps when it is recreated, and by which ssh knows its address.
    """
    hosts = folder / HOST_KEYS
    for each in (folder, hosts):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    _ensure_key(folder / USER_KEY)
    secret = folder / SECRET
    if not secret.exists() or not secret.read_text().strip():
        secret.touch(mode=0o600)
        secret.write_text(f"{secrets.token_hex(32)}\n")
    known = _known(folder / KNOWN_HOSTS)
    for name, address in machines.items():
        _ensure_key(hosts / name)
        known[address] = " ".join((hosts / f"{name}.pub").read_text().split()[:2])
    lines = [f"{address} {key}\n" for address, key in known.items()]
    (folder / KNOWN_HOSTS).write_text("".join(lines))


def host_key_files(folder: Path, name: str) -> dict[str, str]:
    """Return the files that a machine is born with, by their paths, so that ssh knows it."""
    key = folder / HOST_KEYS / name
    return {
        "/etc/ssh/ssh_host_ed25519_key": key.read_text(),
        "/etc/ssh/ssh_host_ed25519_key.pub": key.with_name(f"{name}.pub").read_text(),
    }


def fingerprint(path: Path) -> str:
    """Return the fingerprint of a public key as ssh shows it (RFC 4253, ssh-keygen -l)."""
    data = base64.b64decode(path.read_text().split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def _ensure_key(path: Path) -> None:
    if not path.with_name(f"{path.name}.pub").exists():
        path.unlink(missing_ok=True)
        options = ["-q", "-t", "ed25519", "-N", "", "-C", "labs.mail"]
        subprocess.run(["ssh-keygen", *options, "-f", str(path)], check=True)


def _known(path: Path) -> dict[str, str]:
    """Return the keys of the addresses that are known already."""
    lines = path.read_text().splitlines() if path.exists() else []
    # A star is of an older lab, whose machines all had one key.
    pairs = (line.split(" ", 1) for line in lines if " " in line and not line.startswith("*"))
    return dict(pairs)
