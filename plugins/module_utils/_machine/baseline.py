# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine was before the lab: saved once, compared, and laid down again.

What packages brought is not saved, since it can be fetched again; all else is, in a tar archive,
and of everything its mode and its owner.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import (
    FOLDER,
    KEPT,
    NEVER_SAME,
    Entry,
    tree,
)
from ansible_collections.labs.mail.plugins.module_utils._system.dpkg import md5_of, packaged

FILES = "baseline.tar.gz"
LIST = "baseline.json.gz"
FORMAT = 1

LARGEST = 64 << 20
"""Bytes of the largest file that is saved."""


@dataclass
class Baseline:
    """What was saved.

    ``packaged`` has package and MD5 digest of the files that packages brought, ``digests`` those
    of the files in the archive, ``more`` what else was to be known.
    """

    folder: Path
    entries: dict[str, Entry]
    packaged: dict[str, tuple[str, str]]
    digests: dict[str, str]
    more: dict[str, Any]


@dataclass
class Plan:
    """What differs from the baseline, and so is to be done, each in this order.

    ``remove`` has paths that were not there, of which none is inside of another; ``restore`` what
    is missing or changed; ``attributes`` what has another mode or owner; ``packages`` those whose
    files are missing or changed.
    """

    remove: list[str] = field(default_factory=list)
    restore: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether there is anything to do."""
        return any(astuple(self))


def save(more: Mapping[str, Any], root: str = "/") -> Baseline:
    """Save what the machine is now; ``more`` is what else is to be known of it, as JSON.

    :raises OSError: the machine cannot be read, or has no room.
    """
    folder = Path(root, FOLDER.lstrip("/"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    entries, by_package = tree(root), packaged(root)
    digests = {}
    with _archive(folder) as archive:
        for path, each in entries.items():
            if each.kind == "f" and path not in by_package and each.stamp[0] <= LARGEST:
                digests[path] = _add(archive, path, root)
    packages = {path: by_package[path] for path in by_package if path in entries}
    return _written(Baseline(folder, entries, packages, digests, dict(more)))


def renew(
    before: Baseline, renewed: set[str], more: Mapping[str, Any], root: str = "/"
) -> Baseline:
    """Save again what is at some paths now, of all others what it was; ``more`` as in save().

    :raises OSError: the machine cannot be read, or has no room.
    """
    now = {path: each for path, each in tree(root).items() if path in renewed}
    entries = {path: each for path, each in before.entries.items() if path not in renewed}
    digests = {path: each for path, each in before.digests.items() if path not in renewed}
    with (
        tarfile.open(before.folder / FILES, "r:gz") as was,
        _archive(before.folder) as archive,
    ):
        for member in was:
            if f"/{member.name}" not in renewed:
                archive.addfile(member, was.extractfile(member) if member.isreg() else None)
        for path, each in now.items():
            if each.kind == "f" and path not in before.packaged:
                digests[path] = _add(archive, path, root)
    more = {**before.more, **more}
    return _written(Baseline(before.folder, entries | now, before.packaged, digests, more))


def _archive(folder: Path) -> tarfile.TarFile:
    return tarfile.open(folder / f"{FILES}.new", "w:gz", compresslevel=1)


def _add(archive: tarfile.TarFile, path: str, root: str) -> str:
    """Add a file to the archive; return the digest of its content."""
    place = root.rstrip("/") + path
    archive.add(place, path, recursive=False)
    return sha256_of(place)


def _written(made: Baseline) -> Baseline:
    """Write down what was saved, beside its archive."""
    text = json.dumps(
        {
            "format": FORMAT,
            "entries": {path: astuple(each) for path, each in made.entries.items()},
            "packaged": made.packaged,
            "digests": made.digests,
            "more": made.more,
        }
    )
    with gzip.open(made.folder / f"{LIST}.new", "wt", compresslevel=1) as file:
        file.write(text)
    for name in (FILES, LIST):
        os.replace(made.folder / f"{name}.new", made.folder / name)
    return made


def saved(root: str = "/") -> Baseline | None:
    """Return what was saved of the machine, None where nothing was. Raises ConfigError."""
    folder = Path(root, FOLDER.lstrip("/"))
    if not (folder / LIST).exists() or not (folder / FILES).exists():
        return None
    try:
        with gzip.open(folder / LIST, "rt") as file:
            data = json.load(file)
        entries = {
            path: Entry(given[0], given[1], given[2], given[3], tuple(given[4]), given[5])
            for path, given in data["entries"].items()
        }
        by_package = {path: (given[0], given[1]) for path, given in data["packaged"].items()}
        return Baseline(folder, entries, by_package, data["digests"], data["more"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ConfigError(
            f"what was saved of the machine cannot be read ({error})",
            str(folder / LIST),
            instead="recreate the machine",
        ) from None


def saved_digest(root: str = "/") -> str:
    """Return a digest of all that was saved, empty where nothing was."""
    folder = Path(root, FOLDER.lstrip("/"))
    try:
        parts = [sha256_of(str(folder / name)) for name in (LIST, FILES)]
    except FileNotFoundError:
        return ""
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def compare(before: Baseline, now: Mapping[str, Entry], root: str = "/") -> Plan:
    """Decide what makes the machine what it was."""
    plan = Plan()
    packages = set()
    for path in now:
        above = os.path.dirname(path)
        stays = any(above == top or above.startswith(f"{top}/") for top in KEPT)
        if path not in before.entries and above in before.entries and not stays:
            plan.remove.append(path)
    for path, was in before.entries.items():
        is_now = now.get(path)
        if is_now and _same_content(path, was, is_now, before, root):
            if (was.mode, was.uid, was.gid) != (is_now.mode, is_now.uid, is_now.gid):
                plan.attributes.append(path)
        elif path in before.packaged and was.kind == "f":
            packages.add(before.packaged[path][0])
        else:
            plan.restore.append(path)
    plan.packages = sorted(packages)
    return plan


def _same_content(
    path: str,
    was: Entry,
    now: Entry | None,
    before: Baseline,
    root: str,
) -> bool:
    if now is None or now.kind != was.kind:
        return False
    if was.kind == "l":
        return now.target == was.target
    if was.kind != "f" or now.stamp == was.stamp or path in NEVER_SAME:
        return True
    if path.startswith("/var/log/"):
        return True
    place = root.rstrip("/") + path
    if path in before.packaged:
        return md5_of(place) == before.packaged[path][1]
    return path not in before.digests or sha256_of(place) == before.digests[path]


def lay_down(plan: Plan, before: Baseline, root: str = "/") -> None:
    """Do what is planned, but for the packages."""
    top = root.rstrip("/")
    for path in plan.remove:
        remove(top + path)
    files = [path for path in plan.restore if before.entries[path].kind == "f"]
    for path in plan.restore:
        was, place = before.entries[path], top + path
        if os.path.lexists(place) and (was.kind != "d" or os.path.islink(place)):
            remove(place)
        if was.kind == "d":
            if os.path.lexists(place):
                remove(place)
            os.mkdir(place, 0o700)
        elif was.kind == "l":
            os.symlink(was.target, place)
    _unpack(before, files, top)
    for path in (*plan.restore, *plan.attributes):
        was, place = before.entries[path], top + path
        if os.path.lexists(place):
            os.chown(place, was.uid, was.gid, follow_symlinks=False)
            if was.kind != "l":
                os.chmod(place, was.mode)


def _unpack(before: Baseline, files: list[str], top: str) -> None:
    wanted = set(files)
    if not wanted:
        return
    with tarfile.open(before.folder / FILES, "r:gz") as archive:
        for member in archive:
            path = f"/{member.name}"
            if path in wanted and (source := archive.extractfile(member)) is not None:
                with open(top + path, "xb") as file:
                    shutil.copyfileobj(source, file)


def remove(place: str) -> None:
    """Remove whatever is at a place."""
    if os.path.isdir(place) and not os.path.islink(place):
        shutil.rmtree(place)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place)


def sha256_of(place: str) -> str:
    """Return the digest of a file's content."""
    with open(place, "rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
