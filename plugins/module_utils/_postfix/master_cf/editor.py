# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the services of master.cf, and no more of the file than what differs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    LogicalLine,
    end_last_line,
    is_ignored,
    join,
    line_ending,
    refuse_nul,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import errors
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.comments import (
    comment_out,
    commented,
    uncomment,
    uncomment_lines,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.entry_editor import (
    apply_spec,
    differs,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    Entry,
    parse,
    parse_entry,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import (
    ServiceRequest,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.spec import (
    Spec,
    blank,
    lay_over,
    render,
    spec_of,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import ParameterTypes


@dataclass
class Change:
    """What an edit came to; ``warnings`` say what went since master would die of it."""

    data: bytes
    changed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def reload_needed(self) -> bool:
        """Whether a running Postfix has something new to read."""
        return bool(self.changed or self.warnings)


def set_services(
    data: bytes,
    services: Iterable[ServiceRequest],
    exclusive: bool = False,
    baseline: bytes = b"",
    path: str | None = None,
    meaning: ParameterTypes | None = None,
) -> Change:
    """Bring services to what is asked.

    :arg exclusive: make the file mean the baseline with the services laid over it, whatever it
        held; lines that master would die of go.
    :arg baseline: is also what a file starts with that holds nothing.
    :arg meaning: what values of options mean; without it, all that is no list is text.
    :raises ConfigError: master would die of the result, or a new service has no command.
    """
    services = list(services)
    edit = (_Exclusive if exclusive else _Edit)(data, baseline, path, meaning or ParameterTypes())
    for service in edit.all_services({service.key: service for service in services}):
        edit.bring(service)
    change = edit.finish()
    if data.strip(SPACE) and not change.data.strip(SPACE):
        # What is left is what the next run would make of an empty file.
        change.data = set_services(b"", services, exclusive, baseline, path, meaning).data
    return change


class _Edit:
    """A file that is being edited: its logical lines, and its entries by key."""

    def __init__(
        self, data: bytes, baseline: bytes, path: str | None, meaning: ParameterTypes
    ) -> None:
        self.path = path
        self.meaning = meaning
        self.change = Change(data)
        self.entries: dict[str, list[Entry]] = {}
        self.sources, entries = self.read(data)
        if baseline.strip(SPACE) and not join(self.sources).strip(SPACE):
            self.sources, entries = self.read(baseline)
            self.change.changed += [entry.key for entry in entries]
        self.ending = line_ending(join(self.sources))
        for entry in entries:
            self.entries.setdefault(entry.key, []).append(entry)

    def read(self, data: bytes) -> tuple[list[LogicalLine], list[Entry]]:
        """Return the logical lines of the file and its entries."""
        return parse(data, self.path)

    def all_services(self, asked: dict[str, ServiceRequest]) -> list[ServiceRequest]:
        """Return what is asked, of every service that may have to change."""
        return list(asked.values())

    def bring(self, service: ServiceRequest) -> None:
        """Bring a service to what is asked."""
        before = join(self.sources)
        if service.state == "present":
            self.present(service)
        else:
            for entry in self.entries.pop(service.key, []):
                if service.state == "commented":
                    self.put(entry, comment_out(entry.source.lines))
                else:
                    self.remove(entry)
        if join(self.sources) != before and service.key not in self.change.changed:
            self.change.changed.append(service.key)

    def present(self, service: ServiceRequest) -> None:
        """Bring the last entry of a service, a commented one or a new one, to what is asked."""
        key = service.key
        found = self.entries.get(key)
        entry = found[-1] if found else self.uncomment(service)
        spec = lay_over(self.start(key, entry), service)
        if spec.columns["command"] == "-":
            raise ConfigError(
                f"{key}: it runs no program", self.path, instead="write a command, such as smtpd"
            )
        if not entry:
            entry = self.new(key, render(key, spec))
        self.edit(entry, spec)
        self.entries[key] = [entry]

    def uncomment(self, service: ServiceRequest) -> Entry | None:
        """Make an entry of a comment that is one of this service, as far as there is one."""
        return uncomment(self.sources, service.key, service.columns.get("command"))

    def edit(self, entry: Entry, spec: Spec) -> None:
        """Make an entry what it is to be."""
        apply_spec(entry, spec, self.meaning, self.ending)

    def start(self, key: str, entry: Entry | None) -> Spec:
        """Return what a service is before what is asked is laid over it."""
        return spec_of(entry) if entry else blank(key)

    def new(self, key: str, lines: list[bytes]) -> Entry:
        """Add an entry of these lines, and return it."""
        end_last_line(self.sources, self.ending)
        source = split(b"".join(line + self.ending for line in lines))[0]
        source.number = 0
        self.sources.insert(self.place(key), source)
        return parse_entry(source)

    def place(self, key: str) -> int:
        """Return before which logical line a new entry comes."""
        return len(self.sources)

    def remove(self, entry: Entry) -> None:
        """Take an entry out; the comments between its lines stay."""
        self.put(entry, _comments(entry.source))

    def put(self, entry: Entry, lines: list[bytes]) -> None:
        """Put comments in an entry's place."""
        index = next(n for n, source in enumerate(self.sources) if source is entry.source)
        self.sources[index : index + 1] = split(b"".join(lines))

    def finish(self) -> Change:
        """Return the change, unless master would die of its result."""
        for source in self.sources:
            for error in errors(parse_entry(source), self.path) if source.text else ():
                raise error
        if join(self.sources) == self.change.data:
            self.change.changed = []
        else:
            end_last_line(self.sources, self.ending)
            self.change.data = join(self.sources)
        return self.change


class _Exclusive(_Edit):
    """A file that is to mean a baseline with what is asked laid over it."""

    def __init__(
        self, data: bytes, baseline: bytes, path: str | None, meaning: ParameterTypes
    ) -> None:
        self.stock_sources, entries = parse(baseline)
        self.stock = {entry.key: entry for entry in entries}
        self.stock_comments = {
            found.entry.key: [
                source.lines[0] for source in self.stock_sources[found.first : found.last]
            ]
            for found in commented(self.stock_sources)
        }
        super().__init__(data, baseline, path, meaning)

    def read(self, data: bytes) -> tuple[list[LogicalLine], list[Entry]]:
        """Return the comments and the sound entries; the others are taken out."""
        sources: list[LogicalLine] = []
        entries: list[Entry] = []
        for source in split(data):
            try:
                refuse_nul(b"".join(source.lines), None)
                if source.text:
                    entry = parse_entry(source)
                    for error in errors(entry):
                        raise error
                    entries.append(entry)
                elif not is_ignored(source.lines[0]):
                    raise ConfigError("it continues nothing")
                sources.append(source)
            except ConfigError as error:
                self.change.warnings.append(f"line {source.number} is taken out: {error.message}")
                sources += split(b"".join(_comments(source)))
        return sources, entries

    def all_services(self, asked: dict[str, ServiceRequest]) -> list[ServiceRequest]:
        """Return what is asked, the baseline's services, and the absence of all others."""
        others = {key: ServiceRequest(key, "absent") for key in self.entries}
        stock = {key: ServiceRequest(key) for key in self.stock}
        return list({**others, **stock, **asked}.values())

    def present(self, service: ServiceRequest) -> None:
        """Leave one entry of a service, as it is asked for."""
        found = self.entries.get(service.key, [])
        for other in found[1:]:
            self.remove(other)
        self.entries[service.key] = found[:1]
        super().present(service)

    def uncomment(self, service: ServiceRequest) -> Entry | None:
        """Make an entry of a comment, best of one that is the baseline's entry."""
        stock = self.stock_lines(service.key)
        command = lay_over(self.start(service.key, None), service).columns["command"]
        return (uncomment_lines(self.sources, stock) if stock else None) or uncomment(
            self.sources, service.key, command
        )

    def stock_lines(self, key: str) -> list[bytes]:
        """Return the lines that the baseline has of a service, with this file's line endings."""
        stock = self.stock[key].source.lines if key in self.stock else []
        return [line.rstrip(b"\r\n") + self.ending for line in stock]

    def edit(self, entry: Entry, spec: Spec) -> None:
        """Make an entry what it is to be, in the words of the baseline where it is as there."""
        stock = self.stock.get(entry.key)
        if stock and spec == spec_of(stock) and differs(entry, spec, self.meaning):
            lines = self.stock_lines(entry.key)
            lines += [line for line in _comments(entry.source) if line not in lines]
            entry.source.lines, entry.source.text = lines, stock.source.text
        else:
            super().edit(entry, spec)

    def start(self, key: str, entry: Entry | None) -> Spec:
        """Return what a service is in the baseline."""
        return spec_of(self.stock[key]) if key in self.stock else blank(key)

    def new(self, key: str, lines: list[bytes]) -> Entry:
        """Add an entry, with the text that the baseline has of it."""
        stock = [line.rstrip(b"\r\n") for line in self.stock_lines(key)]
        return super().new(key, stock or lines)

    def place(self, key: str) -> int:
        """Return before which logical line a new entry comes: where the baseline has it."""
        if key not in self.stock:
            return len(self.sources)
        stock, here = (
            [join([source]).rstrip() for source in sources]
            for sources in (self.stock_sources, self.sources)
        )
        at = stock.index(join([self.stock[key].source]).rstrip())
        place = 0
        for start, found, size in difflib.SequenceMatcher(
            None, stock, here, False
        ).get_matching_blocks():
            if start <= at:
                place = found + size
        return place

    def remove(self, entry: Entry) -> None:
        """Take an entry out; it is a comment again where it is one in the baseline."""
        stock = [
            line.rstrip(b"\r\n") + self.ending for line in self.stock_comments.get(entry.key, [])
        ]
        if not stock or any(found.entry.key == entry.key for found in commented(self.sources)):
            super().remove(entry)
        else:
            self.put(entry, stock + [line for line in _comments(entry.source) if line not in stock])


def _comments(source: LogicalLine) -> list[bytes]:
    return [line for line in source.lines if line.lstrip(SPACE)[:1] == b"#" and b"\0" not in line]
