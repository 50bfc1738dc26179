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
    Piece,
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
    bring,
    differs,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    Entry,
    parse,
    parse_entry,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import Service
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.spec import (
    Spec,
    blank,
    lay_over,
    render,
    spec_of,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import Meaning


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
    services: Iterable[Service],
    exclusive: bool = False,
    baseline: bytes = b"",
    path: str | None = None,
    meaning: Meaning | None = None,
) -> Change:
    """Bring services to what is asked.

    :arg exclusive: make the file mean the baseline with the services laid over it, whatever it
        held; lines that master would die of go.
    :arg baseline: is also what a file starts with that holds nothing.
    :arg meaning: what values of options mean; without it, all that is no list is text.
    :raises ConfigError: master would die of the result, or a new service has no command.
    """
    services = list(services)
    edit = (_Exclusive if exclusive else _Edit)(data, baseline, path, meaning or Meaning())
    for service in edit.all_services({service.key: service for service in services}):
        edit.bring(service)
    change = edit.finish()
    if data.strip(SPACE) and not change.data.strip(SPACE):
        # What is left is what the next run would make of an empty file.
        change.data = set_services(b"", services, exclusive, baseline, path, meaning).data
    return change


class _Edit:
    """A file that is being edited: its pieces, and its entries by key."""

    def __init__(self, data: bytes, baseline: bytes, path: str | None, meaning: Meaning) -> None:
        self.path = path
        self.meaning = meaning
        self.change = Change(data)
        self.entries: dict[str, list[Entry]] = {}
        self.pieces, entries = self.read(data)
        if baseline.strip(SPACE) and not join(self.pieces).strip(SPACE):
            self.pieces, entries = self.read(baseline)
            self.change.changed += [entry.key for entry in entries]
        self.ending = line_ending(join(self.pieces))
        for entry in entries:
            self.entries.setdefault(entry.key, []).append(entry)

    def read(self, data: bytes) -> tuple[list[Piece], list[Entry]]:
        """Return the pieces of the file and its entries."""
        return parse(data, self.path)

    def all_services(self, asked: dict[str, Service]) -> list[Service]:
        """Return what is asked, of every service that may have to change."""
        return list(asked.values())

    def bring(self, service: Service) -> None:
        """Bring a service to what is asked."""
        before = join(self.pieces)
        if service.state == "present":
            self.present(service)
        else:
            for entry in self.entries.pop(service.key, []):
                if service.state == "commented":
                    self.put(entry, comment_out(entry.piece.lines))
                else:
                    self.remove(entry)
        if join(self.pieces) != before and service.key not in self.change.changed:
            self.change.changed.append(service.key)

    def present(self, service: Service) -> None:
        """Bring the last entry of a service, a commented one or a new one, to what is asked."""
        key = service.key
        found = self.entries.get(key)
        entry = found[-1] if found else self.uncomment(service)
        spec = lay_over(self.start(key, entry), service)
        if spec.columns["command"] == "-":
            raise ConfigError(
                f"{key}: it runs no program; write a command, such as smtpd", self.path
            )
        if not entry:
            entry = self.new(key, render(key, spec))
        self.edit(entry, spec)
        self.entries[key] = [entry]

    def uncomment(self, service: Service) -> Entry | None:
        """Make an entry of a comment that is one of this service, as far as there is one."""
        return uncomment(self.pieces, service.key, service.columns.get("command"))

    def edit(self, entry: Entry, spec: Spec) -> None:
        """Make an entry what it is to be."""
        bring(entry, spec, self.meaning, self.ending)

    def start(self, key: str, entry: Entry | None) -> Spec:
        """Return what a service is before what is asked is laid over it."""
        return spec_of(entry) if entry else blank(key)

    def new(self, key: str, lines: list[bytes]) -> Entry:
        """Add an entry of these lines, and return it."""
        end_last_line(self.pieces, self.ending)
        piece = split(b"".join(line + self.ending for line in lines))[0]
        piece.number = 0
        self.pieces.insert(self.place(key), piece)
        return parse_entry(piece)

    def place(self, key: str) -> int:
        """Return before which piece a new entry comes."""
        return len(self.pieces)

    def remove(self, entry: Entry) -> None:
        """Take an entry out; the comments between its lines stay."""
        self.put(entry, _comments(entry.piece))

    def put(self, entry: Entry, lines: list[bytes]) -> None:
        """Put comments in an entry's place."""
        index = next(n for n, piece in enumerate(self.pieces) if piece is entry.piece)
        self.pieces[index : index + 1] = split(b"".join(lines))

    def finish(self) -> Change:
        """Return the change, unless master would die of its result."""
        for piece in self.pieces:
            for error in errors(parse_entry(piece), self.path) if piece.text else ():
                raise error
        if join(self.pieces) == self.change.data:
            self.change.changed = []
        else:
            end_last_line(self.pieces, self.ending)
            self.change.data = join(self.pieces)
        return self.change


