# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Link the queue ids that one message had after one another.

What names the next or the last queue id comes first: ``queued as`` and ``forwarded as``, XFORWARD's
``orig_queue_id``, a requeue's ``orig_id``, bounce's notifications. Then the Message-ID, and last,
for a message without one, what pipe(8) ran when pickup(8) got a message from the same sender.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import NamedTuple

from ansible_collections.labs.mail.plugins.module_utils._trace.gather import Gathered
from ansible_collections.labs.mail.plugins.module_utils._trace.queue_entries import Delivery, Entry
from ansible_collections.labs.mail.plugins.module_utils._trace.visits import Visit

PICKUP_SECONDS = 60
"""How long pickup may take to see a message: its wake-up time in master.cf."""

BLUR_SECONDS = 1.0
"""How wrong the times of a log may be: many count whole seconds."""

MANY = 64
"""So many candidates are enough to see that none can be told; also clamsmtpd's MaxConnections."""

_LOOPBACK = re.compile(r"[^\[]*\[(?:127\.|::1\])")


@dataclass
class Links:
    """How queue ids follow each other."""

    before: dict[Entry, Entry] = field(default_factory=dict)
    by: dict[Entry, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What shows that an entry follows the one before it."""
    after: dict[Entry, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    doubts: dict[Entry, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What could not be linked to an entry, in sentences."""
    found: dict[Delivery, Entry] = field(default_factory=dict)
    """The entries that deliveries name."""

    def add(self, before: Entry, entry: Entry, by: str) -> bool:
        """Let an entry follow another one; tells whether it can."""
        if self.before.get(entry, before) is not before or self._follows(before, entry):
            return False
        if entry not in self.before:
            self.before[entry] = before
            self.after[before].append(entry)
        if by not in self.by[entry]:
            self.by[entry].append(by)
        return True

    def _follows(self, later: Entry | None, earlier: Entry) -> bool:
        if not self.after.get(earlier):
            return later is earlier  # nothing follows it yet, however long the way of the other is
        while later is not None and later is not earlier:
            later = self.before.get(later)
        return later is earlier


def link(gathered: Gathered) -> Links:
    """Link the queue ids of a log."""
    links = Links()
    by_id: dict[str, list[Entry]] = defaultdict(list)
    by_message: dict[str, list[Entry]] = defaultdict(list)
    for entry in gathered.entries:
        by_id[entry.queue_id].append(entry)
        if entry.message_id:
            by_message[entry.message_id].append(entry)
    for entry in gathered.entries:
        _by_name(links, entry, by_id)
    leads: dict[tuple[str, str, bool], _Leads] = {}
    for entry in gathered.entries:
        if entry not in links.before and entry.message_id:
            by_program = bool(entry.uid) or entry.arrival is None
            key = (entry.host, entry.message_id, by_program)
            if key not in leads:
                same = [e for e in by_message[entry.message_id] if e.host == entry.host]
                leads[key] = _Leads(links, same, by_program)
            before = leads[key].to(entry)
            if before:
                links.add(before, entry, "Message-ID")
    _by_time(links, gathered)
    return links


def _by_name(links: Links, entry: Entry, by_id: dict[str, list[Entry]]) -> None:
    for delivery in entry.deliveries:
        if delivery.named:
            how, queue_id = delivery.named
            following = _nearest(entry, by_id[queue_id], delivery.line.seconds)
            if following and links.add(entry, following, f"{how} as"):
                links.found[delivery] = following
            else:
                links.doubts[entry].append(_no_line_of(delivery, how, queue_id))
    for notice, queue_id in entry.notices:
        following = _nearest(entry, by_id[queue_id], entry.lines[-1].seconds, notice=True)
        if not (following and links.add(entry, following, notice)):
            links.doubts[entry].append(f"the log has no line of {queue_id}, a {notice}")
    if entry.original_id:
        how = "orig_id" if entry.uid else "orig_queue_id"
        original = _nearest(entry, by_id[entry.original_id], entry.first.seconds)
        if not (original and links.add(original, entry, how)):
            links.doubts[entry].append(f"the log has no line of {entry.original_id}, its {how}")


def _no_line_of(delivery: Delivery, how: str, queue_id: str) -> str:
    if _LOOPBACK.match(delivery.relay) or how == "forwarded":
        return f"{delivery.reply!r}: the log has no line of {queue_id}"
    return f"{delivery.relay} calls it {queue_id}: it goes on in the log over there"


def _nearest(entry: Entry, others: list[Entry], at: float, notice: bool = False) -> Entry | None:
    """Return that life of a queue id which is nearest in time, and may be the same message's."""
    fitting = [
        other
        for other in others
        if other is not entry
        and (notice or not (entry.message_id and other.message_id)
             or entry.message_id == other.message_id)
    ]  # fmt: skip
    return min(fitting, key=lambda other: abs(other.first.seconds - at), default=None)


class _Leads:
    """What may have led to an entry among those of one host that bear the same Message-ID.

    That is a program's run for what came by pickup, and a delivery by SMTP for what else came; pipe
    before local, and of several the last that begun.
    """

    def __init__(self, links: Links, same: list[Entry], by_program: bool) -> None:
        ranks = {"pipe": 3, "local": 2} if by_program else {"smtp": 3, "lmtp": 2}
        self._entries: list[Entry] = []
        self._runs: list[list[tuple[int, float, float]]] = []
        """Of each of these entries its deliveries: their rank, and when they began and ended."""
        self._silent: list[Entry] = []
        """Those whose line of delivery is missing, and so may have led to anything."""
        for entry in sorted(same, key=_begins):
            runs = [
                (ranks[delivery.line.program], delivery.begun, delivery.line.seconds)
                for delivery in entry.deliveries
                if delivery.line.program in ranks
                and delivery not in links.found
                and delivery.status in ("sent", "")
            ]
            if runs:
                self._entries.append(entry)
                self._runs.append(runs)
            elif not entry.deliveries and not entry.removed:
                self._silent.append(entry)
        self._begins = [_begins(entry) for entry in self._entries]
        self._silent_begins = [_begins(entry) for entry in self._silent]
        ends = (max(end for _rank, _begun, end in runs) for runs in self._runs)
        self._ended = list(accumulate(ends, max))
        """When all up to this one had ended."""

    def to(self, entry: Entry) -> Entry | None:
        """Return what most likely led to an entry, none where nothing may have."""
        at, best, found = entry.first.seconds, 0, None
        for place in reversed(range(bisect_right(self._begins, _begins(entry)))):
            if best == 3 or self._ended[place] + PICKUP_SECONDS < at:
                break
            if self._entries[place] is entry:
                continue
            rank = max(
                (r for r, begun, end in self._runs[place]
                 if begun - BLUR_SECONDS <= at <= end + PICKUP_SECONDS),
                default=0,
            )  # fmt: skip
            if rank > best:
                best, found = rank, self._entries[place]
        if found:
            return found
        last = bisect_right(self._silent_begins, _begins(entry)) - 1
        if last >= 0 and self._silent[last] is entry:
            last -= 1
        return self._silent[last] if last >= 0 else None


def _begins(entry: Entry) -> int:
    return entry.first.number


def _under_way(delivery: Delivery, at: float, late: float) -> bool:
    """Tell whether what arrived at a time may have come of a delivery, some seconds later."""
    return delivery.begun - BLUR_SECONDS <= at <= delivery.line.seconds + late


def _by_time(links: Links, gathered: Gathered) -> None:
    """Link what pipe(8) took of a message without Message-ID to what pickup(8) got meanwhile."""
    arrivals = _arrivals(links, gathered)
    seen = [visit for visit in gathered.visits if visit.message_id == ""]
    fits: dict[Entry, list[Entry]] = {}
    how: dict[Entry, str] = {}
    for before in gathered.entries:
        runs = _pipe_runs(links, before)
        if runs:
            uids = _uids(seen, runs)
            how[before] = "pipe, uid and time" if uids else "pipe and time"
            some = _between(
                arrivals[before.host, before.sender],
                min(run.begun for run in runs) - BLUR_SECONDS,
                max(run.line.seconds for run in runs) + PICKUP_SECONDS,
            )
            # More than a few cannot be told apart, and need not all be named.
            fits[before] = list(islice((e for e in some if _may_come_of(e, runs, uids)), MANY))
    _pair(links, fits, how)


class _Arrival(NamedTuple):
    """An entry, and when and where in the log it came, so that they can be sorted."""

    at: float
    number: int
    entry: Entry


def _arrivals(links: Links, gathered: Gathered) -> dict[tuple[str, str | None], list[_Arrival]]:
    """Return what pickup(8) got without a Message-ID, by host and sender, in the order of time."""
    arrivals: dict[tuple[str, str | None], list[_Arrival]] = defaultdict(list)
    for entry in gathered.entries:
        # One without a Message-ID has none still, or cleanup(8) made it one.
        came_without = not entry.message_id or entry.queue_id in entry.message_id
        if entry.uid and came_without and entry not in links.before and not entry.original_id:
            arrival = _Arrival(entry.first.seconds, entry.first.number, entry)
            arrivals[entry.host, entry.sender].append(arrival)
    for several in arrivals.values():
        several.sort(key=lambda arrival: arrival[:2])
    return arrivals


def _between(arrivals: list[_Arrival], start: float, end: float) -> Iterator[Entry]:
    """Yield those of a span of time."""
    first = bisect_left([arrival.at for arrival in arrivals], start)
    for arrival in islice(arrivals, first, None):
        if arrival.at > end:
            return
        yield arrival.entry


def _pipe_runs(links: Links, entry: Entry) -> list[Delivery]:
    """Return the runs of pipe(8) with a message without Message-ID that nothing follows yet."""
    if entry.message_id or entry in links.after:
        return []
    return [d for d in entry.deliveries if d.line.program == "pipe" and d.status == "sent"]


def _may_come_of(entry: Entry, runs: list[Delivery], uids: set[str]) -> bool:
    """Tell whether a program's run may have handed in an entry, by its user and its time."""
    if uids and entry.uid not in uids:
        return False
    late = PICKUP_SECONDS if uids else BLUR_SECONDS
    return any(_under_way(run, entry.first.seconds, late) for run in runs)


def _uids(seen: list[Visit], runs: list[Delivery]) -> set[str]:
    """Return the users for whom spamd saw messages without Message-ID during a program's runs."""
    return {
        visit.uid
        for visit in seen
        for run in runs
        if visit.host == run.line.host and _under_way(run, visit.first.seconds, 0)
    }


def _pair(links: Links, fits: dict[Entry, list[Entry]], how: dict[Entry, str]) -> None:
    """Link those that fit nothing else, and say of the others what they may have come of."""

    def taken() -> bool:
        wanted: dict[Entry, list[Entry]] = defaultdict(list)
        for before, entries in fits.items():
            entries[:] = [entry for entry in entries if entry not in links.before]
            for entry in entries:
                wanted[entry].append(before)
        sure = [(before, entries[0]) for before, entries in fits.items() if len(entries) == 1]
        sure += [(befores[0], entry) for entry, befores in wanted.items() if len(befores) == 1]
        return sum(links.add(before, entry, how[before]) for before, entry in sure) > 0

    while taken():
        pass
    for before, entries in fits.items():
        for entry in entries:
            reason = "the same sender and time, and no Message-ID"
            links.doubts[before].append(f"{entry.queue_id} may have come of it: {reason}")
            links.doubts[entry].append(f"it may have come of {before.queue_id}: {reason}")
