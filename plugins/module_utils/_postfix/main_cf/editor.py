# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the parameters of main.cf, and no more of the file than what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    LogicalLine,
    decode,
    encode,
    end_last_line,
    is_ignored,
    join,
    line_ending,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.layout import (
    lay_out,
    relay_out,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.parser import (
    Entry,
    parse,
    parse_entry,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import REFERENCE
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterTypes,
    ParameterValue,
)

NEEDS_RESTART = frozenset({"inet_interfaces", "inet_protocols", "queue_directory"})
"""Parameters that a reload is not enough for (postconf(5), master_vars_init())."""

CLASSES = "smtpd_restriction_classes"
"""The parameter that says which others are lists of restrictions."""


@dataclass
class Change:
    """What an edit came to.

    ``rewritten`` tells of more than parameters: lines went at which Postfix would stop, or the
    file was made.
    """

    data: bytes
    changed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rewritten: bool = False

    @property
    def reload_needed(self) -> bool:
        """Whether a running Postfix has something new to read."""
        return bool(self.changed) or self.rewritten

    @property
    def restart_needed(self) -> bool:
        """Whether a reload is not enough for what has changed, or what refers to that."""
        return bool(self.changed) and not _read_at_start(self.data).isdisjoint(self.changed)


def set_parameters(
    data: bytes,
    parameters: Mapping[str, ParameterValue | None],
    exclusive: bool = False,
    on_duplicate: str = "last",
    path: str | None = None,
    types: ParameterTypes | None = None,
) -> Change:
    """Give parameters their values.

    :arg parameters: None takes the parameter out of the file.
    :arg exclusive: take out all that is not named, and lines that Postfix would not take.
    :arg on_duplicate: ``last``: the last entry counts, the others are left; ``remove``: they go;
        ``fail``. With ``exclusive`` they go.
    :arg types: what values mean; without it, numbers, times and booleans are text.
    :raises ConfigError: Postfix would stop at a line of the file (not with ``exclusive``).
    """
    edit = _Edit(data, exclusive, "remove" if exclusive else on_duplicate, path)
    edit.know_types(types or ParameterTypes(), parameters.get(CLASSES))
    for name, value in parameters.items():
        if value is None:
            edit.remove(name)
        else:
            edit.set(name, value)
    if exclusive:
        for name in list(edit.entries):
            edit.remove(name)
    return edit.finish()


class _Edit:
    """A file that is being edited: its logical lines, and its entries by name."""

    def __init__(self, data: bytes, exclusive: bool, on_duplicate: str, path: str | None) -> None:
        self.change = Change(data)
        self.on_duplicate = on_duplicate
        self.path = path
        self.ending = line_ending(data)
        self.sources, entries = (
            _parse_exclusive(data, self.change) if exclusive else parse(data, path)
        )
        self.entries: dict[str, list[Entry]] = {}
        for entry in entries:
            self.entries.setdefault(entry.name, []).append(entry)
        self.new: list[bytes] = []
        self.gone: list[Entry] = []

    def know_types(self, types: ParameterTypes, classes: ParameterValue | None) -> None:
        """Compare by these types, with the restriction classes asked for or else the file's."""
        found = b" ".join(entry.value for entry in self.entries.get(CLASSES, []))
        self.types = types.with_classes(found if classes is None else classes.text)

    def remove(self, name: str) -> None:
        """Take a parameter out of the file."""
        found = self.entries.pop(name, [])
        if found:
            self.gone += found
            self.change.changed.append(name)

    def set(self, name: str, value: ParameterValue) -> None:
        """Give a parameter its value: in its last entry, in a comment, or in a new entry."""
        found = self.entries.pop(name, [])
        if len(found) > 1:
            self._mend_duplicates(found)
        wanted = self.types.to_lay_out(name, value)
        if not found:
            if not _uncomment(self.sources, name, wanted, self.types):
                self.new += lay_out(name, wanted, self.ending)
        elif _same(self.types, found[-1], wanted):
            return
        else:
            is_list, source = self.types.is_list(name), found[-1].source
            source.lines = relay_out(found[-1], wanted, is_list, self.ending)
        self.change.changed.append(name)

    def finish(self) -> Change:
        """Take out the entries that go, whose lines were looked at until now; return the change."""
        change = self.change
        for entry in self.gone:
            entry.source.lines = _comments(entry.source)
        change.changed = list(dict.fromkeys(change.changed))
        if change.reload_needed:
            change.data = _joined([*self.sources, LogicalLine(0, self.new)], self.ending)
        return change

    def _mend_duplicates(self, found: list[Entry]) -> None:
        """Do what is to be done with entries that Postfix does not read."""
        *others, last = found
        if self.on_duplicate == "remove":
            self.gone += others
            self.change.changed.append(last.name)
            return
        lines = ", ".join(str(entry.source.number) for entry in found)
        message = (
            f"{last.name} is set {len(found)} times (lines {lines}); Postfix reads the last only"
        )
        if self.on_duplicate == "fail":
            line = last.source.number
            raise ConfigError(f"{message}. Take the others out", self.path, line, 1)
        self.change.warnings.append(message)


def _read_at_start(data: bytes) -> set[str]:
    """Return the parameters that master reads when it starts, and those that they refer to."""
    _sources, entries = _parse_exclusive(data, Change(data))
    values = {entry.name: decode(entry.value) for entry in entries}
    found: set[str] = set()
    more = set(NEEDS_RESTART)
    while more:
        found |= more
        more = {n for name in more for n in REFERENCE.findall(values.get(name, ""))} - found
    return found


def comment_out(data: bytes, names: Iterable[str], path: str | None = None) -> Change:
    """Make comments of the entries of these parameters."""
    sources, entries = parse(data, path)
    names = set(names)
    change = Change(data)
    for entry in entries:
        if entry.name in names:
            entry.source.lines = [
                line if is_ignored(line) else b"#" + line for line in entry.source.lines
            ]
            change.changed.append(entry.name)
    change.changed = list(dict.fromkeys(change.changed))
    change.data = _joined(sources, line_ending(data)) if change.changed else data
    return change


def _joined(sources: list[LogicalLine], ending: bytes) -> bytes:
    """Return the file that is left of the logical lines, each line with an ending."""
    sources = [source for source in sources if source.lines]
    for source in sources:
        end_last_line([source], ending)
    return join(sources)


def _comments(source: LogicalLine) -> list[bytes]:
    return [line for line in source.lines if line.lstrip(SPACE)[:1] == b"#"]


def _same(types: ParameterTypes, entry: Entry, wanted: ParameterValue) -> bool:
    lines = sum(not is_ignored(line) for line in entry.source.lines)
    return types.same(entry.name, entry.value, wanted, lines)


def _parse_exclusive(data: bytes, change: Change) -> tuple[list[LogicalLine], list[Entry]]:
    """Parse a file of which only the comments and the named parameters stay."""
    sources, entries = [], []
    for source in split(data):
        lines = b"".join(source.lines)
        if b"\0" in lines or (not source.text and not is_ignored(lines)):
            change.rewritten = True
            continue
        sources.append(source)
        if source.text:
            try:
                entries.append(parse_entry(source))
            except ConfigError:
                change.rewritten = True
                source.lines = _comments(source)
    return sources, entries


def _uncomment(
    sources: list[LogicalLine], name: str, wanted: ParameterValue, types: ParameterTypes
) -> bool:
    """Make an entry of a comment that says just what is wanted; tell whether there was one."""
    if any(not source.text and not is_ignored(source.lines[0]) for source in sources):
        return False  # a stray continuation line might attach itself to the new entry
    start = re.compile(rb"#" + re.escape(encode(name)) + rb"\s*=")
    for first, source in enumerate(sources):
        if source.text or not start.match(source.lines[0]):
            continue
        for last in range(first, len(sources)):
            line = sources[last].lines[0]
            if last > first and line[:2] not in (b"# ", b"#\t"):
                break
            candidate = split(b"".join(each.lines[0][1:] for each in sources[first : last + 1]))
            if len(candidate) == 1 and _same(types, parse_entry(candidate[0]), wanted):
                sources[first : last + 1] = candidate
                return True
    return False
