# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a message that nobody sends, from its client to every last place that it would come to."""

from __future__ import annotations

import itertools
import os
import pwd
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ansible_collections.labs.mail.plugins.module_utils._explain import log_reading, smtp_session
from ansible_collections.labs.mail.plugins.module_utils._explain.asking import (
    Question as Asked,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.asking import (
    asking_in_a_row,
    databases,
    questions,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.attributes import SpeechError
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
    Place,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.hand_in import (
    FILTER,
    OF_LOCAL,
    OF_PICKUP,
    RECEIVE_OVERRIDES,
    hand_in,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.listeners import (
    Proxy,
    listener,
    own_port,
    proxy,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import (
    PrivatePostfix,
    Report,
    Request,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    UNKNOWN,
    End,
    Explanation,
    Question,
    Step,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import Client, Session
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

MOST_TURNS = 60
"""So often a message may come to a queue before nothing more is followed."""

VERIFIED = re.compile(
    r"(?:delivery via [^:]*: )?(delivers to (?:mailbox|maildir|file|command)|forwards to)"
    r"(?:: | )?(.*)",
    re.S,
)
VIRUS = (b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE", b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL")


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


def explain(configuration: Configuration, asked: Question) -> Explanation:
    """Return the way of a message. Only root may ask: delivery agents look into homes."""
    with private(configuration) as postfix:
        return Follower(configuration, postfix).follow(asked)


def private(configuration: Configuration) -> PrivatePostfix:
    """Return a private Postfix of a configuration."""
    values = {name: configuration.values[name] for name in ("daemon_directory", "mail_owner")}
    return PrivatePostfix(configuration.directory, configuration.services, values)


class Follower:
    """Follows messages through one private Postfix."""

    def __init__(self, configuration: Configuration, postfix: PrivatePostfix) -> None:
        self.configuration = configuration
        self.postfix = postfix
        self.way = Explanation()
        self.waiting: list[Arrival] = []
        self.turns = itertools.count(1)
        self.decided: dict[str, Step] = {}
        """The steps that refused, by the commands that they refused."""

    def follow(self, asked: Question) -> Explanation:
        """Return the way of a message."""
        self.way, self.turns = Explanation(), itertools.count(1)
        doubt = ""
        for name in databases(self.configuration):
            place = self.configuration.place(name)
            self._step("database", "postfix", 0, place, name, name=name)
            doubt = f"{name} asks a server"
        self.waiting = [
            Arrival(
                0,
                asked.port,
                asked.client,
                asked.sender,
                asked.recipients,
                asked.content,
                doubt=doubt,
            )
        ]
        while self.waiting:
            arrival = self.waiting.pop(0)
            key = (arrival.port, arrival.uid, arrival.forwarded, arrival.recipients)
            if key in arrival.way or arrival.turn > MOST_TURNS:
                self._step("loop", _lane(arrival), arrival.turn)
                self._end_all(arrival, "looping")
                continue
            self._take(replace(arrival, way=arrival.way | {key}))
        return self.way

    def _step(
        self,
        kind: str,
        service: str,
        turn: int,
        place: Place | None = None,
        shown: str = "",
        /,
        **words: object,
    ) -> Step:
        step = Step(kind, service, turn, place, shown, words)
        self.way.steps.append(step)
        return step

    def _end(
        self,
        arrival: Arrival,
        recipient: str,
        verdict: str,
        where: str = "",
        service: str = "",
        by: Step | None = None,
    ) -> None:
        if arrival.turn and verdict in ("refused", "broken"):
            # Nobody but this machine hears of it: what handed it in returns or keeps it.
            verdict = "bounced" if where.startswith("5") else "deferred"
        if arrival.doubt:
            where = "; ".join(filter(None, (arrival.doubt, f"otherwise {verdict} {where}".strip())))
            verdict = UNKNOWN
        service = service or _lane(arrival)
        self.way.ends.append(End(recipient, verdict, where, arrival.turn, service, by))

    def _end_all(self, arrival: Arrival, verdict: str, where: str = "") -> None:
        for each in arrival.recipients:
            self._end(arrival, each, verdict, where)

    def _take(self, arrival: Arrival) -> None:
        if arrival.uid >= 0 or arrival.forwarded:
            self._hand_in(arrival)
            return
        entry = listener(self.configuration, arrival.port, arrival.client.address)
        daemon = None if entry else proxy(arrival.port)
        if daemon:
            self._pass(arrival, daemon)
        elif entry is None:
            place = self.configuration.place("inet_interfaces")
            words = {"client": arrival.client.address, "port": arrival.port}
            self._step("nobody", _lane(arrival), arrival.turn, place, **words)
            kind = ("refused", "connection refused") if not arrival.turn else None
            self._end_all(arrival, *(kind or (UNKNOWN, f"what listens at port {arrival.port}")))
        elif entry.values()["command"] == "postscreen":
            self._step(
                "postscreen", _lane(arrival), arrival.turn, self.configuration.service_place(entry)
            )
            behind = [e for e in self.configuration.services if e.type == "pass"]
            arrival = replace(arrival, doubt=arrival.doubt or "postscreen asks DNS")
            if behind:
                self._converse(arrival, behind[-1])
        elif entry.values()["command"] == "smtpd":
            self._converse(arrival, entry)
        else:
            self._step(
                "stranger",
                _lane(arrival),
                arrival.turn,
                self.configuration.service_place(entry),
                port=arrival.port,
            )
            self._end_all(arrival, UNKNOWN, f"what {entry.values()['command']} does")

    def _pass(self, arrival: Arrival, daemon: Proxy) -> None:
        """Pass a message through clamsmtpd."""
        place = Place(daemon.path, daemon.line)
        words = {"port": daemon.port, "out": daemon.out}
        self._step("clamsmtpd", f"clamsmtpd:{daemon.port}", arrival.turn, place, **words)
        client = arrival.client if daemon.xclient else self._local(arrival.client.helo)
        doubt = arrival.doubt
        if any(sign in arrival.content for sign in VIRUS):
            doubt = doubt or "clamd decides whether it is a virus"
        self.waiting.insert(0, replace(arrival, port=daemon.out, client=client, doubt=doubt))

    def _converse(self, arrival: Arrival, entry: Entry) -> None:
        """Have smtpd take or refuse it."""
        conf, lane = self.configuration, _lane(arrival)
        overrides, asked = questions(conf, entry)
        inner = conf.effective("smtpd_proxy_filter", entry)
        milters = conf.effective("smtpd_milters", entry)
        overrides |= {"smtpd_proxy_filter": "", "smtpd_milters": "", "non_smtpd_milters": ""}
        overrides |= {"smtpd_sasl_auth_enable": "no"}
        client = f"{arrival.client.name or 'unknown'}[{arrival.client.address}]"
        service = f"{entry.name} ({entry.values()['command']})"
        self._step(
            "connect",
            lane,
            arrival.turn,
            conf.service_place(entry),
            client=client,
            port=arrival.port,
            program=service,
        )
        before = len(self.postfix.lines)
        session = smtp_session.converse(
            self.postfix,
            entry,
            arrival.client,
            arrival.sender,
            arrival.recipients,
            arrival.content,
            overrides,
        )
        if session.queue_id:
            self.postfix.settle(session.queue_id)
        else:
            self.postfix.settle("nothing")
        lines = self.postfix.lines[before:]
        unsure = self._tell_restrictions(arrival, entry, lines, asked)
        if milters:
            place = conf.place("smtpd_milters", entry)
            self._step("milter", lane, arrival.turn, place, milters, value=milters)
            unsure = unsure or f"the milter {milters}"
        accepted = self._tell_replies(arrival, entry, session, lines, unsure)
        if not accepted:
            return
        doubt = arrival.doubt or unsure
        taken = replace(arrival, recipients=accepted, doubt=doubt)
        if inner:
            place = conf.place("smtpd_proxy_filter", entry)
            self._step("filter", lane, arrival.turn, place, inner, value=inner)
            self._to_port(taken, inner, "smtpd_proxy_filter")
            return
        self._tell_queue(taken, entry, session.queue_id, lines)

    def _tell_restrictions(
        self, arrival: Arrival, entry: Entry, lines: list[str], asked: dict[str, Asked]
    ) -> str:
        """Tell of each restriction that was come by; returns what decides and is not known."""
        conf, lane = self.configuration, _lane(arrival)
        lists = ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"]
        first = conf.effective("smtpd_relay_before_recipient_restrictions", entry) or "yes"
        lists = [n for n in (lists if first == "yes" else lists[::-1]) if conf.effective(n, entry)]
        unsure = ""
        self.decided = {}
        told: set[tuple[str, str, str, str]] = set()
        for each in log_reading.restrictions(lines, lists):
            question = asked.get(each.name) or asking_in_a_row(each.name, each.list)
            if each.name.startswith("permit_tls") and unsure and not question:
                continue
            if question:
                place = conf.place(question.list, entry, question.text.split()[0])
                self._step(
                    "asks",
                    lane,
                    arrival.turn,
                    place,
                    question.text,
                    list=question.list,
                    name=question.text,
                )
                unsure = unsure or question.text
                if question.may_permit or question.refused_to:
                    unsure = f"{question.text} (may permit)"
                continue
            place = conf.place(each.list, entry, each.name)
            value = each.name
            if each.name == "permit_mynetworks" and each.opinion == "permit":
                place = conf.place("mynetworks", entry) or place
                value = conf.effective("mynetworks", entry)
            words = {"list": each.list, "name": each.name}
            kind = each.opinion
            if each.table:
                place = conf.row(each.table, each.key, each.value) or place
                value = f"{each.key} {each.value}"
                words |= {"table": each.table, "key": each.key, "value": each.value}
                kind = f"row_{kind}"
            # Of several recipients most are asked about the same; what differs is worth a line.
            mark = (each.list, each.name, kind, value)
            step = Step(kind, lane, arrival.turn, place, value, words)
            if mark not in told:
                self.way.steps.append(step)
                told.add(mark)
            if each.opinion == "reject":
                self.decided[each.command] = step
        return unsure

    def _tell_replies(
        self, arrival: Arrival, entry: Entry, session: Session, lines: list[str], unsure: str
    ) -> tuple[str, ...]:
        """Tell what was refused; returns the recipients that the message is taken for."""
        lane, recipients = _lane(arrival), arrival.recipients
        if not session.ended:
            text = next(iter(log_reading.troubles(lines)), "it ended without a word")
            self._step("broken", lane, arrival.turn, None, text, text=text)
            fatal = any(": fatal: " in line or "fatal:" in line for line in lines)
            self._end_all(arrival, "broken" if fatal else UNKNOWN, text)
            return ()
        accepted = []
        refusals: dict[str, tuple[str, str]] = {}
        for command, reply in session.replies:
            if command.startswith("RCPT TO:") and reply.startswith("2"):
                accepted.append(command[9:-1])
            elif command.startswith("RCPT TO:"):
                refusals[command[9:-1]] = (command, reply)
            elif command and not reply.startswith(("2", "3")):
                refusals = dict.fromkeys(recipients, (command, reply))
                accepted = []
        said: set[tuple[str, str]] = set()
        for each, (command, reply) in refusals.items():
            if (command, reply) not in said:
                place = self._place_of(reply, entry)
                self._step(
                    "refused", lane, arrival.turn, place, reply, command=command, reply=reply
                )
                said.add((command, reply))
            # An answer that is not known could only have refused it as well.
            sure = not unsure or not unsure.endswith("(may permit)")
            doubtful = arrival if sure else replace(arrival, doubt=arrival.doubt or unsure)
            self._end(doubtful, each, "refused", reply, by=self._decider(command, reply, entry))
        if accepted:
            reply = session.replies[-1][1].partition(": queued as")[0]
            self._step("taken", lane, arrival.turn, None, "", reply=reply)
        return tuple(accepted)

    def _decider(self, command: str, reply: str, entry: Entry) -> Step:
        """Return the step that decided a refusal: a restriction, or what smtpd has built in."""
        decided = self.decided.get("DATA" if command == "." else command)
        if decided is not None:
            return replace(decided, place=decided.place or self._place_of(reply, entry))
        place = self._place_of(reply, entry)
        return Step("refused", "", 0, place, reply, {"command": "", "reply": reply})

    def _place_of(self, reply: str, entry: Entry) -> Place | None:
        """Return where a refusal comes from that no restriction decided."""
        conf = self.configuration
        for sign, names in REFUSALS.items():
            if sign in reply:
                places = (conf.place(name, entry) for name in names)
                return next((place for place in places if place), Place(conf.main_path))
        return None

    def _hand_in(self, arrival: Arrival) -> None:
        """Have cleanup take what comes from a program on the machine, or from local."""
        conf = self.configuration
        entry = next((e for e in conf.services if e.values()["command"] == "pickup"), None)
        lane = _lane(arrival)
        cleanup, flags, content_filter, content = "cleanup", OF_LOCAL, "", arrival.content
        name = conf.effective("cleanup_service_name", None if arrival.forwarded else entry)
        cleanup = name or cleanup
        if not arrival.forwarded:
            flags, content_filter = OF_PICKUP, conf.effective("content_filter", entry)
            for word in conf.effective("receive_override_options", entry).replace(",", " ").split():
                flags &= ~RECEIVE_OVERRIDES.get(word, 0)
        host = conf.values.get("myhostname", "localhost")
        by = "Postfix" if arrival.forwarded else f"Postfix, from userid {arrival.uid}"
        content = f"Received: by {host} ({by})\n\tid explain\n".encode() + content
        before = len(self.postfix.lines)
        place = conf.service_place(entry) if entry and not arrival.forwarded else None
        self._step("taken", lane, arrival.turn, place, cleanup, reply=cleanup)
        try:
            queue_id, status = hand_in(
                self.postfix,
                cleanup,
                flags,
                arrival.sender,
                arrival.recipients,
                content,
                content_filter,
            )
        except SpeechError as error:
            self._end_all(arrival, UNKNOWN, str(error))
            return
        self.postfix.settle(queue_id)
        lines = self.postfix.lines[before:]
        if status and not flags & FILTER:
            self._end_all(arrival, UNKNOWN, f"cleanup answers {status}")
            return
        self._tell_queue(arrival, None if arrival.forwarded else entry, queue_id, lines)

    def _tell_queue(
        self, arrival: Arrival, entry: Entry | None, queue_id: str, lines: list[str]
    ) -> None:
        """Tell what cleanup, the queue manager and the delivery agents made of a message."""
        conf, turn = self.configuration, arrival.turn
        for found in log_reading.lookups(lines, "cleanup"):
            kind = "content" if found.parameter.endswith("_checks") else "rewritten"
            words = {"parameter": found.parameter, "key": found.key, "value": found.value}
            words |= {"action": found.value, "text": found.key}
            self._step(
                kind,
                "cleanup",
                turn,
                conf.row(found.table, found.key, found.value),
                f"{found.key} {found.value}",
                **words,
            )
        checked = self.way.steps[-1] if self.way.steps[-1].kind == "content" else None
        content_filter = conf.effective("content_filter", entry) if entry else ""
        if content_filter:
            place = conf.place("content_filter", entry)
            self._step("filter", "cleanup", turn, place, content_filter, value=content_filter)
        for found in log_reading.lookups(lines, "trivial-rewrite"):
            if found.parameter != "virtual_alias_maps":
                words = {"parameter": found.parameter, "key": found.key, "value": found.value}
                self._step(
                    "routed",
                    "trivial-rewrite",
                    turn,
                    conf.row(found.table, found.key, found.value),
                    f"{found.key} {found.value}",
                    **words,
                )
        requests = [r for r in self.postfix.requests if r.queue_id == queue_id]
        reports = [r for r in self.postfix.reports if r.queue_id == queue_id]
        for trouble in log_reading.troubles(lines):
            self._step("broken", "postfix", turn, None, trouble, text=trouble)
        if not requests and not reports:
            self._without_delivery(arrival, queue_id, lines, checked)
            return
        for request in requests:
            self._tell_request(arrival, request, lines)
        for report in _once(reports):
            self._tell_report(arrival, report, lines)

    def _without_delivery(
        self, arrival: Arrival, queue_id: str, lines: list[str], checked: Step | None
    ) -> None:
        held = os.path.exists(os.path.join(self.postfix.folder, "hold", queue_id))
        actions = {action.action for action in log_reading.content_actions(lines)}
        words = {r.value.split()[0].upper() for r in log_reading.restrictions(lines, []) if r.value}
        if held:
            self._end_each(arrival, "held", checked)
        elif "discard" in actions or "DISCARD" in words:
            self._end_each(arrival, "discarded", checked or self.decided_by(lines))
        elif "reject" in actions:
            self._end_each(arrival, "bounced", checked)
        else:
            self._end_all(arrival, UNKNOWN, "nothing became of it in time")

    def decided_by(self, lines: list[str]) -> Step | None:
        """Return the last step of a table that threw the message away."""
        return next((s for s in reversed(self.way.steps) if s.kind.startswith("row_")), None)

    def _end_each(self, arrival: Arrival, verdict: str, by: Step | None) -> None:
        for each in arrival.recipients:
            self._end(arrival, each, verdict, by=by)

    def _tell_request(self, arrival: Arrival, request: Request, lines: list[str]) -> None:
        conf = self.configuration
        entry = self._transport(request.service)
        place = self._route_place(request, lines) or (conf.service_place(entry) if entry else None)
        for recipient in request.recipients:
            self._step(
                "transport",
                "qmgr",
                arrival.turn,
                place,
                f"{request.service}:{request.nexthop}",
                recipient=recipient,
                transport=request.service,
                nexthop=request.nexthop,
            )
        if entry is None or entry.values()["command"] not in ("smtp", "lmtp"):
            return
        onward = replace(
            arrival,
            sender=request.sender,
            recipients=tuple(request.recipients),
            client=self._local(),
        )
        self._to_port(onward, request.nexthop, request.service)

    def _local(self, helo: str = "") -> Client:
        """Return this machine as its own client: smtp says its name, clamsmtpd its client's."""
        named = self.configuration.values.get("smtpd_peername_lookup", "yes") != "no"
        name = self.configuration.values.get("smtp_helo_name", "")
        return Client("127.0.0.1", "localhost" if named else "", helo or name or "localhost")

    def _transport(self, name: str) -> Entry | None:
        services = self.configuration.services
        return next((e for e in services if e.name == name and e.type == "unix"), None)

    def _route_place(self, request: Request, lines: list[str]) -> Place | None:
        """Return the line that sent a request where it goes, as far as a table or parameter did."""
        for found in reversed(log_reading.lookups(lines, "trivial-rewrite")):
            if found.value.rstrip(".").endswith(request.nexthop) and request.nexthop:
                return self.configuration.row(found.table, found.key, found.value)
        for name in ROUTES.get(request.service, ("default_transport",)):
            place = self.configuration.place(name)
            if place and self.configuration.values.get(name):
                return place
        return None

    def _to_port(self, arrival: Arrival, nexthop: str, service: str) -> None:
        """Send a message on to another host, or back to a port of this machine."""
        port = own_port(nexthop)
        if port is None:
            for each in arrival.recipients:
                self._end(arrival, each, "relayed", nexthop, service)
            return
        entry, daemon = listener(self.configuration, port, "127.0.0.1"), proxy(port)
        if entry or daemon:
            name = f"{entry.name} ({entry.values()['command']})" if entry else "clamsmtpd"
            place = self.configuration.service_place(entry) if entry else None
            self._step(
                "follows", _lane(arrival), arrival.turn, place, nexthop, port=port, program=name
            )
            turn = next(self.turns)
            self.waiting.append(replace(arrival, turn=turn, port=port, client=self._local()))
            return
        self._step("stranger", _lane(arrival), arrival.turn, None, nexthop, port=port)
        for each in arrival.recipients:
            self._end(arrival, each, "relayed", nexthop, service)

    def _tell_report(self, arrival: Arrival, report: Report, lines: list[str]) -> None:
        """Tell what a delivery agent would do with a recipient."""
        for found in _aliases(lines, report):
            self._step(
                "alias",
                "local",
                arrival.turn,
                self.configuration.row(found.table, found.key, found.value),
                f"{found.key} {found.value}",
                table=found.table,
                key=found.key,
                value=found.value,
            )
        by = self.way.steps[-1]
        match = VERIFIED.fullmatch(report.reason)
        if not match or report.action == "undeliverable":
            verdict = "deferred" if report.status.startswith("4") else "bounced"
            if report.status.startswith("2"):
                verdict = "discarded" if "discard" in report.reason.lower() else "delivered"
            if "via discard" in report.reason or verdict == "delivered":
                verdict = "discarded"
            self._end(arrival, report.recipient, verdict, report.reason, by=by)
        elif match[1] == "forwards to":
            self._step(
                "forwards",
                "local",
                arrival.turn,
                None,
                report.recipient,
                recipient=report.recipient,
            )
            content = b"Delivered-To: " + self._delivered(report).encode() + b"\n" + arrival.content
            self.waiting.append(
                replace(
                    arrival,
                    turn=next(self.turns),
                    recipients=(report.recipient,),
                    forwarded=True,
                    uid=-1,
                    content=content,
                )
            )
        elif match[1] == "delivers to command":
            self._to_command(arrival, report, match[2])
        else:
            verdict = "file" if match[1].endswith("file") else "mailbox"
            where = match[2] or ("Maildir" if match[1].endswith("maildir") else "")
            self._end(arrival, report.recipient, verdict, where, by=by)

    def _delivered(self, report: Report) -> str:
        """Return the recipient that local had before an alias led it on."""
        for request in self.postfix.requests:
            if request.queue_id == report.queue_id and report.original in request.originals:
                return request.recipients[request.originals.index(report.original)]
        return report.original

    def _to_command(self, arrival: Arrival, report: Report, command: str) -> None:
        """Follow a message that pipe gives to a program which hands it in again."""
        script = _script(report, self.configuration)
        if not script:
            self._end(arrival, report.recipient, "command", command)
            return
        program, uid, text = script
        self._step("returns", "pipe", arrival.turn, None, program, program=program)
        content = arrival.content
        if "spamc" in text or "spamassassin" in text:
            content = b"X-Spam-Level: \nX-Spam-Status: No\n" + content
        doubt = arrival.doubt
        if any(sign in content for sign in VIRUS):
            doubt = doubt or f"{program} decides what it is"
        self.waiting.append(
            replace(
                arrival,
                turn=next(self.turns),
                recipients=(report.recipient,),
                uid=uid,
                content=content,
                doubt=doubt,
            )
        )


REFUSALS = {
    "User unknown in virtual alias": ("virtual_alias_maps", "virtual_alias_domains"),
    "User unknown in virtual mailbox": ("virtual_mailbox_maps",),
    "User unknown in relay": ("relay_recipient_maps",),
    "User unknown in local": ("local_recipient_maps", "mydestination"),
    "User unknown": ("mydestination",),
    "Relay access denied": ("smtpd_relay_restrictions", "mynetworks"),
    "need fully-qualified": ("smtpd_helo_required",),
    "HELO": ("smtpd_helo_required",),
    "Message content rejected": ("header_checks", "body_checks"),
    "Message size exceeds": ("message_size_limit",),
}
"""The parameters behind refusals that no restriction decides."""

ROUTES = {
    "local": ("mailbox_transport", "local_transport", "mydestination"),
    "virtual": ("virtual_transport", "virtual_mailbox_domains"),
    "relay": ("relay_transport", "relay_domains"),
    "smtp": ("relayhost", "default_transport"),
    "error": ("default_transport",),
}


def _once(reports: Iterable[Report]) -> list[Report]:
    """Return what was said of each recipient, once: what an agent says comes before a bounce."""
    found: dict[tuple[str, str, str], Report] = {}
    for each in reports:
        if each.kind in ("trace", "bounce", "defer"):
            found.setdefault((each.recipient, each.original, each.reason), each)
    return list(found.values())


def _aliases(lines: list[str], report: Report) -> list[log_reading.Lookup]:
    found = [each for each in log_reading.lookups(lines, "local") if each.value]
    names = {report.recipient.partition("@")[0].lower(), report.original.partition("@")[0].lower()}
    return [each for each in found if each.parameter == "deliver_alias" and each.key in names]


def _script(report: Report, configuration: Configuration) -> tuple[str, int, str] | None:
    """Return the program of a pipe, its user and its text, where it hands mail in by sendmail."""
    service = re.match(r"delivery via ([^:]+): ", report.reason)
    entry = next(
        (
            e
            for e in configuration.services
            if service and e.name == service[1] and e.type == "unix"
        ),
        None,
    )
    if entry is None or entry.values()["command"] != "pipe":
        return None
    words = entry.arguments()
    program = next((word[5:] for word in words if word.startswith("argv=")), "").split()
    user = next((word[5:].partition(":")[0] for word in words if word.startswith("user=")), "")
    try:
        uid = pwd.getpwnam(user).pw_uid
        with open(program[0], "rb") as file:
            text = file.read(100_000)
    except (OSError, KeyError, IndexError):
        return None
    if not text.startswith(b"#!") or b"sendmail" not in text:
        return None
    return program[0], uid, text.decode("utf-8", "replace")


def _lane(arrival: Arrival) -> str:
    if arrival.forwarded:
        return "cleanup"
    return "pickup" if arrival.uid >= 0 else f"smtpd:{arrival.port}"
