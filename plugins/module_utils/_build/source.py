# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a program's source, build it, and make a Debian package of what it installs."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Callable

from ansible_collections.labs.mail.plugins.module_utils._build import apt_sources
from ansible_collections.labs.mail.plugins.module_utils._build import package as deb_package
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

ETC_APT = Path("/etc/apt")
LOG_LINES = 20
ELF = b"\x7fELF"
LOGGED = """exec >> "$3" 2>&1 < /dev/null
echo "+ $2"
exec timeout --kill-after=10 "$1" sh -e -c "$2"
"""
"""A shell script: run a command for so many seconds, with all that it prints in a log."""

Run = Callable[..., "tuple[int, str, str]"]
"""AnsibleModule.run_command."""


class Build:
    """One build, in a directory that is its own: get(), unpack(), compile(), pack()."""

    def __init__(self, asked: dict[str, Any], folder: str, log: str, run: Run) -> None:
        self.asked = asked
        self.folder = Path(folder)
        self.stage = self.folder / "stage"
        self.log = log
        self._run = run

    def run(self, command: list[str], what: str, **kwargs: Any) -> str:
        """Run a command; return what it printed, or fail with what it said last."""
        code, output, error = self._run(command, **kwargs)
        if code != 0:
            said = last_lines(error.strip() or output)
            raise ConfigError(f"{what} (`{' '.join(command[:2])}` failed):\n{said}")
        return output

    def get(self) -> tuple[Path, str]:
        """Return the verified archive, and the version that it is of."""
        source = self.asked["source"]
        if source["archive"]:
            archive = Path(source["archive"])
            verify(archive, source["sha256"])
            return archive, deb_package.version_in(archive.name)
        return self.get_from_debian(source["package"], source["version"], source["sha256"])

    def get_from_debian(self, name: str, version: str, sha256: str) -> tuple[Path, str]:
        """Download the upstream archive of a source package; apt verifies it."""
        apt = self.folder / "apt"
        for folder in ("sources.list.d", "lists/partial", "archives"):
            (apt / folder).mkdir(parents=True)
        for list_name, text in apt_sources.source_lists(apt_lists()).items():
            (apt / "sources.list.d" / list_name).write_text(text)
        options = apt_sources.options(str(apt))
        self.run(["apt-get", "update", "-q", *options], "Debian's lists of sources are not there")
        code, shown, _error = self._run(["apt-cache", *options, "showsrc", "--only-source", name])
        found = apt_sources.source_files(shown) if code == 0 else []
        chosen = [file for file in found if version in ("", file.version)]
        if not chosen:
            there = ", ".join(dict.fromkeys(file.version for file in found)) or "none of it"
            wanted = f"{name} {version}".strip()
            raise ConfigError(
                f"there is no source package {wanted} in this machine's archives, which have "
                f"{there}",
                instead="name another in source.version, or give source.archive and its sha256",
            )
        if sha256 and sha256 not in [file.sha256 for file in chosen]:
            raise ConfigError(differing(f"{chosen[0].name} in Debian's list", chosen[0].sha256))
        download = ["apt-get", "source", *options, "-q", "--download-only", "--tar-only"]
        self.run(
            [*download, "--only-source", f"{name}={version}" if version else name],
            f"the source package {name} cannot be downloaded, although it is in the list",
            cwd=str(apt / "archives"),
        )
        files = {file.name: file for file in chosen}
        (archive,) = [path for path in (apt / "archives").iterdir() if path.name in files]
        verify(archive, sha256 or files[archive.name].sha256)
        return archive, files[archive.name].version

    def unpack(self, archive: Path) -> Path:
        """Unpack the archive; return the one directory in it, or the one around it."""
        top = self.folder / "tree"
        top.mkdir()
        command = ["tar", "--extract", "--no-same-owner", "--directory", str(top), "--file"]
        self.run([*command, str(archive)], f"{archive.name} cannot be unpacked")
        inside = list(top.iterdir())
        return inside[0] if len(inside) == 1 and inside[0].is_dir() else top

    def compile(self, tree: Path) -> None:
        """Run the commands, which fill the directory of what is to be installed."""
        self.stage.mkdir()
        environment = {
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "DESTDIR": str(self.stage),
            "JOBS": str(os.cpu_count() or 1),
            **{name: str(value) for name, value in self.asked["environment"].items()},
        }
        os.makedirs(os.path.dirname(self.log), exist_ok=True)
        Path(self.log).write_text("", encoding="utf-8")
        for command in self.asked["commands"]:
            words = [str(self.asked["timeout"]), command, self.log]
            code = self._run(
                ["sh", "-c", LOGGED, "sh", *words], cwd=str(tree), environ_update=environment
            )[0]
            if code != 0:
                self.tell(command, code)
        for path, content in self.asked["files"].items():
            file = self.stage / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        if not any(self.stage.iterdir()):
            raise ConfigError(
                "the commands have installed nothing: let them install below $DESTDIR"
            )

    def tell(self, command: str, code: int) -> None:
        """Raise what a failed command said last."""
        text = Path(self.log).read_text(encoding="utf-8", errors="replace")
        ended = "took too long" if code in (124, 137) else f"failed with code {code}"
        raise ConfigError(
            f"{self.asked['name']} was not built, and nothing was installed: `{command}` {ended}. "
            f"The whole log is {self.log} on the machine; it ends with\n{last_lines(text)}"
        )

    def pack(self, version: str, architecture: str) -> Path:
        """Make the package of what was installed; return its path."""
        debian = self.stage / "DEBIAN"
        debian.mkdir()
        text = deb_package.control(self.asked, version, architecture, self.libraries())
        (debian / "control").write_text(text)
        scripts = {name: text for name, text in self.asked["scripts"].items() if text}
        for name, script in scripts.items():
            (debian / name).write_text(f"#!/bin/sh\nset -e\n{script}\n")
            (debian / name).chmod(0o755)
        package = self.folder / "package.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "--build"]
        self.run([*command, str(self.stage), str(package)], "no package can be made of it")
        package.chmod(0o644)
        return package

    def libraries(self) -> str:
        """Return which packages have the shared libraries of the programs."""
        programs = [str(path) for path in sorted(self.stage.rglob("*")) if is_program(path)]
        if not programs:
            return ""
        # dpkg-shlibdeps wants to stand in an unpacked source package.
        stub = self.folder / "debian" / "control"
        stub.parent.mkdir()
        stub.write_text("Source: stub\n\nPackage: stub\nArchitecture: any\n")
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info"]
        return self.run([*command, *programs], "a shared library lacks", cwd=str(self.folder))


