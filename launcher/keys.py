"""The ssh keys that machines are born with, and by which ssh knows them again."""

from __future__ import annotations

import subprocess
from pathlib import Path

USER_KEY, HOST_KEY, KNOWN_HOSTS = "user_key", "host_key", "known_hosts"


def ensure(folder: Path) -> None:
    """Make the keys of a lab in a folder that only its owner can read, where they are missing.

    One host key serves every machine of a lab: a machine made anew is no stranger to ssh.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (USER_KEY, HOST_KEY):
        if not (folder / f"{name}.pub").exists():
            (folder / name).unlink(missing_ok=True)
            options = ["-q", "-t", "ed25519", "-N", "", "-C", "labs.mail"]
            subprocess.run(["ssh-keygen", *options, "-f", str(folder / name)], check=True)
    kind, key = (folder / f"{HOST_KEY}.pub").read_text().split()[:2]
    (folder / KNOWN_HOSTS).write_text(f"* {kind} {key}\n")
