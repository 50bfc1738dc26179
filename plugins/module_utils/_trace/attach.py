# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attach the visits of programs beside Postfix to the queue ids whose messages they were about."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice

from ansible_collections.labs.mail.plugins.module_utils._trace.gather import Gathered
from ansible_collections.labs.mail.plugins.module_utils._trace.links import (
    BLUR_SECONDS,
    MANY,
    Links,
)
from ansible_collections.labs.mail.plugins.module_utils._trace.queue_entries import Delivery, Entry
from ansible_collections.labs.mail.plugins.module_utils._trace.visits import Visit

COMMAND_SECONDS = 1000
"""How long a program that Postfix starts may run: command_time_limit."""

_WITHOUT_ID = ({""}, {"", None})
"""What an entry and a visit of one message without Message-ID tell of it."""

_RUN_BY = {"spamd": "pipe", "procmail": "local"}
"""The delivery agents that run what leads to a visit without a Message-ID."""


class Attached:
    """Which visits belong to which queue id."""

    def __init__(self, gathered: Gathered, links: Links) -> None:
        self.visits: dict[Entry, list[Visit]] = defaultdict(list)
        self._owner: dict[Visit, Entry] = {}
        self._links = links
        self._spans: dict[Entry, tuple[list[int], list[float]]] = {}
        """Of an entry's deliveries where each ends, and when the first begun that ends then or
        later."""
        self._unsure: dict[tuple[Entry, str, str], list[str]] = defaultdict(list)
        self._index(gathered)
        for visit in gathered.visits:
            if visit.about_message and visit.program != "clamd":
                self._settle(visit, self._candidates(visit))
        for visit in gathered.visits:
            if visit.program == "clamd":  # after clamsmtpd's, which ask it
                self._settle(visit, self._by_scan(visit))
        for (entry, program, others), visits in self._unsure.items():
            links.doubts[entry].append(
                f"{program} {', '.join(visits)} may be about it or about {others}"
            )

    def _index(self, gathered: Gathered) -> None:
        self._entries = gathered.entries
        self._firsts = [entry.first.number for entry in gathered.entries]
        self._scans = [visit for visit in gathered.visits if visit.program == "clamsmtpd"]
        self._scans.sort(key=lambda scan: scan.begun)
        self._scan_firsts = [scan.begun for scan in self._scans]
        self._by_message: dict[str, list[Entry]] = defaultdict(list)
        self._sent: dict[tuple[str, str | None], _Deliveries] = defaultdict(_Deliveries)
        self._runs: dict[tuple[str, str], _Deliveries] = defaultdict(_Deliveries)
        for entry in gathered.entries:
            if entry.message_id:
                self._by_message[entry.message_id].append(entry)
            for delivery in entry.deliveries:
                program = delivery.line.program
                if program in ("smtp", "lmtp"):
                    self._sent[entry.host, entry.sender].add(entry, delivery)
                elif program in _RUN_BY.values():
                    self._runs[entry.host, program].add(entry, delivery)

    def _settle(self, visit: Visit, entries: list[Entry]) -> None:
        if len(entries) == 1:
            self._owner[visit] = entries[0]
            self.visits[entries[0]].append(visit)
            return
        for entry in entries:
            others = ", ".join(other.queue_id for other in entries if other is not entry)
            self._unsure[entry, visit.program, others].append(f"{visit.ident} ({visit.result})")

    def _candidates(self, visit: Visit) -> list[Entry]:
        if visit.program == "clamsmtpd":
            return self._by_addresses(visit)
        if visit.message_id:
            return self._by_message_id(visit, visit.message_id)
        return self._by_run(visit)

    def _by_message_id(self, visit: Visit, message_id: str) -> list[Entry]:
        """Return the last entry that began before, and was on its way at the time."""
        begun = [
            entry
            for entry in self._by_message[message_id]
            if entry.host == visit.host and entry.first.number < visit.last.number
        ]
        at = [entry for entry in begun if self._under_way(entry, visit)]
        return (at or [entry for entry in begun if not entry.removed])[-1:]

    def _under_way(self, entry: Entry, visit: Visit) -> bool:
        """Tell whether a visit began while a delivery of an entry was under way."""
        if entry not in self._spans:
            ends = sorted((d.line.number, d.begun) for d in entry.deliveries)
            begun = list(accumulate((at for _end, at in reversed(ends)), min))[::-1]
            self._spans[entry] = [number for number, _at in ends], begun
        numbers, begun = self._spans[entry]
        later = bisect_right(numbers, visit.first.number)
        return later < len(begun) and visit.first.seconds >= begun[later] - BLUR_SECONDS

    def _by_run(self, visit: Visit) -> list[Entry]:
        """Return what may have been delivered by a program when there was a visit of its."""
        start = visit.first.seconds
        runs = self._runs[visit.host, _RUN_BY.get(visit.program, "")]
        return _some(
            entry
            for entry, delivery in runs.between(start - BLUR_SECONDS, start + COMMAND_SECONDS)
            if _during(visit, delivery)
            and (visit.program != "procmail" or "procmail" in delivery.reply)
            # Of two whose lines of a Message-ID are both missing nobody knows.
            and (visit.program != "spamd" or {entry.message_id, visit.message_id} in _WITHOUT_ID)
        )

    def _by_addresses(self, visit: Visit) -> list[Entry]:
        """Return what may have gone through clamsmtpd: what was sent there, or else came of it."""
        done = visit.last.seconds
        sent = self._sent[visit.host, visit.sender]
        found = _some(
            entry
            for entry, delivery in sent.between(done - BLUR_SECONDS, done + BLUR_SECONDS)
            if entry.first.number < visit.first.number and delivery.recipient in visit.recipients
        )
        # What came of it came while clamsmtpd was at it.
        came, after = set(self._came(visit)), self._links.after
        found = [e for e in found if not after.get(e) or not came.isdisjoint(after[e])]
        return found or _some(
            entry
            for entry in self._came(visit)
            if entry not in self._links.before
            and (entry.sender == visit.sender or (entry.sender is None and _taken_back(entry)))
        )

    def _came(self, visit: Visit) -> list[Entry]:
        """Return what came while a filter was at a message."""
        start = bisect_right(self._firsts, visit.begun)
        end = bisect_left(self._firsts, visit.last.number)
        return [entry for entry in self._entries[start:end] if entry.host == visit.host]

    def _by_scan(self, visit: Visit) -> list[Entry]:
        """Return the message that clamsmtpd was at when clamd looked at something."""
        number = visit.first.number
        before = bisect_left(self._scan_firsts, number)
        at = [
            scan
            for scan in self._scans[max(before - MANY, 0) : before]
            if scan.host == visit.host and scan.last.number > number
        ]
        return [self._owner[at[0]]] if len(at) == 1 and at[0] in self._owner else []


