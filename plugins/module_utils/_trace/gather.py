# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather the lines of a mail log by what they are about: a queue id, a visit, a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import Line
from ansible_collections.labs.mail.plugins.module_utils._trace.queue_entries import Entry
from ansible_collections.labs.mail.plugins.module_utils._trace.visits import PROGRAMS, Visit, Visits

_AGENTS = ("smtp", "lmtp", "local", "pipe", "virtual")
"""Delivery agents: what they say without a queue id is about the recipient that they name next."""

_REFUSAL = re.compile(
    r"NOQUEUE: (?:milter-)?(?:reject|discard): (.*?)"
    r"(?:; from=<(.*?)>(?: to=<(.*?)>)?(?: proto=.*)?)?$",
    re.S,
)


@dataclass(eq=False)
class Refusal:
    """What an SMTP client was refused before there was a queue id."""

    line: Line
    reason: str
    sender: str | None
    recipient: str | None


@dataclass
class Gathered:
    """The lines of a log, by what they are about."""

    lines: list[Line]
    entries: list[Entry] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(eq=False)
class _Session:
    """What one smtpd says from a connection's beginning to its end, and what came by it."""

    lines: list[Line] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


def gather(lines: Iterable[Line]) -> Gathered:
    """Return the lines of a log by what they are about, in their order."""
    gathered = Gathered(list(lines))
    visits = Visits()
    lives: dict[tuple[str, str], Entry] = {}
    sessions: dict[tuple[str, str, str], _Session] = {}
    pending: dict[tuple[str, str, str], list[Line]] = {}
    for line in gathered.lines:
        program = line.program
        if line.queue_id:
            entry = _entry(gathered, lives, line)
            entry.add(line)
            if program in _AGENTS:
                entry.session += pending.pop((line.host, line.service, line.pid), ())
            elif program == "smtpd":
                session = _session(sessions, line)
                if entry not in session.entries:
                    session.entries.append(entry)
                    entry.session += session.lines
        elif program == "smtpd":
            session = _session(sessions, line)
            session.lines.append(line)
            for entry in session.entries:
                entry.session.append(line)
            if line.text.startswith("disconnect from"):
                del sessions[line.host, line.service, line.pid]
            _refusal(gathered, line)
        elif program in PROGRAMS:
            visits.take(line)
        elif program in _AGENTS:
            pending.setdefault((line.host, line.service, line.pid), []).append(line)
        elif line.text.startswith("NOQUEUE: "):  # postscreen
            _refusal(gathered, line)
    gathered.visits = visits.all
    return gathered


def _entry(gathered: Gathered, lives: dict[tuple[str, str], Entry], line: Line) -> Entry:
    key = (line.host, line.queue_id)
    entry = lives.get(key)
    if entry is None or entry.ends_with(line):
        entry = lives[key] = Entry(*key)
        gathered.entries.append(entry)
    return entry


def _session(sessions: dict[tuple[str, str, str], _Session], line: Line) -> _Session:
    key = (line.host, line.service, line.pid)
    if key not in sessions or (not line.queue_id and line.text.startswith("connect from")):
        sessions[key] = _Session()
    return sessions[key]


def _refusal(gathered: Gathered, line: Line) -> None:
    match = _REFUSAL.match(line.text)
    if match:
        gathered.refusals.append(Refusal(line, *match.groups()))