class _Exclusive(_Edit):
    """A file that is to mean a baseline with what is asked laid over it."""

    def __init__(self, data: bytes, baseline: bytes, path: str | None, meaning: Meaning) -> None:
        self.stock_pieces, entries = parse(baseline)
        self.stock = {entry.key: entry for entry in entries}
        self.stock_comments = {
            found.entry.key: [
                piece.lines[0] for piece in self.stock_pieces[found.first : found.last]
            ]
            for found in commented(self.stock_pieces)
        }
        super().__init__(data, baseline, path, meaning)

    def read(self, data: bytes) -> tuple[list[Piece], list[Entry]]:
        """Return the comments and the sound entries; the others are taken out."""
        pieces: list[Piece] = []
        entries: list[Entry] = []
        for piece in split(data):
            try:
                refuse_nul(b"".join(piece.lines), None)
                if piece.text:
                    entry = parse_entry(piece)
                    for error in errors(entry):
                        raise error
                    entries.append(entry)
                elif not is_ignored(piece.lines[0]):
                    raise ConfigError("it continues nothing")
                pieces.append(piece)
            except ConfigError as error:
                self.change.warnings.append(f"line {piece.number} is taken out: {error.message}")
                pieces += split(b"".join(_comments(piece)))
        return pieces, entries

    def all_services(self, asked: dict[str, Service]) -> list[Service]:
        """Return what is asked, the baseline's services, and the absence of all others."""
        others = {key: Service(key, "absent") for key in self.entries}
        stock = {key: Service(key) for key in self.stock}
        return list({**others, **stock, **asked}.values())

    def present(self, service: Service) -> None:
        """Leave one entry of a service, as it is asked for."""
        found = self.entries.get(service.key, [])
        for other in found[1:]:
            self.remove(other)
        self.entries[service.key] = found[:1]
        super().present(service)

    def uncomment(self, service: Service) -> Entry | None:
        """Make an entry of a comment, best of one that is the baseline's entry."""
        stock = self.stock_lines(service.key)
        command = lay_over(self.start(service.key, None), service).columns["command"]
        return (uncomment_lines(self.pieces, stock) if stock else None) or uncomment(
            self.pieces, service.key, command
        )

    def stock_lines(self, key: str) -> list[bytes]:
        """Return the lines that the baseline has of a service, with this file's line endings."""
        stock = self.stock[key].piece.lines if key in self.stock else []
        return [line.rstrip(b"\r\n") + self.ending for line in stock]

    def edit(self, entry: Entry, spec: Spec) -> None:
        """Make an entry what it is to be, in the words of the baseline where it is as there."""
        stock = self.stock.get(entry.key)
        if stock and spec == spec_of(stock) and differs(entry, spec, self.meaning):
            lines = self.stock_lines(entry.key)
            lines += [line for line in _comments(entry.piece) if line not in lines]
            entry.piece.lines, entry.piece.text = lines, stock.piece.text
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
        """Return before which piece a new entry comes: where the baseline has it."""
        if key not in self.stock:
            return len(self.pieces)
        stock, here = (
            [join([piece]).rstrip() for piece in pieces]
            for pieces in (self.stock_pieces, self.pieces)
        )
        at = stock.index(join([self.stock[key].piece]).rstrip())
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
        if not stock or any(found.entry.key == entry.key for found in commented(self.pieces)):
            super().remove(entry)
        else:
            self.put(entry, stock + [line for line in _comments(entry.piece) if line not in stock])


def _comments(piece: Piece) -> list[bytes]:
    return [line for line in piece.lines if line.lstrip(SPACE)[:1] == b"#" and b"\0" not in line]
