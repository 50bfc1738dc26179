# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a table is sound, and whether its index is right; make a new index if not."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import (
    CommandResult,
    Postfix,
    cool,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.checksum import sum_of
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.content import (
    OnWarnings,
    TableContent,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.index import (
    Build,
    IndexFormat,
    start_build,
    visible_fault,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.listing import (
    CorruptError,
    Difference,
    Listing,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import Postmap
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import TableType


@dataclass(frozen=True)
class TableSpec:
    """A table, and how it is to be looked at.

    ``index`` is None for a type that has none; ``kind`` is None for that and without a Postfix.
    """

    path: str
    type: TableType
    format: str
    syntax: Postmap
    verify: str = "content"
    index: str | None = None
    kind: IndexFormat | None = None


@dataclass
class TableReport:
    """What was found: why there is a new index at ``built``, None where the old one is right."""

    reason: str | None = None
    built: str | None = None
    entry_count: int = 0
    duplicates: list[bytes] = field(default_factory=list)
    difference: Difference = field(default_factory=Difference)


class TableVerifier:
    """One look at a table and its index.

    :arg postfix: None where none is installed.
    :arg folder: folder for this user alone, on the index's file system.
    :arg judge: is called before anything is changed with what Postfix would warn of.
    """

    def __init__(
        self, asked: TableSpec, postfix: Postfix | None, folder: str, judge: OnWarnings
    ) -> None:
        self.asked = asked
        self.postfix = postfix
        self.folder = folder
        self.judge = judge

    def look(self, data: bytes, reason: str | None, source: os.stat_result | None) -> TableReport:
        """Examine a table.

        :arg data: what its file is to hold.
        :arg reason: why its index is to be made anew, where that is known.
        :arg source: what the file is now; None where there is none.
        :raises ConfigError: the table is not sound, or no index can be made.
        """
        asked = self.asked
        text = TableContent(asked.path, data, asked.syntax, asked.type, self.judge)
        if asked.verify == "always":
            reason = reason or "always"
        if asked.kind is None:
            found = self._look_at_text(text, reason)
        else:
            if reason is None and source is not None:
                reason = visible_fault(asked.index, asked.kind, source)
            found = self._look_at_index(text, reason)
        found.entry_count, found.duplicates = text.content()
        return found

    def _look_at_text(self, text: TableContent, reason: str | None) -> TableReport:
        """Examine a table that has no index, or whose index nothing here can make."""
        if self.asked.index:
            missing = not os.path.exists(self.asked.index)
            return TableReport(reason or ("missing" if missing else None))
        known = text.read().warned
        if self.postfix is not None:
            self.judge(self._other_warnings(self._query(text.data), known))
        return TableReport()

    def _look_at_index(self, text: TableContent, reason: str | None) -> TableReport:
        by_listing = reason is None and self.asked.verify == "content"
        by_building = by_listing and self.asked.format == "postalias"
        build = self._build(text.data) if reason or by_building else None
        listing = self._listing(self.asked.index, text.data) if by_listing else None
        found = TableReport(reason)
        try:
            if text.sum is None or not (build or listing):
                text.read()
            if build:
                self._finish(build, found, text)
            if listing:
                self._compare(listing, found, text)
                if found.reason and not found.built:
                    self._finish(self._build(text.data), found, text)
        except BaseException:
            for started in (build, listing):
                if started:
                    started.running.finish()
            raise
        if found.reason is None:
            found.built = None
        return found

    def _staged(self) -> str:
        folder = tempfile.mkdtemp(dir=self.folder)
        return os.path.join(folder, os.path.basename(self.asked.path))

    def _build(self, data: bytes) -> Build:
        asked = self.asked
        return start_build(self.postfix, asked.type, asked.format, data, self._staged())

    def _finish(self, build: Build, found: TableReport, text: TableContent) -> None:
        found.built, said = build.finish()
        if said.lines:
            # Such as a key that stands twice, of which a reading knows the lines.
            self.judge(self._other_warnings(said, text.read().warned))

    def _listing(self, index: str, data: bytes) -> Listing:
        # Case folding makes a key up to three times as long.
        limit = 3 * len(data) + (1 << 20)
        return Listing(self.postfix, self.asked.type.name, index, limit)

    def _compare(self, listing: Listing, found: TableReport, text: TableContent) -> None:
        """Find the index's faults that only reading it shows."""
        try:
            if self.asked.format == "postalias":
                entries = self._listing(found.built, text.data).entries()
                found.difference = listing.against(entries, aliases=True)
            elif text.sum is None or sum_of(listing.records()) != text.sum:
                found.difference = listing.against(text.read().records())
        except CorruptError:
            found.reason = "corrupt"
        else:
            found.reason = "contents" if found.difference else None

    def _query(self, data: bytes) -> CommandResult:
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

    def _other_warnings(self, said: CommandResult, known: set[int]) -> list[ConfigError]:
        """Return what Postfix warned of on other lines than those known, in their order."""
        found: dict[int, str] = {}
        for line in said.lines:
            match = re.search(r"warning: .*?, line (\d+): (.*)", line)
            if match and int(match[1]) not in known:
                found.setdefault(int(match[1]), match[2])
        return [ConfigError(text, self.asked.path, line) for line, text in sorted(found.items())]
