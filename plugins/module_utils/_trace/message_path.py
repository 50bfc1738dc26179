# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path of one message: its queue ids one after another, and what became of it."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._trace.attach import Attached
from ansible_collections.labs.mail.plugins.module_utils._trace.links import Links
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import Line
from ansible_collections.labs.mail.plugins.module_utils._trace.queue_entries import Delivery, Entry
from ansible_collections.labs.mail.plugins.module_utils._trace.visits import Visit

CLAMSMTP_DISCARDED = "Virus Detected; Discarded Email"
"""What clamsmtpd answers to who sent it a virus that it discards (clamsmtpd.c)."""

_BROKEN_OFF = re.compile(
    r"(?:lost connection|timeout|SSL_\w+ error) after \S+ (?:\(|from )"
    r"|\S+\[[^\]]*\]: .* while "
)
"""How smtpd(8) and qmqpd(8) say that a client went before its message had come."""


_OWN = re.compile("double-bounce@")
"""The sender of what Postfix writes itself: probes of addresses, reports to the postmaster."""


@dataclass(eq=False)
class Hop:
    """One queue id of a path."""

    entry: Entry
    before: Hop | None
    by: list[str]
    """What shows that it follows the one before."""
    after: list[Entry]
    visits: list[Visit]
    found: dict[Delivery, Entry]
    """The entries that deliveries name, of the whole log."""
    depth: int
    notice: Hop | None
    """The notification, a message of its own, whose way it is part of."""

    @property
    def is_notice(self) -> bool:
        """Whether bounce(8) made it: a new message, to the sender."""
        return self.notice is self

    @functools.cached_property
    def virus(self) -> bool:
        """Whether clamsmtpd found a virus, and so did not pass it on."""
        return any(visit.result.startswith("VIRUS") for visit in self.visits) or any(
            CLAMSMTP_DISCARDED in delivery.reply for delivery in self.entry.deliveries
        )

    @property
    def ends(self) -> list[Delivery]:
        """What became of each recipient, where nothing follows on it."""
        requeued = any(
            other.uid and other.original_id == self.entry.queue_id for other in self.after
        )
        return [
            delivery
            for delivery in self.entry.outcome().values()
            if delivery not in self.found
            and not (delivery.line.program == "pipe" and self.after)
            and not (delivery.status == "deferred" and requeued)
        ]

    def status(self, delivery: Delivery) -> str:
        """Return the status of a delivery; ``discarded`` where a virus was."""
        if delivery.status == "sent" and self.virus:
            return "discarded"
        if delivery.status == "deferred" and (self.entry.deleted or self.entry.held):
            return "deleted" if self.entry.deleted else "held"
        return delivery.status

    @property
    def _reset_by_filter(self) -> bool:
        """Whether a filter began to hand it on, and took that back when it found a virus."""
        return self.before is not None and self.before.virus

    def gaps(self) -> list[str]:
        """Say what is missing of the queue id's life."""
        entry = self.entry
        made_here = self.is_notice or "forwarded as" in self.by or _OWN.match(entry.sender or "")
        requeued = any(other.uid and other.original_id == entry.queue_id for other in self.after)
        gaps = []
        if entry.arrival is None and not made_here:
            gaps.append("no line tells who brought it")
        explained = entry.refusal or entry.held or entry.deleted or self._reset_by_filter
        if not entry.active and not explained and not entry.deliveries:
            broken = next(filter(_BROKEN_OFF.match, _texts_of_servers(entry)), "")
            missing = f": {broken}" if broken else ", or the lines that tell it are missing"
            gaps.append(f"it never came whole{missing}")
        elif entry.active and not entry.removed and not entry.held and not requeued:
            gaps.append("no line tells that it left the queue")
        return gaps


@dataclass
class _Turn:
    """One of the times that a message came by a way."""

    hop: Hop
    before: _Turn | None
    count: int

    def queue_ids(self) -> list[str]:
        """Return the queue ids that it had each time, the first one first."""
        found = []
        turn: _Turn | None = self
        while turn:
            found.append(turn.hop.entry.queue_id)
            turn = turn.before
        return found[::-1]


