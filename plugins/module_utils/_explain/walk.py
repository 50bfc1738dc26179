# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is followed of a message: what was found on its way, and what still waits."""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass, replace

from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
    Place,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.listeners import (
    OWN,
    is_itself,
    listener_at,
    listens,
    own_addresses,
    own_host,
    own_port,
    proxy,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import (
    PrivatePostfix,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    UNKNOWN,
    End,
    Explanation,
    Step,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import (
    Client,
    quoted_address,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

VIRUS = (b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE", b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL")
"""What clamd would act on, which nobody asks here."""

VARIES = re.compile(rb"\bid \w+|; \w{3}, .*\d{4} .*")
"""What of a line ``Received`` is another one each time that a message comes by."""


@dataclass(frozen=True)
class Arrival:
    """A message on its way to a queue: by SMTP to a port, or handed in on the machine."""

    turn: int
    port: int
    client: Client
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    uid: int = -1
    forwarded: bool = False
    doubt: str = ""
    """Why what becomes of it is not known for sure."""
    way: frozenset[tuple[object, ...]] = frozenset()
    """Where it came by before."""


def state_of(arrival: Arrival) -> tuple[object, ...]:
    """Return all that decides what becomes of an arrival: where two are equal, it never ends.

    A line that is there twice says no more than once, so that the lines of each turn may grow.
    """
    header, _empty, body = arrival.content.partition(b"\n\n")
    lines = frozenset(VARIES.sub(b"", line) for line in header.split(b"\n"))
    return (
        arrival.port,
        arrival.uid,
        arrival.forwarded,
        arrival.client,
        arrival.sender,
        frozenset(arrival.recipients),
        lines,
        body,
    )


def lane_of(arrival: Arrival) -> str:
    """Return the lane of a picture in which an arrival is drawn."""
    if arrival.forwarded:
        return "cleanup"
    return "pickup" if arrival.uid >= 0 else f"smtpd:{arrival.port}"


class Walk:
    """What is known by now of the ways of a message."""

    def __init__(self, configuration: Configuration, postfix: PrivatePostfix) -> None:
        self.configuration = configuration
        self.postfix = postfix
        self.told = Explanation()
        self.waiting: list[Arrival] = []
        self.turns = itertools.count(1)

    def step(
        self,
        kind: str,
        service: str,
        turn: int,
        place: Place | None = None,
        shown: str = "",
        /,
        **words: object,
    ) -> Step:
        """Tell of a step, and return it."""
        step = Step(kind, service, turn, place, shown, words)
        self.told.steps.append(step)
        return step

    def end(
        self,
        arrival: Arrival,
        recipient: str,
        verdict: str,
        where: str = "",
        service: str = "",
        by: Step | None = None,
    ) -> None:
        """Tell what becomes of a recipient at last."""
        if arrival.turn and verdict in ("refused", "broken"):
            # Nobody but this machine hears of it: what handed it in returns or keeps it.
            verdict = "bounced" if where.startswith("5") else "deferred"
        if verdict == "bounced" and self._keeps(service):
            verdict = "deferred"
        doubt = arrival.doubt or self.postfix.denied
        if doubt:
            where = "; ".join(filter(None, (doubt, f"otherwise {verdict} {where}".strip())))
            verdict = UNKNOWN
        service = service or lane_of(arrival)
        self.told.ends.append(End(recipient, verdict, where, arrival.turn, service, by))

    def _keeps(self, service: str) -> bool:
        """Tell whether soft_bounce has a service keep what it would return."""
        entry = self.transport(service)
        return self.configuration.effective("soft_bounce", entry) == "yes"

    def end_all(
        self,
        arrival: Arrival,
        verdict: str,
        where: str = "",
        service: str = "",
        by: Step | None = None,
    ) -> None:
        """Tell the same of all recipients of an arrival."""
        for each in arrival.recipients:
            self.end(arrival, each, verdict, where, service, by)

    def follow(self, arrival: Arrival) -> None:
        """Have a message that comes to a queue once more followed in its turn."""
        self.waiting.append(replace(arrival, turn=next(self.turns)))

    def local(self, helo: str = "", at: str = "") -> Client:
        """Return this machine as its own client: smtp says its name, clamsmtpd its client's.

        The kernel has what goes to an own address come from it.
        """
        named = self.configuration.values.get("smtpd_peername_lookup", "yes") != "no"
        name = self.configuration.values.get("smtp_helo_name", "")
        address = at.strip("[]")
        if not address or OWN.fullmatch(at):
            return Client("127.0.0.1", "localhost" if named else "", helo or name or "localhost")
        return Client(address, "", helo or name or "localhost")

    def transport(self, name: str) -> Entry | None:
        """Return the service that delivers by a transport."""
        services = self.configuration.services
        return next((e for e in services if e.name == name and e.type == "unix"), None)

    def to_port(self, arrival: Arrival, nexthop: str, service: str) -> None:
        """Send a message on to another host, or back to a port of this machine."""
        own, lane = own_addresses(), lane_of(arrival)
        agent = self.transport(service)
        place = self.configuration.service_place(agent) if agent else None
        if agent and self._looks_up(agent, nexthop):
            arrival = replace(arrival, doubt=arrival.doubt or "DNS is asked for localhost")
        speaks_smtp = agent is not None and agent.values()["command"] == "smtp"
        if speaks_smtp and is_itself(self.configuration, nexthop, own):
            by = self.step("itself", lane, arrival.turn, place, nexthop, nexthop=nexthop)
            where = f"mail for {nexthop} loops back to myself"
            self.end_all(arrival, "bounced", where, service, by)
            return
        port, host = own_port(nexthop, own=own), own_host(nexthop)
        if port is None:
            missing = self._missing_socket(nexthop)
            why = f"there is no socket {missing}" if missing else nexthop
            self.end_all(arrival, "deferred" if missing else "relayed", why, service)
            return
        # From here on it comes by SMTP, however it came before.
        arrival = replace(
            arrival,
            uid=-1,
            forwarded=False,
            sender=quoted_address(arrival.sender),
            recipients=tuple(map(quoted_address, arrival.recipients)),
        )
        entry, daemon = listener_at(self.configuration, host, port), proxy(port)
        if entry or daemon:
            name = f"{entry.name} ({entry.values()['command']})" if entry else "clamsmtpd"
            place = self.configuration.service_place(entry) if entry else None
            self.step("follows", lane, arrival.turn, place, nexthop, port=port, program=name)
            self.follow(replace(arrival, port=port, client=self.local(at=host)))
            return
        if not listens(host, port):
            by = self.step("closed", lane, arrival.turn, place, nexthop, port=port)
            self.end_all(arrival, "deferred", f"nothing listens at port {port}", service, by)
            return
        self.step("stranger", lane, arrival.turn, None, nexthop, port=port)
        self.end_all(arrival, "relayed", nexthop, service)

    def _missing_socket(self, nexthop: str) -> str:
        """Return the socket of a next hop that is not there; "" where it is, or none is named.

        Its path may be absolute, or below the queue's directory, in which an agent may live.
        """
        if not nexthop.startswith("unix:"):
            return ""
        path = nexthop[5:]
        below = os.path.join(self.configuration.values.get("queue_directory", ""), path.lstrip("/"))
        return "" if os.path.exists(below) or os.path.exists(f"/{path.lstrip('/')}") else path

    def _looks_up(self, agent: Entry, nexthop: str) -> bool:
        """Tell whether smtp asks DNS for this machine's name; for its address it never does."""
        conf, kind = self.configuration, agent.values()["command"]
        if "localhost" not in nexthop.lower() or kind not in ("smtp", "lmtp"):
            return False
        without = conf.effective(f"{kind}_dns_support_level", agent) == "disabled"
        without |= conf.effective("disable_dns_lookups", agent) == "yes"
        native = conf.effective(f"{kind}_host_lookup", agent).startswith("native")
        # Of a name in brackets, and always by LMTP, no MX is looked for.
        return not (without or (native and (kind == "lmtp" or "[" in nexthop)))
