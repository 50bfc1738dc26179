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
    types: ParameterTypes | None = None,
) -> Change:
    """Bring services to what is asked.

    :arg exclusive: make the file mean the baseline with the services laid over it, whatever it
        held; lines that master would die of go.
    :arg baseline: is also what a file starts with that holds nothing.
    :arg types: what values of options mean; without it, all that is no list is text.
    :raises ConfigError: master would die of the result, or a new service has no command.
    """
    services = list(services)
    kind, stock = (_Exclusive, baseline) if exclusive else (_Edit, b"")
    edit = kind(data, baseline, _Stock(stock), path, types or ParameterTypes())
    for service in edit.all_services({service.key: service for service in services}):
        edit.apply(service)
    change = edit.finish()
    if data.strip(SPACE) and not change.data.strip(SPACE):
        # What is left is what the next run would make of an empty file.
        change.data = set_services(b"", services, exclusive, baseline, path, types).data
    return change


class _Edit:
    """A file that is being edited: its logical lines, and its entries by key."""

    def __init__(
        self,
        data: bytes,
        baseline: bytes,
        stock: _Stock,
        path: str | None,
        types: ParameterTypes,
    ) -> None:
        self.stock = stock
        self.path = path
        self.types = types
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

    def apply(self, service: ServiceRequest) -> None:
        """Make a service what is asked."""
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
            entry = self.add(key, spec)
        self.edit(entry, spec)
        self.entries[key] = [entry]

    def uncomment(self, service: ServiceRequest) -> Entry | None:
        """Make an entry of a comment that is one of this service, as far as there is one."""
        return uncomment(self.sources, service.key, service.columns.get("command"))

    def edit(self, entry: Entry, spec: Spec) -> None:
        """Edit an entry to match the spec, in the words of the baseline where it is as there."""
        if spec == self.stock.spec(entry.key) and differs(entry, spec, self.types):
            lines = self.stock.lines(entry.key, self.ending)
            lines += [line for line in _comments(entry.source) if line not in lines]
            text = self.stock.entries[entry.key].source.text
            entry.source.lines, entry.source.text = lines, text
        else:
            apply_spec(entry, spec, self.types, self.ending)

    def start(self, key: str, entry: Entry | None) -> Spec:
        """Return what a service is before what is asked is laid over it."""
        return spec_of(entry) if entry else blank(key)

    def add(self, key: str, spec: Spec) -> Entry:
        """Add an entry, in the words of the baseline where that has it, and return it."""
        end_last_line(self.sources, self.ending)
        lines = [line + self.ending for line in render(key, spec)]
        source = split(b"".join(self.stock.lines(key, self.ending) or lines))[0]
        source.number = 0
        self.sources.insert(self.stock.place(key, self.sources), source)
        return parse_entry(source)

    def remove(self, entry: Entry) -> None:
        """Take an entry out; it is a comment again where it is one in the baseline.

        The comments between its lines stay.
        """
        comments = _comments(entry.source)
        stock = self.stock.comment(entry.key, self.ending)
        if stock and not any(found.entry.key == entry.key for found in commented(self.sources)):
            comments = stock + [line for line in comments if line not in stock]
        self.put(entry, comments)

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

    def read(self, data: bytes) -> tuple[list[LogicalLine], list[Entry]]:
        """Return the comments and the sound entries; the others are taken out."""
        sources: list[LogicalLine] = []
        entries: list[Entry] = []
        for source in split(data):
            try:
                entries += _sound_entries(source)
                sources.append(source)
            except ConfigError as error:
                self.change.warnings.append(f"line {source.number} is taken out: {error.message}")
                sources += split(b"".join(_comments(source)))
        return sources, entries

    def all_services(self, asked: dict[str, ServiceRequest]) -> list[ServiceRequest]:
        """Return what is asked, the baseline's services, and the absence of all others."""
        others = {key: ServiceRequest(key, "absent") for key in self.entries}
        stock = {key: ServiceRequest(key) for key in self.stock.entries}
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
        stock = self.stock.lines(service.key, self.ending)
        command = lay_over(self.start(service.key, None), service).columns["command"]
        return (uncomment_lines(self.sources, stock) if stock else None) or uncomment(
            self.sources, service.key, command
        )

    def start(self, key: str, entry: Entry | None) -> Spec:
        """Return what a service is in the baseline."""
        return self.stock.spec(key) or blank(key)


class _Stock:
    """The file that is laid under what is asked: its entries, comments and their order."""

    def __init__(self, data: bytes) -> None:
        self.sources, entries = parse(data)
        self.entries = {entry.key: entry for entry in entries}
        self.comments = {
            found.entry.key: [source.lines[0] for source in self.sources[found.first : found.last]]
            for found in commented(self.sources)
        }

    def spec(self, key: str) -> Spec | None:
        """Return what a service is here; None where there is none."""
        return spec_of(self.entries[key]) if key in self.entries else None

    def lines(self, key: str, ending: bytes) -> list[bytes]:
        """Return the lines of a service, with these line endings; none where there is none."""
        lines = self.entries[key].source.lines if key in self.entries else []
        return [line.rstrip(b"\r\n") + ending for line in lines]

    def comment(self, key: str, ending: bytes) -> list[bytes]:
        """Return the lines of a service that is a comment here, with these line endings."""
        return [line.rstrip(b"\r\n") + ending for line in self.comments.get(key, [])]

    def place(self, key: str, sources: list[LogicalLine]) -> int:
        """Return before which of another file's lines a service comes; at the end if not here."""
        if key not in self.entries:
            return len(sources)
        stock, here = (
            [join([source]).rstrip() for source in each] for each in (self.sources, sources)
        )
        at = stock.index(join([self.entries[key].source]).rstrip())
        matcher = difflib.SequenceMatcher(None, stock, here, False)
        blocks = [block for block in matcher.get_matching_blocks() if block.a <= at]
        return blocks[-1].b + blocks[-1].size if blocks else 0


def _sound_entries(source: LogicalLine) -> list[Entry]:
    """Return the entry of a logical line, none of a comment; raise what master would die of."""
    refuse_nul(b"".join(source.lines), None)
    if source.text:
        entry = parse_entry(source)
        for error in errors(entry):
            raise error
        return [entry]
    if not is_ignored(source.lines[0]):
        raise ConfigError("it continues nothing")
    return []


def _comments(source: LogicalLine) -> list[bytes]:
    return [line for line in source.lines if line.lstrip(SPACE)[:1] == b"#" and b"\0" not in line]