class Path:
    """The way of one message; what bounce sent about it is a branch of it."""

    def __init__(self, start: Entry, links: Links, attached: Attached) -> None:
        self.hops: list[Hop] = []
        waiting: list[tuple[Entry, Hop | None]] = [(start, None)]
        while waiting:
            entry, before = waiting.pop()
            after = sorted(links.after.get(entry, ()), key=lambda other: other.first.number)
            visits = attached.visits.get(entry, [])
            depth = before.depth + 1 if before else 0
            by, notice = links.by.get(entry, []), before.notice if before else None
            hop = Hop(entry, before, by, after, visits, links.found, depth, notice)
            if by and by[0].endswith("notification"):
                hop.notice = hop
            self.hops.append(hop)
            waiting += [(other, hop) for other in reversed(after)]
        self.unlinked = [
            f"{hop.entry.queue_id}: {what}"
            for hop in self.hops
            for what in links.doubts.get(hop.entry, []) + hop.gaps()
        ]
        """What could not be linked, in sentences."""
        lines = {
            line.number: line
            for hop in self.hops
            for source in (hop.entry.lines, hop.entry.session, *(v.lines for v in hop.visits))
            for line in source
        }
        self.lines: list[Line] = [lines[number] for number in sorted(lines)]

    @property
    def message_ids(self) -> list[str]:
        """The Message-IDs, those of notifications behind."""
        return list(dict.fromkeys(h.entry.message_id for h in self.hops if h.entry.message_id))

    @property
    def sender(self) -> str | None:
        """The envelope's sender, None where no line tells."""
        senders = [self.hops[0].entry.sender]
        senders += [visit.sender for hop in self.hops for visit in hop.visits]
        return next((sender for sender in senders if sender is not None), None)

    @property
    def recipients(self) -> list[str]:
        """The recipients as they were written, and those that they were rewritten to."""
        hops = [hop for hop in self.hops if not hop.notice]
        found = [delivery for hop in hops for delivery in hop.entry.deliveries]
        names = [name for d in found for name in (d.orig_recipient, d.recipient)]
        names += [name for hop in hops for visit in hop.visits for name in visit.recipients]
        done = [action for hop in hops for action in hop.entry.actions if action.of_message]
        names += [action.recipient for action in done if action.recipient]
        return list(dict.fromkeys(names))

    @property
    def status(self) -> str:
        """What became of it: one status of all recipients, or ``mixed``.

        Beside Postfix's own: ``looping``, ``discarded``, ``rejected``, ``held``, ``deleted``,
        ``queued``, ``unknown``.
        """
        if self.loops:
            return "looping"
        hops = [hop for hop in self.hops if not hop.notice]
        found = {hop.status(delivery) or "unknown" for hop in hops for delivery in hop.ends}
        for refusal in filter(None, (hop.entry.refusal for hop in hops)):
            found.add("discarded" if refusal.action == "discard" else "rejected")
        if not found and any(hop.virus for hop in hops):
            found.add("discarded")
        if not found:
            found.add(_place(hops[-1].entry))
        return found.pop() if len(found) == 1 else "mixed"

    @property
    def loops(self) -> list[dict[str, Any]]:
        """Where the message came more than once for the same recipient on one way."""
        here: dict[tuple[Any, ...], _Turn] = {}
        branches: list[tuple[int, tuple[Any, ...], _Turn | None]] = []
        longest: dict[tuple[str, ...], _Turn] = {}
        for hop in self.hops:
            while branches and branches[-1][0] >= hop.depth:  # what did not lead to this hop
                _depth, key, before = branches.pop()
                if before:
                    here[key] = before
                else:
                    del here[key]
            for way in _ways(hop):
                key = (hop.notice, *way)
                before = here.get(key)
                branches.append((hop.depth, key, before))
                turn = here[key] = _Turn(hop, before, before.count + 1 if before else 1)
                if way not in longest or turn.count > longest[way].count:
                    longest[way] = turn
        return [
            dict(zip(("host", "service", "relay", "recipient"), way), queue_ids=turn.queue_ids())
            for way, turn in longest.items()
            if turn.count > 1
        ]


def _ways(hop: Hop) -> list[tuple[str, ...]]:
    """Return by which ways a message went on: who took it where, for each recipient."""
    return [
        (delivery.line.host, delivery.line.service, delivery.relay, delivery.recipient)
        for delivery in hop.entry.outcome().values()
        if delivery.status == "sent"
    ]


def _texts_of_servers(entry: Entry) -> list[str]:
    lines = (*entry.lines, *entry.session)
    return [line.text for line in lines if line.program in ("smtpd", "qmqpd")]


def _place(entry: Entry) -> str:
    """Return where a message is that nothing was tried with yet."""
    if entry.deleted or entry.held:
        return "deleted" if entry.deleted else "held"
    if entry.expired:
        return entry.expired
    return "queued" if entry.active and not entry.removed else "unknown"