def apt_lists() -> dict[str, str]:
    """Return the machine's own lists of archives, by file names that differ."""
    parts = ETC_APT / "sources.list.d"
    files = [ETC_APT / "sources.list", *parts.glob("*.list"), *parts.glob("*.sources")]
    there = [file for file in files if file.exists()]
    return {f"{number}-{file.name}": file.read_text() for number, file in enumerate(there)}


def is_program(path: Path) -> bool:
    """Tell whether a file is a program or a library of the machine's own kind (elf(5))."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == ELF


def last_lines(text: str) -> str:
    """Return the end of a text."""
    return "\n".join(text.splitlines()[-LOG_LINES:])


def verify(archive: Path, sha256: str, name: str = "") -> None:
    """Raise ConfigError where an archive is not there or has another checksum.

    :arg name: what the archive is called in the message, if not as the file is.
    """
    if not archive.is_file():
        raise ConfigError("there is no such archive", str(archive))
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != sha256:
        raise ConfigError(differing(name or archive.name, found))


def differing(name: str, found: str) -> str:
    """Return what to say of another checksum than that which was asked for."""
    return (
        f"{name} has the SHA-256 checksum {found}, and not the one of source.sha256: take the "
        "archive that was meant, or, if this is the one, write its checksum there"
    )
