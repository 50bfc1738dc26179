# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the path of a message: as data, and as a table that can be read."""

from __future__ import annotations

from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._trace.actions import Action
from ansible_collections.labs.mail.plugins.module_utils._trace.message_path import Hop, Path
from ansible_collections.labs.mail.plugins.module_utils._trace.queue_entries import Delivery

DELAYS = ("before_queue", "in_queue", "connection", "transmission")

DEEPEST = 50
"""So many steps are indented further and further: by as many Postfix takes it for a loop
(hopcount_limit of postconf(5)). A log that goes on is one that somebody wrote."""

WIDEST = 2 * DEEPEST + 40
"""Characters that a cell takes at most of all other rows; what is longer stands out of its own."""


def as_data(path: Path) -> dict[str, Any]:
    """Return a path as data that JSON can hold."""
    return {
        "status": path.status,
        "sender": path.sender,
        "recipients": path.recipients,
        "message_ids": path.message_ids,
        "time": path.lines[0].time,
        "seconds": round(path.lines[-1].seconds - path.lines[0].seconds, 6),
        "hops": [_hop(hop) for hop in path.hops],
        "loops": path.loops,
        "unlinked": path.unlinked,
        "lines": [line.raw for line in path.lines],
        "picture": picture(path),
    }


def _hop(hop: Hop) -> dict[str, Any]:
    entry = hop.entry
    return {
        "queue_id": entry.queue_id,
        "host": entry.host,
        "time": entry.first.time,
        "program": entry.arrival.program if entry.arrival else None,
        "client": entry.client or None,
        "uid": int(entry.uid) if entry.uid else None,
        "message_id": entry.message_id,
        "size": entry.size,
        "previous": hop.before.entry.queue_id if hop.before else None,
        "linked_by": hop.by,
        "next": [other.queue_id for other in hop.after],
        "deliveries": [_delivery(hop, delivery) for delivery in entry.deliveries],
        "visits": [
            {
                "program": visit.program,
                "ident": visit.ident,
                "time": visit.first.time,
                "result": visit.result,
            }
            for visit in hop.visits
        ],
        "actions": [action_as_data(action) for action in entry.actions],
        "refused": entry.refusal.reason if entry.refusal else None,
        "left_queue": entry.removed,
    }


def _delivery(hop: Hop, delivery: Delivery) -> dict[str, Any]:
    following = hop.found.get(delivery)
    return {
        "time": delivery.line.time,
        "program": delivery.line.program,
        "service": delivery.line.service,
        "recipient": delivery.recipient,
        "orig_recipient": delivery.orig_recipient,
        "relay": delivery.relay,
        "delay": delivery.delay,
        "delays": dict(zip(DELAYS, delivery.delays)),
        "dsn": delivery.dsn,
        "status": hop.status(delivery),
        "reply": delivery.reply,
        "next": following.queue_id if following else None,
    }


def action_as_data(action: Action) -> dict[str, Any]:
    """Return an action as data that JSON can hold."""
    return {
        "time": action.line.time,
        "host": action.line.host,
        "program": action.line.program,
        "queue_id": action.line.queue_id or None,
        "action": action.action or None,
        "milter": action.by_milter,
        "stage": action.stage or None,
        "client": action.client or None,
        "sender": action.sender,
        "recipient": action.recipient,
        "reason": action.reason,
    }


def picture(path: Path) -> list[str]:
    """Return a path as a table: a block for each queue id, what led to another one indented."""
    ids = ", ".join(f"<{name}>" for name in path.message_ids) or "no Message-ID"
    sender = "?" if path.sender is None else f"<{path.sender}>"
    recipients = ", ".join(f"<{name}>" for name in path.recipients) or "?"
    date, seconds = path.lines[0].time[:10], path.lines[-1].seconds - path.lines[0].seconds
    head = [f"{path.status}: {sender} to {recipients}", f"{date}, {_short(seconds)} s, {ids}"]
    several = len({hop.entry.host for hop in path.hops}) > 1
    rows = [row for hop in path.hops for row in _rows(hop, several)]
    widths = [min(WIDEST, max(len(row[place]) for row in rows)) for place in range(3)]
    table = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[3]]).rstrip()
        for row in rows
    ]
    loops = [
        f"loop: {' > '.join(loop['queue_ids'])} all went to {loop['relay']}"
        f" for <{loop['recipient']}>"
        for loop in path.loops
    ]
    return [*head, *table, *loops, *(f"? {what}" for what in path.unlinked)]


def _rows(hop: Hop, with_host: bool) -> list[tuple[str, str, str, str]]:
    entry = hop.entry
    name = f"{entry.host}/{entry.queue_id}" if with_host else entry.queue_id
    came = f"from {entry.client}" if entry.client else f"from uid {entry.uid}" if entry.uid else ""
    how = f"[{', '.join(hop.by)}]" if hop.by else ""
    program = entry.arrival.program if entry.arrival else "cleanup" if hop.by else "?"
    first = (
        _clock(entry.first.time),
        "  " * min(hop.depth, DEEPEST) + name,
        program,
        " ".join(part for part in (came, how) if part),
    )
    rows = [
        (
            visit.first.number,
            _clock(visit.first.time),
            f"{visit.program} {visit.ident}",
            visit.result,
        )
        for visit in hop.visits
    ]
    rows += [
        (d.line.number, _clock(d.line.time), d.line.program, _outcome(hop, d))
        for d in entry.deliveries
    ]
    rows += [(a.line.number, _clock(a.line.time), a.line.program, _done(a)) for a in entry.actions]
    return [first, *((time, "", program, what) for _number, time, program, what in sorted(rows))]


def _done(action: Action) -> str:
    """Return an action in words, as far as the line does not say so itself."""
    done = f"{'milter-' if action.by_milter else ''}{action.action}"
    said = action.reason if action.line.program != "postsuper" else ""
    recipient = f" <{action.recipient}>" if action.recipient and not action.of_message else ""
    return f"{done}{recipient}{f': {said}' if said else ''}"


def _outcome(hop: Hop, delivery: Delivery) -> str:
    """Return what a delivery came to, with its time: that of each step, as Postfix orders them."""
    parts = [f"<{delivery.recipient}>"]
    if delivery.relay not in ("", "none", delivery.line.program):
        parts.append(f"at {delivery.relay}")
    if delivery.delay is not None:
        steps = "+".join(f"{step:g}" for step in delivery.delays if step is not None)
        parts.append(f"{delivery.delay:g} s ({steps})")
    parts.append(hop.status(delivery) or "(the line is cut off)")
    if delivery not in hop.found and delivery.reply:
        parts.append(f"({delivery.reply})")
    return " ".join(parts)


def _short(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _clock(time: str) -> str:
    """Return the time of day, to the millisecond where it is known."""
    return time[11:23].partition("+")[0].partition("Z")[0]
