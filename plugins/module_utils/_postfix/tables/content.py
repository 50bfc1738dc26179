# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a lookup table: summed up at a glance as long as that will do, else read whole."""

from __future__ import annotations

import functools
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.checksum import (
    RecordsChecksum,
    glance,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import Table, read
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import Postmap
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import TableType

OnWarnings = Callable[["list[ConfigError]"], None]
"""Callback: receives what Postfix would warn of, and may raise the first of it."""


class TableContent:
    """What a table is to hold.

    :arg judge: is called before a table that was read is made use of.
    """

    def __init__(
        self, path: str, data: bytes, syntax: Postmap, table_type: TableType, judge: OnWarnings
    ) -> None:
        self.path = path
        self.data = data
        self.syntax = syntax
        self.type = table_type
        self.judge = judge
        self._table: Table | None = None

    @functools.cached_property
    def sum(self) -> RecordsChecksum | None:
        """The sum of its records; None where it takes more to understand it."""
        return glance(self.data, self.syntax, self.type.key_limit)

    def read(self) -> Table:
        """Return the table, once what Postfix would warn of is judged.

        :raises ConfigError: of a key that is too long, and what the judge raises.
        """
        if self._table is None:
            table = read(self.data, self.syntax, self.path)
            self._refuse_long_key(table)
            self.judge(table.problems)
            self._table = table
        return self._table

    def content(self) -> tuple[int, list[bytes]]:
        """Return how many entries there are, and the keys that stand twice.

        There are none where a glance has been enough until now: the index would differ, or
        Postfix have warned.
        """
        if self._table is None and self.sum:
            return self.sum.count, []
        return self.read().entry_count, self.read().duplicates

    def _refuse_long_key(self, table: Table) -> None:
        limit = self.type.key_limit
        for number, key in zip(table.where, table.keys) if limit else ():
            if limit and len(key) > limit:
                raise ConfigError(
                    f"a key of {len(key)} bytes, where {self.type.name} takes {limit}; "
                    "choose another type, such as cdb",
                    self.path,
                    table.lines()[number],
                    1,
                )
