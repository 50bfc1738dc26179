# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read Debian source packages through apt without a change to the machine's own lists.

apt is given lists of its own (apt.conf(5), ``Dir``), made from the machine's: whatever happens
meanwhile, those are as they were. Formats: sources.list(5).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

ONE_LINE = re.compile(r"\s*deb(?:-src)?(?=\s)")


@dataclass(frozen=True)
class SourceFile:
    """The upstream archive of one version of a source package; ``sha256`` is apt's own."""

    version: str
    name: str
    sha256: str


def source_lists(lists: dict[str, str]) -> dict[str, str]:
    """Return lists of the same archives' sources, and of nothing else.

    :arg lists: text by file name; names in ``.sources`` are in deb822 format, others one line each.
    """
    return {
        name: _deb822(text) if name.endswith(".sources") else _one_line(text)
        for name, text in lists.items()
    }


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines()]
    wanted = [ONE_LINE.sub("deb-src", line) for line in lines if ONE_LINE.match(line)]
    return "".join(f"{line}\n" for line in dict.fromkeys(wanted))


def _deb822(text: str) -> str:
    lines, in_types = [], False
    for line in text.splitlines():
        if line.lower().startswith("types:"):
            in_types = True
            lines.append("Types: deb-src")
        elif not (in_types and line[:1] in (" ", "\t")):
            in_types = in_types and line.startswith("#")
            lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def options(folder: str) -> list[str]:
    """Return the options with which apt keeps to the lists and the state in a folder."""
    paths = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": os.path.join(folder, "sources.list.d"),
        "Dir::State::Lists": os.path.join(folder, "lists"),
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        # The directory is root's alone.
        "APT::Sandbox::User": "root",
    }
    return [word for name, value in paths.items() for word in ("-o", f"{name}={value}")]


def source_files(showsrc: str) -> list[SourceFile]:
    """Read the versions of a source package from what ``apt-cache showsrc`` prints."""
    found = []
    for record in re.split(r"\n\s*\n", showsrc):
        version = re.search(r"^Version: *(\S+)", record, re.MULTILINE)
        checksums = re.search(r"^Checksums-Sha256:((?:\n .*)+)", record, re.MULTILINE)
        if not version or not checksums:
            continue
        rows = [line.split() for line in checksums[1].strip().splitlines()]
        archives = {name: sha256 for sha256, _size, name in rows if _is_upstream(name)}
        found += [SourceFile(version[1], name, archives[name]) for name in sorted(archives)[:1]]
    return found


def _is_upstream(name: str) -> bool:
    """Tell the upstream archive from Debian's own changes, signatures and further components."""
    return re.search(r"(?<!\.debian)\.tar\.\w+$", name) is not None and ".orig-" not in name
