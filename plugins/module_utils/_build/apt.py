# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a package built from source asks of a machine's package manager (apt-get(8), dpkg(1))."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._build import package as deb_package
from ansible_collections.labs.mail.plugins.module_utils._build.source import Run, last_lines
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError

QUIETLY = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
GET = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
UNATTENDED = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
INSTALL = [*GET, *UNATTENDED, "install", "--no-install-recommends"]

OLD_LISTS = re.compile(
    "Unable to (locate|fetch)|Failed to fetch|unmet dependencies|no installation candidate"
)
"""What apt-get says where the lists of packages are old, or not there at all."""


class Apt:
    """The package manager of this machine."""

    def __init__(self, run: Run) -> None:
        """Take the function that runs commands, AnsibleModule.run_command."""
        self._run = run

    def run(self, command: list[str], what: str) -> str:
        """Run a command; return what it printed, or fail with what it said last."""
        code, output, error = self._run(command, environ_update=QUIETLY)
        if code != 0:
            raise ConfigError(f"{what}:\n{last_lines(output + error)}")
        return output

    def architecture(self) -> str:
        """Return the architecture of this machine's packages."""
        return self.run(
            ["dpkg", "--print-architecture"], "this is no Debian, nor a relative of it"
        ).strip()

    def status(self, name: str) -> str:
        """Return the status and the version of a package; empty where there is none."""
        query = ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}${Version}", name]
        code, output, _error = self._run(query)
        return "" if code != 0 or output.startswith("un") else output.strip()

    def version(self, name: str) -> str:
        """Return the version of a package that is installed."""
        return self.status(name)[3:].strip()

    def is_whole(self, name: str, key: str) -> bool:
        """Tell whether the package with this digest is installed, and all its files with it."""
        if not deb_package.is_installed(self.status(name), key):
            return False
        verification = self._run(["dpkg", "--verify", name])[1]
        return not deb_package.damage(verification)

    def is_package(self, path: Path, key: str) -> bool:
        """Tell whether a file is the package with this digest."""
        if not path.exists():
            return False
        code, version, _error = self._run(["dpkg-deb", "--field", str(path), "Version"])
        return code == 0 and version.strip().endswith(f"+{key}")

    def install(self, package: Path, key: str) -> None:
        """Install a package from a file, and what it needs.

        :arg key: its digest. apt does not reinstall what is there in part, or damaged.
        """
        what = f"{package.name} was built and cannot be installed"
        status = self.status(package.name.partition("_")[0])
        if status.startswith("i") and status.endswith(f"+{key}"):
            self.run(["dpkg", "--install", str(package)], what)
        else:
            self._install(["--allow-downgrades", str(package)], what)

    def purge(self, names: list[str]) -> None:
        """Purge packages."""
        self.run([*GET, "purge", *names], f"{', '.join(names)} cannot be removed")

    @contextlib.contextmanager
    def packages(self, names: list[str]) -> Iterator[None]:
        """Have packages for as long as the build takes; those that were there stay."""
        before = self._installed()
        try:
            self._install(["--no-remove", *names], "the packages for the build are not to be had")
            yield
        finally:
            new = sorted(self._installed() - before)
            if new:
                self.purge(new)

    def _install(self, words: list[str], what: str) -> None:
        command = [*INSTALL, *words]
        code, output, error = self._run(command, environ_update=QUIETLY)
        if code != 0 and OLD_LISTS.search(output + error):
            self.run([*GET, "update"], "the lists of packages cannot be updated")
            self.run(command, what)
        elif code != 0:
            raise ConfigError(f"{what}:\n{last_lines(output + error)}")

    def _installed(self) -> set[str]:
        query = ["dpkg-query", "--show", "--showformat=${db:Status-Abbrev}${binary:Package}\n"]
        rows = self.run(query, "dpkg does not answer").splitlines()
        return {row[3:].strip() for row in rows if not row.startswith(("rc", "un"))}
