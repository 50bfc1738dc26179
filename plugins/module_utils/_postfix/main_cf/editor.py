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
    Value,
    parse,
    parse_entry,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterTypes,
    text_of,
)

NEEDS_RESTART = frozenset({"inet_interfaces", "inet_protocols"})
"""Parameters that a reload is not enough for (postconf(5))."""


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
        """Whether a reload is not enough for what has changed."""
        return not NEEDS_RESTART.isdisjoint(self.changed)


def set_parameters(
    data: bytes,
    parameters: Mapping[str, Value],
    exclusive: bool = False,
    on_duplicate: str = "last",
    path: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Change:
    """Give parameters their values.

    :arg parameters: values from ``wanted_value``; None takes the parameter out of the file.
    :arg exclusive: take out all that is not named, and lines that Postfix would not take.
    :arg on_duplicate: ``last``: the last entry counts, the others are left; ``remove``: they go;
        ``fail``. With ``exclusive`` they go.
    :arg defaults: what ``postconf -dx`` lists, from which the types of parameters follow.
    :raises ConfigError: Postfix would stop at a line of the file (not with ``exclusive``).
    """
    change = Change(data)
    sources, entries = _parse_exclusive(data, change) if exclusive else parse(data, path)
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.name, []).append(entry)
    meaning = ParameterTypes(defaults, _restriction_classes(entries, parameters))
    ending = line_ending(data)
    gone: list[Entry] = []
    new: list[bytes] = []
    for name, value in parameters.items():
        found = by_name.pop(name, [])
        if value is None:
            gone += found
            change.changed += [name] if found else []
            continue
        if len(found) > 1:
            gone += _duplicates(found, "remove" if exclusive else on_duplicate, change, path)
        wanted = meaning.as_written(name, value)
        if not found:
            if not _uncomment(sources, name, wanted, meaning):
                new += lay_out(name, wanted, ending)
            change.changed.append(name)
        elif not _same(meaning, found[-1], wanted):
            entry = found[-1]
            entry.source.lines = relay_out(entry, wanted, meaning.is_list(name), ending)
            change.changed.append(name)
    if exclusive:
        gone += [entry for found in by_name.values() for entry in found]
        change.changed += by_name
    for entry in gone:
        entry.source.lines = _comments(entry.source)
    change.changed = list(dict.fromkeys(change.changed))
    change.data = _joined([*sources, LogicalLine(0, new)], ending) if change.reload_needed else data
    return change


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


def _same(meaning: ParameterTypes, entry: Entry, wanted: str | list[str]) -> bool:
    lines = sum(not is_ignored(line) for line in entry.source.lines)
    return meaning.same(entry.name, entry.value, wanted, lines)


def _restriction_classes(entries: Iterable[Entry], parameters: Mapping[str, Value]) -> bytes:
    """Return the names of lists that the file, or else what is asked, declares as such."""
    name = "smtpd_restriction_classes"
    asked = parameters.get(name)
    if asked is not None:
        return text_of(asked)
    return b" ".join(entry.value for entry in entries if entry.name == name)


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


def _duplicates(
    found: list[Entry], on_duplicate: str, change: Change, path: str | None
) -> list[Entry]:
    """Return the entries to take out of those that Postfix does not read."""
    *others, last = found
    if on_duplicate == "remove":
        change.changed.append(last.name)
        return others
    lines = ", ".join(str(entry.source.number) for entry in found)
    message = f"{last.name} is set {len(found)} times (lines {lines}); Postfix reads the last only"
    if on_duplicate == "fail":
        raise ConfigError(f"{message}. Take the others out", path, last.source.number, 1)
    change.warnings.append(message)
    return []


def _uncomment(
    sources: list[LogicalLine], name: str, wanted: str | list[str], meaning: ParameterTypes
) -> bool:
    """Make an entry of a comment that says just what is wanted; tell whether there was one."""
    if any(not source.text and not is_ignored(source.lines[0]) for source in sources):
        return False  # a stray continuation line might attach itself to the new entry
    start = re.compile(rb"#" + re.escape(text_of(name)) + rb"\s*=")
    for first, source in enumerate(sources):
        if source.text or not start.match(source.lines[0]):
            continue
        for last in range(first, len(sources)):
            line = sources[last].lines[0]
            if last > first and line[:2] not in (b"# ", b"#\t"):
                break
            candidate = split(b"".join(each.lines[0][1:] for each in sources[first : last + 1]))
            if len(candidate) == 1 and _same(meaning, parse_entry(candidate[0]), wanted):
                sources[first : last + 1] = candidate
                return True
    return False
