# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail log tells of each queue id: where its message came from, and where it went."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._trace.actions import Action, action_of
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import QUEUE_ID, Line

_CLIENT = re.compile(r"client=([^,]*)")
_ORIGINAL = re.compile(rf"\borig_(?:queue_)?id=({QUEUE_ID})")
_ORIGINAL_CLIENT = re.compile(r"\borig_client=([^,]*)")
_PICKUP = re.compile(r"uid=(\d+) from=<(.*?)>")
_MESSAGE_ID = re.compile(r"(?:resent-)?message-id=<?([^>]*)>?")
_ACTIVE = re.compile(r"from=<(.*?)>, size=(\d+)")
_EXPIRED = re.compile(r"from=<(.*?)>, status=((?:force-)?expired)")
_DELIVERY = re.compile(
    r"to=<(.*?)>(?:,\s*orig_to=<(.*?)>)?(?:,\s*relay=([^,]*))?(?:,\s*conn_use=\d+)?"
    r"(?:,\s*delay=([\d.]+))?(?:,\s*delays=([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+))?"
    # Such as tls= of Postfix 3.11, and what later ones may put here.
    r"(?:,\s*(?!dsn=|status=)[\w-]+=[^,()]*)*"
    r"(?:,\s*dsn=([\d.]+))?(?:,\s*status=([\w-]+))?(?:\s*\((.*))?",
    re.S,
)
_NOT_BOUNCED = re.compile(r"status=(deferred) \((.* failed)\)")
"""What is said where bounce(8) failed: the message waits, to be bounced again (bounce.c)."""
_NAMED = re.compile(rf"\b(queued|forwarded) as ({QUEUE_ID})\b")
_NOTICE = re.compile(rf"^(\w+ (?:non-delivery|delivery status|delay) notification): ({QUEUE_ID})")


def _number(text: str | None) -> float | None:
    """Return a number of seconds as Postfix writes it, None for what is none."""
    try:
        return float(text) if text else None
    except ValueError:
        return None


@dataclass(eq=False)
class Delivery:
    """What became of a recipient: the line of a delivery agent, with its ``delays=``.

    ``delays`` are four times in seconds (postconf(5), delay_logging_resolution_limit): before the
    queue manager, in the queue, for making the connection, and for the transmission.
    """

    line: Line
    recipient: str
    orig_recipient: str
    relay: str
    delay: float | None
    delays: tuple[float | None, ...]
    dsn: str
    status: str
    """``sent``, ``deferred``, ``bounced``, ``expired``, …; empty where the line is cut off."""
    reply: str
    named: tuple[str, str] | None
    """The queue id that the reply names, behind ``queued as`` or ``forwarded as``."""

    @property
    def begun(self) -> float:
        """When the agent took it up, in seconds since 1970, as far as ``delays=`` tells."""
        return self.line.seconds - sum(part or 0 for part in self.delays[2:])


