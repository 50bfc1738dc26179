# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather the lines of a mail log by what they are about: a queue id, a visit, an action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._trace.actions import Action, action_of
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import Line
from ansible_collections.labs.mail.plugins.module_utils._trace.queue_entries import Entry
from ansible_collections.labs.mail.plugins.module_utils._trace.visits import PROGRAMS, Visit, Visits

_AGENTS = ("smtp", "lmtp", "local", "pipe", "virtual")
"""Delivery agents: what they say without a queue id is about the recipient that they name next."""


@dataclass
class Gathered:
    """The lines of a log, by what they are about."""

    lines: list[Line]
    entries: list[Entry] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    """What was done to clients, recipients and messages, with a queue id or without one."""

    @property
    def unread(self) -> list[Line]:
        """Lines whose layout is not known, so that nothing could be read of them."""
        return [line for line in self.lines if not line.service]


@dataclass(eq=False)
class _Session:
    """What one smtpd says from a connection's beginning to its end, and what came by it."""

    lines: list[Line] = field(default_factory=list)
    entries: dict[Entry, None] = field(default_factory=dict)
    begun: list[Action] = field(default_factory=list)
    """What was done in the transaction that has no queue id yet: it gets one with the first
    recipient that is accepted."""

    def did(self, action: Action) -> None:
        """Take in an action without a queue id."""
        if action.sender is None or (self.begun and self.begun[-1].sender != action.sender):
            self.begun.clear()
        if action.sender is not None:
            self.begun.append(action)


def gather(lines: Iterable[Line]) -> Gathered:
    """Return the lines of a log by what they are about, in their order."""
    gathered = Gathered(list(lines))
    gatherer = _Gatherer(gathered)
    for line in gathered.lines:
        gatherer.take(line)
    return gathered


class _Gatherer:
    """Takes lines in their order, and knows what those before them were about."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self._visits = Visits(gathered.visits)
        self._lives: dict[tuple[str, str], Entry] = {}
        self._sessions: dict[tuple[str, str, str], _Session] = {}
        self._pending: dict[tuple[str, str, str], list[Line]] = defaultdict(list)

    def take(self, line: Line) -> None:
        """Take in the next line."""
        if line.queue_id:
            self._entry_line(line)
        elif line.program == "smtpd":
            self._session_line(line)
        elif line.program in _AGENTS:
            self._pending[_process(line)].append(line)
        elif line.program in PROGRAMS:
            self._visits.take(line)
        if not line.queue_id:
            self._action_line(line)

    def _action_line(self, line: Line) -> None:
        action = action_of(line)
        if action:
            self._gathered.actions.append(action)
            if line.program == "smtpd":
                self._session(line).did(action)

    def _entry_line(self, line: Line) -> None:
        entry = self._entry(line)
        known = len(entry.actions)
        entry.add(line)
        self._gathered.actions += entry.actions[known:]
        if line.program in _AGENTS:
            entry.session += self._pending.pop(_process(line), ())
        elif line.program == "smtpd":
            session = self._session(line)
            if entry not in session.entries:
                session.entries[entry] = None
                entry.session += session.lines
                for action in session.begun:
                    entry.act(action)
                session.begun.clear()

    def _session_line(self, line: Line) -> None:
        session = self._session(line)
        session.lines.append(line)
        for entry in session.entries:
            entry.session.append(line)
        if line.text.startswith("disconnect from"):
            del self._sessions[_process(line)]

    def _entry(self, line: Line) -> Entry:
        key = (line.host, line.queue_id)
        entry = self._lives.get(key)
        if entry is None or entry.ends_with(line):
            entry = self._lives[key] = Entry(*key)
            self._gathered.entries.append(entry)
        return entry

    def _session(self, line: Line) -> _Session:
        begins = not line.queue_id and line.text.startswith("connect from")
        if begins or _process(line) not in self._sessions:
            self._sessions[_process(line)] = _Session()
        return self._sessions[_process(line)]


def _process(line: Line) -> tuple[str, str, str]:
    return line.host, line.service, line.pid
