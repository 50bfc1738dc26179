# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a table is sound, and whether its index is right; make a new index if not."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass, field
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix_index import (
    Build,
    Kind,
    start_build,
    visible_fault,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix_listing import (
    CorruptError,
    Difference,
    Listing,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix_table import Table, read
from ansible_collections.labs.mail.plugins.module_utils._postfix_table_syntax import Postmap
from ansible_collections.labs.mail.plugins.module_utils._postfix_table_type import TableType
from ansible_collections.labs.mail.plugins.module_utils._postfix_tools import (
    Postfix,
    Said,
    cool,
)

Judge = Callable[["list[ConfigError]"], None]
"""Is told what Postfix would warn of, and may raise one of it."""


@dataclass(frozen=True)
class Asked:
    """A table, and how it is to be looked at. ``index`` is None where there is no Postfix."""

    path: str
    type: TableType
    format: str
    syntax: Postmap
    verify: str = "content"
    index: str | None = None
    kind: Kind | None = None


@dataclass
class Found:
    """What was found: why there is a new index at ``built``, None where the old one is right."""

    table: Table
    reason: str | None = None
    built: str | None = None
    difference: Difference = field(default_factory=Difference)


class Examination:
    """One look at a table and its index.

    :arg folder: folder for this user alone, on the index's file system.
    :arg judge: is called before anything else is done with what Postfix would warn of.
    """

    def __init__(self, asked: Asked, postfix: Postfix, folder: str, judge: Judge) -> None:
        self.asked = asked
        self.postfix = postfix
        self.folder = folder
        self.judge = judge

    def look(self, data: bytes, reason: str | None, source: os.stat_result | None) -> Found:
        """Examine a table.

        :arg data: what its file is to hold.
        :arg reason: why its index is to be made anew, where that is known.
        :arg source: what the file is now; None where there is none.
        :raises ConfigError: the table is not sound, or no index can be made.
        """
        asked = self.asked
        if asked.index is None:
            return self._read_only(data)
        if asked.verify == "always":
            reason = reason or "always"
        if reason is None and source is not None:
            reason = visible_fault(asked.index, asked.kind, source)
        by_listing = reason is None and asked.verify == "content"
        by_building = by_listing and asked.format == "postalias"
        build = self._build(data) if reason or by_building else None
        listing = self._listing(asked.index, data) if by_listing else None
        try:
            table = self._read(data)
            found = Found(table, reason)
            if build:
                self._finish(build, found)
            if listing:
                self._compare(listing, found, data)
                if found.reason and not found.built:
                    self._finish(self._build(data), found)
        except BaseException:
            for started in (build, listing):
                if started:
                    started.running.kill()
            raise
        if found.reason is None:
            found.built = None
        return found

    def _read_only(self, data: bytes) -> Found:
        table = self._read(data)
        if self.asked.type.suffix is None and self.postfix is not None:
            self.judge(self._other_warnings(self._query(data), table))
        return Found(table)

    def _read(self, data: bytes) -> Table:
        table = read(data, self.asked.syntax, self.asked.path)
        limit = self.asked.type.key_limit
        if limit and table.keys and max(map(len, table.keys)) > limit:
            self._refuse_long_key(table, limit)
        self.judge(table.problems)
        return table

    def _refuse_long_key(self, table: Table, limit: int) -> None:
        for number, key in zip(table.where, table.keys):
            if len(key) > limit:
                raise ConfigError(
                    f"a key of {len(key)} bytes, where {self.asked.type.name} takes {limit}; "
                    "choose another type, such as cdb",
                    self.asked.path,
                    table.lines()[number],
                )

    def _staged(self) -> str:
        folder = tempfile.mkdtemp(dir=self.folder)
        return os.path.join(folder, os.path.basename(self.asked.path))

    def _build(self, data: bytes) -> Build:
        asked = self.asked
        return start_build(self.postfix, asked.type, asked.format, data, self._staged())

    def _finish(self, build: Build, found: Found) -> None:
        found.built, said = build.finish()
        self.judge(self._other_warnings(said, found.table))

    def _listing(self, index: str, data: bytes) -> Listing:
        # Case folding makes a key up to three times as long.
        limit = 3 * len(data) + (1 << 20)
        return Listing(self.postfix, self.asked.type.name, index, limit)

    def _compare(self, listing: Listing, found: Found, data: bytes) -> None:
        """Find the index's faults that only reading it shows."""
        try:
            if self.asked.format == "postalias":
                entries = self._listing(found.built, data).entries()
                found.difference = listing.against(entries, aliases=True)
            else:
                found.difference = listing.against(found.table.records())
        except CorruptError:
            found.reason = "corrupt"
        else:
            found.reason = "contents" if found.difference else None

    def _query(self, data: bytes) -> Said:
        """Let Postfix read a table that has no index."""
        staged = self._staged()
        with open(staged, "wb") as file:
            file.write(data)
        cool(staged)
        said = self.postfix.start("postmap", "-q", "x", f"{self.asked.type.name}:{staged}").finish()
        said.raise_where_not_installed(self.asked.type.name, self.asked.type.package)
        if said.fatal:
            raise ConfigError(f"Postfix cannot read this table: {said.fatal}", self.asked.path)
        return said

    def _other_warnings(self, said: Said, table: Table) -> list[ConfigError]:
        """Return what Postfix warned of that is not known already, in the order of the lines."""
        known = {problem.line for problem in table.problems}
        found: dict[int, str] = {}
        for line in said.lines:
            match = re.search(r"warning: .*, line (\d+): (.*)", line)
            if match and int(match[1]) not in known:
                found.setdefault(int(match[1]), match[2])
        return [ConfigError(text, self.asked.path, line) for line, text in sorted(found.items())]