@dataclass(eq=False)
class Entry:
    """The life of one queue id: all that Postfix says of a message while it bears it."""

    host: str
    queue_id: str
    lines: list[Line] = field(default_factory=list)
    arrival: Line | None = None
    """The line that says who brought it."""
    client: str = ""
    """The SMTP client that brought it, the first one where a filter passed that on."""
    uid: str = ""
    """The user whose program brought it to pickup."""
    original_id: str = ""
    """The queue id that it had before, where XFORWARD or a requeue tells."""
    message_id: str | None = None
    """Without its brackets; empty where the message has none, None where no line tells."""
    sender: str | None = None
    size: int | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    """What bounce sent about it: which notification, and its queue id."""
    actions: list[Action] = field(default_factory=list)
    """What else was done to it: checks, milters, and the administrator."""
    held: bool = False
    active: bool = False
    removed: bool = False
    expired: str = ""
    """``expired`` or ``force-expired`` where the queue manager gave it up."""
    deleted: bool = False
    """Whether postsuper(1) removed it."""
    session: list[Line] = field(default_factory=list)
    """Lines without a queue id that belong to it, such as those of the SMTP session."""

    @property
    def first(self) -> Line:
        """The first line that bears the queue id."""
        return self.lines[0]

    @property
    def refusal(self) -> Action | None:
        """What refused or discarded the message as a whole."""
        return next((each for each in self.actions if each.of_message and each.refuses), None)

    def ends_with(self, line: Line) -> bool:
        """Tell whether a line begins another life of the same queue id."""
        text, program = line.text, line.program
        begins = (program in ("smtpd", "qmqpd") and text.startswith("client=")) or (
            program == "pickup" and text.startswith("uid=")
        )
        if begins:
            return self.removed or self.active or self.arrival is not None
        return self.removed and (
            (program == "cleanup" and "message-id=" in text)
            or (program == "qmgr" and text.startswith("from="))
        )

    def add(self, line: Line) -> None:
        """Take in a line that bears the queue id."""
        self.lines.append(line)
        text = line.text
        action = action_of(line)
        if action:
            self.act(action)
        elif text.startswith("to=<"):
            self._deliver(line)
        elif text.startswith("removed"):
            self.removed = True
        elif line.program == "cleanup":
            self._clean(text)
        elif text.startswith("from=<"):
            self._queue(line)
        elif text.startswith(("client=", "uid=")):
            self._arrive(line)
        elif text.startswith("status="):
            for status, reply in _NOT_BOUNCED.findall(text):
                self._became(line, "bounced", status, reply)
        else:
            self.notices += _NOTICE.findall(text)

    def _deliver(self, line: Line) -> None:
        found = _DELIVERY.match(line.text)
        if not found:  # cut off within the address
            return
        recipient, orig, relay, delay, *delays, dsn, status, reply = found.groups()
        reply = reply or ""
        named = _NAMED.search(reply)
        self.deliveries.append(
            Delivery(
                line, recipient, orig or recipient, (relay or "").strip(), _number(delay),
                tuple(map(_number, delays)), dsn or "", status or "",
                reply[:-1] if reply.endswith(")") else reply,
                (named[1], named[2]) if named else None,
            )
        )  # fmt: skip

    def act(self, action: Action) -> None:
        """Take in what was done to the message or one of its recipients."""
        self.actions.append(action)
        if action.action == "hold":
            self.held = True
        elif action.action == "release":
            self.held = False
        elif action.action == "delete":
            self.deleted = self.removed = True
        if action.of_message and self.sender is None:
            self.sender = action.sender

    def _clean(self, text: str) -> None:
        message_id = _MESSAGE_ID.match(text)
        if message_id:
            self.message_id = message_id[1]

    def _queue(self, line: Line) -> None:
        active, expired = _ACTIVE.match(line.text), _EXPIRED.match(line.text)
        if active:
            self.sender, self.size, self.active = active[1], int(active[2][:15]), True
            self.held = False
        elif expired:
            self.expired = expired[2]
            self._became(line, "deferred", expired[2])

    def _became(self, line: Line, before: str, status: str, reply: str = "") -> None:
        """Let a line of no recipient in particular change what became of all with one status."""
        for delivery in self.outcome().values():
            if delivery.status == before:
                self.deliveries.append(
                    Delivery(
                        line, delivery.recipient, delivery.orig_recipient, "", None,
                        (None,) * 4, "", status, reply or delivery.reply, None,
                    )
                )  # fmt: skip

    def _arrive(self, line: Line) -> None:
        self.arrival = line
        original = _ORIGINAL.search(line.text)
        self.original_id = original[1] if original else ""
        client, pickup = _CLIENT.match(line.text), _PICKUP.match(line.text)
        if client:
            first = _ORIGINAL_CLIENT.search(line.text)
            self.client = (first or client)[1]
        elif pickup:
            self.uid, self.sender = pickup.groups()

    def outcome(self) -> dict[str, Delivery]:
        """Return what was last tried for each recipient."""
        return {delivery.recipient: delivery for delivery in self.deliveries}