class _Deliveries:
    """Deliveries that can be found by their time; they are added in any order."""

    def __init__(self) -> None:
        self._all: list[tuple[float, int, Entry, Delivery]] = []
        self._sorted = True

    def add(self, entry: Entry, delivery: Delivery) -> None:
        line = delivery.line
        self._all.append((line.seconds, line.number, entry, delivery))
        self._sorted = False

    def between(self, start: float, end: float) -> Iterator[tuple[Entry, Delivery]]:
        """Yield those of a span of time."""
        if not self._sorted:
            self._all.sort(key=lambda item: item[:2])
            self._sorted = True
        for place in range(bisect_left(self._all, (start,)), len(self._all)):
            at, _number, entry, delivery = self._all[place]
            if at > end:
                return
            yield entry, delivery


def _some(entries: Iterable[Entry]) -> list[Entry]:
    """Return each once, and no more than are needed to see that it could be any."""
    return list(dict.fromkeys(islice(entries, MANY)))


def _taken_back(entry: Entry) -> bool:
    """Tell whether the client reset a message before its data, as clamsmtpd does with a virus."""
    return not entry.original_id and any(
        " rset=" in line.text and " data=" not in line.text for line in entry.session
    )


def _during(visit: Visit, delivery: Delivery) -> bool:
    """Tell whether a visit began while a delivery was under way."""
    return (
        visit.host == delivery.line.host
        and visit.first.number < delivery.line.number
        and visit.first.seconds >= delivery.begun - BLUR_SECONDS
    )
