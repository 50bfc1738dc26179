# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One machine, with the methods that the Docker SDK's containers have."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, NamedTuple

from ansible_collections.labs.mail.plugins.module_utils._incus import archive
from ansible_collections.labs.mail.plugins.module_utils._incus.engine import Engine

BLOCK = 1 << 20
IN_MEMORY = 8 << 20


class Ran(NamedTuple):
    """What came of a command: its exit code, and what it printed."""

    exit_code: int
    output: bytes


class Handle:
    """A machine of a lab."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    def exists(self) -> bool:
        """Tell whether there is such a machine."""
        return any(each.name == self.name for each in self.engine.containers())

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the machine."""
        found = {each.name: each.labels for each in self.engine.containers()}
        return found.get(self.name, {})

    def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        """Return the blocks of an archive of a file or a directory, and how large it is.

        :raises NoFileError: there is nothing of that name.
        """
        with self.engine.files(self.name) as sftp:
            size = sftp.lstat(path).size
        return self._blocks(path), {"size": size}

    def _blocks(self, path: str) -> Iterator[bytes]:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as packed:
            with self.engine.files(self.name) as sftp:
                archive.pack(sftp, path, packed)
            packed.seek(0)
            while block := packed.read(BLOCK):
                yield block

    def put_archive(self, path: str, packed: IO[bytes]) -> None:
        """Unpack an archive in a directory."""
        with self.engine.files(self.name) as sftp:
            archive.unpack(sftp, packed, path)
        special = archive.special_modes(packed, path)
        for mode, paths in special.items():
            # What reads and writes files leaves these bits out.
            self.exec_run(["chmod", f"{mode:o}", "--", *paths])

    def exec_run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        seconds: int = 1200,
    ) -> Ran:
        """Run a command; return what came of it."""
        return Ran(*self.engine.execute(self.name, command, environment or {}, seconds))

    def restart(self) -> None:
        """Restart the machine."""
        self.engine.stop([self.name])
        self.engine.run(self.name)
