# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a lookup table: its checksum as long as that will do, else read whole."""

from __future__ import annotations

import functools

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.checksum import (
    RecordsChecksum,
    glance,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import Table, read
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import Postmap
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import TableType


class TableContent:
    """What a table is to hold.

    :arg table: what the data were read as, where that was done already.
    """

    def __init__(
        self,
        path: str,
        data: bytes,
        syntax: Postmap,
        table_type: TableType,
        table: Table | None = None,
    ) -> None:
        self.path = path
        self.data = data
        self.syntax = syntax
        self.type = table_type
        if table is not None:
            self.table = table

    @functools.cached_property
    def checksum(self) -> RecordsChecksum | None:
        """The checksum of its records; None where it takes more to understand it."""
        return glance(self.data, self.syntax, self.type.key_limit)

    @functools.cached_property
    def table(self) -> Table:
        """The table, read whole."""
        return read(self.data, self.syntax, self.path)

    @property
    def was_read(self) -> bool:
        """Whether the table was read whole already."""
        return "table" in self.__dict__

    def counts(self) -> tuple[int, list[bytes]]:
        """Return how many entries there are, and the keys that stand twice.

        There are none of these where a checksum has been enough until now: the index would
        differ, or Postfix have warned.
        """
        if not self.was_read and self.checksum:
            return self.checksum.count, []
        return self.table.entry_count, self.table.duplicates

    def refusal(self) -> ConfigError | None:
        """Return why no index of this type can hold the table; None where one can."""
        limit = self.type.key_limit
        for number, key in zip(self.table.where, self.table.keys) if limit else ():
            if limit and len(key) > limit:
                return ConfigError(
                    f"a key of {len(key)} bytes, where {self.type.name} takes {limit}",
                    self.path,
                    self.table.lines()[number],
                    1,
                    instead="choose another type, such as cdb",
                )
        return None
