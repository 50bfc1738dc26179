# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of a lookup table: made aside by postmap(1) or postalias(1), and looked into.

Nothing here touches the index in use: while it is rebuilt in place, it is not whole for its
readers, nor is it after a crash. Sources: src/global/mkmap_open.c; src/util/dict_db.c.
"""

from __future__ import annotations

import base64
import functools
import os
import stat
import tempfile
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import (
    CommandResult,
    Postfix,
    Running,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.magic import magic
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import (
    PROGRAMS,
    TableType,
)


@dataclass(frozen=True)
class IndexFormat:
    """What the installed Postfix makes of a type: the suffix of its index, and what that is."""

    suffix: str
    magic: str | None


PEM = b"-----BEGIN "
"""How a key or a certificate starts, which `postmap -F` reads from the files that are named."""

BLOCK = 1 << 20
"""So many bytes of an index are read at once."""


@dataclass
class Build:
    """An index in the making."""

    running: Running
    table_type: TableType
    staged: str

    def finish(self) -> tuple[str, CommandResult]:
        """Return the path of the index, and what was said.

        :raises NotInstalledError: the type is not.
        :raises ConfigError: none was made.
        """
        said = self.running.finish()
        said.raise_where_not_installed(self.table_type.name, self.table_type.package)
        folder, name = os.path.split(self.staged)
        made = [other for other in os.listdir(folder) if other.startswith(name + ".")]
        if said.code or len(made) != 1:
            why = said.fatal or f"it ended with {said.code}, and made {made or 'nothing'}"
            raise ConfigError(f"no index was made: {why.replace(folder + os.sep, '')}")
        return os.path.join(folder, made[0]), said


def start_build(
    postfix: Postfix, table_type: TableType, table_format: str, data: bytes, staged: str
) -> Build:
    """Start to make an index of a table.

    :arg staged: path for a copy of the table, in an empty directory that nobody else can enter.
    """
    with open(staged, "wb") as file:
        file.write(data)
    running = postfix.start(*PROGRAMS[table_format], f"{table_type.name}:{staged}")
    return Build(running, table_type, staged)


@functools.cache
def find_index_format(postfix: Postfix, table_type: TableType) -> IndexFormat:
    """Return what the installed Postfix makes of a type, by an index of an empty table.

    :raises NotInstalledError: the type is not.
    """
    with tempfile.TemporaryDirectory(dir=postfix.folder) as empty:
        staged = os.path.join(empty, "table")
        index, _said = start_build(postfix, table_type, "postmap", b"", staged).finish()
        return IndexFormat(index[len(staged) :], magic(index))


def holds_files(index: str) -> bool:
    """Tell whether `postmap -F` made an index, so that it holds keys and certificates in base64."""
    # Which of three spellings it is depends on what stands before it.
    signs = [base64.b64encode(b"\0" * n + PEM)[4 * (n > 0) : -4] for n in range(3)]
    longest = max(map(len, signs))
    # It is not mapped into memory: where postmap empties it meanwhile, the kernel would end us.
    with open(index, "rb") as file:
        end = b""
        while block := file.read(BLOCK):
            data = end + block
            if any(sign in data for sign in signs):
                return True
            end = data[1 - longest :]
    return False


def visible_fault(index: str, kind: IndexFormat, source: os.stat_result) -> str | None:
    """Return what is wrong with an index without reading it whole; None where nothing is.

    :returns: ``missing``, ``type``, ``corrupt``, ``mode``, ``owner`` or ``stale``.
    """
    try:
        found = os.stat(index)
    except FileNotFoundError:
        return "missing"
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError("is no file, where an index must be", index, instead="move it away")
    sign = magic(index)
    if sign != kind.magic:
        return "type" if sign else "corrupt"
    if stat.S_IMODE(found.st_mode) != index_mode(source):
        return "mode"
    if (found.st_uid, found.st_gid) != (source.st_uid, source.st_gid):
        return "owner"
    return "stale" if found.st_mtime_ns < source.st_mtime_ns else None


def index_mode(source: os.stat_result) -> int:
    """Return the mode of the index of a table: what is secret in one is in the other."""
    return stat.S_IMODE(source.st_mode) & 0o666
