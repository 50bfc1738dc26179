# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that packages brought to a machine, from dpkg's database (dpkg(1), /var/lib/dpkg)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

INFO = "var/lib/dpkg/info"
DIVERSIONS = "var/lib/dpkg/diversions"
MERGED = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
"""Directories that are links into /usr on a merged system, where older packages name them still."""


def packaged(root: str = "/") -> dict[str, tuple[str, str]]:
    """Return package and MD5 digest by the path of each file that a package brought.

    Configuration files are not among them, since they are the administrator's.
    """
    diverted = _diversions(Path(root, DIVERSIONS))
    merged = [folder for folder in MERGED if os.path.islink(root.rstrip("/") + folder)]
    found: dict[str, tuple[str, str]] = {}
    for sums in sorted(Path(root, INFO).glob("*.md5sums")):
        package = sums.name[: -len(".md5sums")]
        for line in sums.read_text(errors="surrogateescape").splitlines():
            digest, name = line.split("  ", 1)
            path = f"/{name}"
            if diverted.get(path, package) != package:
                continue
            if any(path.startswith(f"{folder}/") for folder in merged):
                path = f"/usr{path}"
            found[path] = (package, digest)
    return found


def _diversions(path: Path) -> dict[str, str]:
    """Return which package alone still has a path; each other's file is elsewhere."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(zip(lines[0::3], lines[2::3]))


def md5_of(path: str) -> str:
    """Return the MD5 digest of a file, by which dpkg knows what it unpacked."""
    with open(path, "rb") as file:
        digest = hashlib.new("md5", usedforsecurity=False)
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
