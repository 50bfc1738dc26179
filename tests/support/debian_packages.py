"""Programs of Debian that a test needs on this computer: installed where that can be done."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess

import pytest


@functools.cache
def need(program: str, *packages: str) -> str:
    """Return the path of a program; installs its packages, or skips the test and says why."""
    if not shutil.which(program):
        if os.geteuid() or not shutil.which("apt-get"):
            pytest.skip(f"{program} is missing; as root: apt-get install {' '.join(packages)}")
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        for command in (["apt-get", "update", "-qq"], install):
            noninteractive = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(command, env=noninteractive, stdout=subprocess.DEVNULL, check=True)
    path = shutil.which(program)
    assert path, f"{program} is not in {' '.join(packages)}"
    return path
