# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whether a table is sound, and whether its index is right; make a new index if not."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import (
    CommandResult,
    Postfix,
    cool,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.checksum import sum_of
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.content import TableContent
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.difference import Difference
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.index import (
    Build,
    IndexFormat,
    find_index_format,
    holds_files,
    start_build,
    visible_fault,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.listing import (
    CorruptError,
    Listing,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import (
    Postmap,
    syntax,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import (
    PROGRAMS,
    TableType,
)


@dataclass(frozen=True)
class TableSpec:
    """A table, and how it is to be looked at.

    ``index`` is None for a type that has none; ``index_format`` is None for that and without a
    Postfix.
    """

    path: str
    type: TableType
    format: str
    syntax: Postmap
    verify: str = "content"
    index: str | None = None
    index_format: IndexFormat | None = None


def table_spec(
    path: str,
    table_type: TableType,
    table_format: str,
    settings: Mapping[str, str],
    postfix: Postfix | None,
    verify: str = "content",
) -> TableSpec:
    """Return how a table is to be looked at: where its index is, and of which kind.

    :arg settings: what main.cf sets, or the defaults say.
    :arg postfix: None where none is installed, or nothing is to be made of the index.
    :raises NotInstalledError: the type is not.
    """
    index_format: IndexFormat | None = None
    if postfix is not None and table_type.suffix:
        index_format = find_index_format(postfix, table_type)
    suffix = index_format.suffix if index_format else table_type.suffix
    utf8 = settings.get("smtputf8_enable", "yes").lower() != "no"
    return TableSpec(
        path=path,
        type=table_type,
        format=table_format,
        syntax=syntax(table_type.name, table_format, utf8),
        verify=verify,
        index=path + suffix if suffix else None,
        index_format=index_format,
    )


@dataclass
class TableReport:
    """What was found; nothing of it is judged here.

    ``warnings`` are what Postfix would warn of in the table, and ``elsewhere`` in other files.
    ``refusal`` is why there can be no index. ``reason`` is why there is a new one at ``built``,
    None where the old one is right.
    """

    reason: str | None = None
    built: str | None = None
    warnings: list[ConfigError] = field(default_factory=list)
    elsewhere: list[ConfigError] = field(default_factory=list)
    refusal: ConfigError | None = None
    entry_count: int = 0
    duplicates: list[bytes] = field(default_factory=list)
    difference: Difference = field(default_factory=Difference)


class TableVerifier:
    """One look at a table and its index.

    :arg postfix: None where none is installed.
    :arg folder: directory for this user alone, on the index's file system.
    """

    def __init__(self, spec: TableSpec, postfix: Postfix | None, folder: str) -> None:
        self.spec = spec
        self.postfix = postfix
        self.folder = folder

    def verify(
        self, content: TableContent, reason: str | None, source: os.stat_result | None
    ) -> TableReport:
        """Examine a table and its index, and build a new index aside where that is needed.

        :arg content: what its file is to hold.
        :arg reason: why its index is to be rebuilt, where that is known.
        :arg source: what the file is now; None where there is none.
        """
        spec = self.spec
        if spec.verify == "always":
            reason = reason or "always"
        if spec.index is None or spec.index_format is None or self.postfix is None:
            report = self._verify_text(content, reason)
        else:
            if reason is None and source is not None:
                reason = visible_fault(spec.index, spec.index_format, source)
            report = TableReport(reason)
            _IndexVerifier(self.postfix, self.folder, spec, spec.index, content, report).verify()
        report.entry_count, report.duplicates = content.counts()
        return report

    def _verify_text(self, content: TableContent, reason: str | None) -> TableReport:
        """Examine a table that has no index, or whose index nothing here can make."""
        if self.spec.index:
            missing = not os.path.exists(self.spec.index)
            return TableReport(reason or ("missing" if missing else None))
        report = TableReport(warnings=list(content.table.problems))
        if self.postfix is not None:
            said, path = self._query(self.postfix, content.data)
            report.refusal = _why_unreadable(said, self.spec)
            add_warnings(report, said, path, content, self.postfix)
        return report

    def _query(self, postfix: Postfix, data: bytes) -> tuple[CommandResult, str]:
        """Let Postfix read a table that has no index; return what it said, and of which path."""
        path = staged(self.folder, self.spec)
        with open(path, "wb") as file:
            file.write(data)
        cool(path)
        program, *options = PROGRAMS[self.spec.format]
        return postfix.start(
            program, *options, "-q", "x", f"{self.spec.type.name}:{path}"
        ).finish(), path


class _IndexVerifier:
    """Looks at the table's text and the index side by side, each in a process of its own."""

    def __init__(
        self,
        postfix: Postfix,
        folder: str,
        spec: TableSpec,
        index: str,
        content: TableContent,
        report: TableReport,
    ) -> None:
        self.postfix = postfix
        self.folder = folder
        self.spec = spec
        self.index = index
        self.content = content
        self.report = report
        self.started = contextlib.ExitStack()

    def verify(self) -> None:
        """Fill the report."""
        report, content = self.report, self.content
        by_listing = report.reason is None and self.spec.verify == "content"
        # What postalias and `postmap -F` make of a text, only they know.
        by_building = by_listing and self.spec.format != "postmap"
        with self.started:
            build = self._build() if report.reason or by_building else None
            listing = self._listing(self.index) if by_listing else None
            if content.checksum is None or not (build or listing):
                report.warnings += content.table.problems
                report.refusal = content.refusal()
                if report.refusal:
                    return
            if build:
                self._finish(build)
            if listing and not report.refusal:
                self._compare(listing)
                if report.reason and not report.built:
                    self._finish(self._build())
        self._refuse_index_of_files()
        if report.reason is None:
            report.built = None

    def _build(self) -> Build:
        spec, path = self.spec, staged(self.folder, self.spec)
        build = start_build(self.postfix, spec.type, spec.format, self.content.data, path)
        self.started.callback(build.running.wait)
        return build

    def _listing(self, index: str) -> Listing:
        # Case folding makes a key up to three times as long, and base64 a file by a third.
        files = os.path.getsize(self.index) if self.spec.format == "postmap_files" else 0
        limit = 3 * len(self.content.data) + 2 * files + (1 << 20)
        listing = Listing(self.postfix, self.spec.type.name, index, limit)
        self.started.callback(listing.running.wait)
        return listing

    def _finish(self, build: Build) -> None:
        try:
            self.report.built, said = build.finish()
        except ConfigError as error:
            self.report.refusal = error
        else:
            add_warnings(self.report, said, build.staged, self.content, self.postfix)

    def _compare(self, listing: Listing) -> None:
        """Find the index's faults that only reading it shows."""
        report, checksum = self.report, self.content.checksum
        try:
            if report.built:
                entries = self._listing(report.built).entries()
                aliases = self.spec.format == "postalias"
                report.difference = listing.against(entries, aliases)
            elif checksum is None or sum_of(listing.records()) != checksum:
                report.difference = listing.against(self.content.table.records())
                if not report.warnings and not report.difference:
                    report.warnings += self.content.table.problems
        except CorruptError:
            report.reason = "corrupt"
        else:
            report.reason = "contents" if report.difference else None

    def _refuse_index_of_files(self) -> None:
        """Refuse to replace an index of `postmap -F` by one that holds but the files' names."""
        spec = self.spec
        if (
            self.report.reason
            and spec.format == "postmap"
            and os.path.isfile(self.index)
            and holds_files(self.index)
        ):
            self.report.refusal = ConfigError(
                "`postmap -F` made this index, which holds keys or certificates, and plain postmap "
                "would put the names of their files in their place",
                self.index,
                instead="write format: postmap_files, or remove the index first",
            )


def staged(folder: str, spec: TableSpec) -> str:
    """Return a path for a copy of the table, in an empty directory."""
    return os.path.join(tempfile.mkdtemp(dir=folder), os.path.basename(spec.path))


def add_warnings(
    report: TableReport, said: CommandResult, path: str, content: TableContent, postfix: Postfix
) -> None:
    """Add what was said of lines that are not known yet to the report, each at its file.

    :arg path: what the table was called.
    """
    warnings = said.warnings()
    own: dict[int, ConfigError] = {}
    for warning in warnings:
        if warning.path == path and warning.line is not None:
            own.setdefault(warning.line, ConfigError(warning.found, content.path, warning.line))
        else:
            where = postfix.main_cf if warning.path == postfix.copy else warning.path
            report.elsewhere.append(ConfigError(warning.found, where, warning.line))
    if said.lines and not report.warnings:
        # Such as a key that stands twice, of which a reading knows the lines.
        report.warnings += content.table.problems
    if own:
        report.warnings += [own[line] for line in sorted(own.keys() - content.table.warned)]


def _why_unreadable(said: CommandResult, spec: TableSpec) -> ConfigError | None:
    try:
        said.raise_where_not_installed(spec.type.name, spec.type.package)
    except ConfigError as error:
        return error
    if said.fatal:
        return ConfigError(f"Postfix cannot read this table: {said.fatal}", spec.path)
    return None
