# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what becomes of a queued message: its filters, transports, aliases and last places."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ansible_collections.labs.mail.plugins.module_utils._explain import log_reading
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
    Place,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.hindrances import hindrance
from ansible_collections.labs.mail.plugins.module_utils._explain.last_places import (
    missing_program,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import (
    VERIFYING,
    Report,
    Request,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    UNKNOWN,
    Step,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.walk import Arrival, Walk
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

LARGEST_SCRIPT = 100_000
"""So many bytes of a program are searched for whether it hands mail in."""

VERIFIED = re.compile(
    r"(?:delivery via [^:]*: )?(delivers to (?:mailbox|maildir|file|command)|forwards to)"
    r"(?:: | )?(.*)",
    re.S,
)

SMTP_TABLES = (
    "generic_maps",
    "header_checks",
    "mime_header_checks",
    "nested_header_checks",
    "body_checks",
)
"""What smtp and lmtp, each by parameters of its own, may change a message with as they send it."""

ROUTES = {
    "local": ("mailbox_transport", "local_transport", "mydestination"),
    "virtual": ("virtual_transport", "virtual_mailbox_domains"),
    "relay": ("relay_transport", "relay_domains"),
    "smtp": ("relayhost", "default_transport"),
    "error": ("default_transport",),
}


def tell_queue(
    walk: Walk, arrival: Arrival, entry: Entry | None, queue_id: str, lines: list[str]
) -> None:
    """Tell what cleanup, the queue manager and the delivery agents made of a message."""
    conf, turn = walk.configuration, arrival.turn
    for found in log_reading.lookups(lines, "cleanup"):
        kind = "content" if found.parameter.endswith("_checks") else "rewritten"
        _tell_lookup(walk, kind, turn, found, action=found.value, text=found.key)
    checked = walk.told.steps[-1] if walk.told.steps[-1].kind == "content" else None
    content_filter = conf.effective("content_filter", entry) if entry else ""
    if content_filter:
        place = conf.place("content_filter", entry)
        walk.step("filter", "cleanup", turn, place, content_filter, value=content_filter)
    for found in log_reading.lookups(lines, "trivial-rewrite"):
        if found.parameter != "virtual_alias_maps":
            _tell_lookup(walk, "routed", turn, found)
    for trouble in log_reading.troubles(lines):
        walk.step("broken", "postfix", turn, None, trouble, text=trouble)
    requests = [r for r in walk.postfix.requests if r.queue_id == queue_id]
    reports = [r for r in walk.postfix.reports if r.queue_id == queue_id]
    if not requests and not reports:
        _without_delivery(walk, arrival, queue_id, lines, checked)
        return
    before = len(walk.told.ends) + len(walk.waiting)
    for request in requests:
        _tell_request(walk, arrival, request, lines)
    for report in _once(reports):
        _tell_report(walk, arrival, report, lines)
    for request in requests:
        _tell_death(walk, arrival, request, reports, lines)
    agents = any(_command_of(walk, request) in VERIFYING for request in requests)
    if agents and len(walk.told.ends) + len(walk.waiting) == before:
        walk.end_all(arrival, UNKNOWN, "nothing became of it in time")


def _command_of(walk: Walk, request: Request) -> str:
    entry = walk.transport(request.service)
    return entry.values()["command"] if entry else ""


def _tell_death(
    walk: Walk, arrival: Arrival, request: Request, reports: list[Report], lines: list[str]
) -> None:
    """Tell of recipients whose delivery agent died of its configuration: they wait in the queue."""
    program = _command_of(walk, request)
    died = log_reading.stuck(lines, program) if program in VERIFYING else ""
    if not died:
        return
    for recipient, original in zip(request.recipients, request.originals):
        if not any(each.original == original for each in reports):
            walk.end(arrival, recipient, "deferred", died, request.service)


def _tell_lookup(
    walk: Walk, kind: str, turn: int, found: log_reading.Lookup, **more: object
) -> None:
    """Tell of a row that cleanup or trivial-rewrite found in a table of a parameter."""
    place = walk.configuration.row(found.table, found.key, found.value)
    words = {"parameter": found.parameter, "key": found.key, "value": found.value, **more}
    walk.step(kind, found.program, turn, place, f"{found.key} {found.value}", **words)


def _without_delivery(
    walk: Walk, arrival: Arrival, queue_id: str, lines: list[str], checked: Step | None
) -> None:
    """Tell the end of a message that no delivery agent hears of."""
    held = os.path.exists(os.path.join(walk.postfix.folder, "hold", queue_id))
    actions = {action.action for action in log_reading.content_actions(lines)}
    texts = [text for _program, text in log_reading.lines_of(lines, "smtpd")]
    thrown_away = any(re.match(r"\w+: discard: ", text) for text in texts)
    died = log_reading.stuck(lines, *VERIFYING)
    if held:
        walk.end_all(arrival, "held", by=checked)
    elif died:
        walk.end_all(arrival, "deferred", died)
    elif "discard" in actions or thrown_away:
        walk.end_all(arrival, "discarded", by=checked or _of_a_table(walk))
    elif "reject" in actions:
        walk.end_all(arrival, "bounced", by=checked)
    else:
        walk.end_all(arrival, UNKNOWN, "nothing became of it in time")


def _of_a_table(walk: Walk) -> Step | None:
    """Return the last step of a table: the one that threw the message away."""
    return next((s for s in reversed(walk.told.steps) if s.kind.startswith("row_")), None)


def _tell_request(walk: Walk, arrival: Arrival, request: Request, lines: list[str]) -> None:
    """Tell by which transport recipients go on, and follow them to a port of this machine."""
    conf = walk.configuration
    entry = walk.transport(request.service)
    place = _route_place(walk, request, lines) or (conf.service_place(entry) if entry else None)
    words = {"transport": request.service, "nexthop": request.nexthop}
    shown = f"{request.service}:{request.nexthop}"
    for recipient in request.recipients:
        walk.step("transport", "qmgr", arrival.turn, place, shown, recipient=recipient, **words)
    if entry is None or entry.values()["command"] not in ("smtp", "lmtp"):
        return
    onward = replace(
        arrival,
        sender=request.sender,
        recipients=tuple(request.recipients),
        client=walk.local(),
        content=request.queued.content or arrival.content,
        doubt=arrival.doubt or _rewritten_by_smtp(conf, entry),
    )
    walk.to_port(onward, request.nexthop, request.service)


def _rewritten_by_smtp(conf: Configuration, entry: Entry) -> str:
    """Return why it is not known what smtp, which is never run, sends; empty where it is."""
    kind = entry.values()["command"]
    names = (f"{kind}_{name}" for name in SMTP_TABLES)
    found = next((name for name in names if conf.effective(name, entry)), "")
    return f"{found} may change it" if found else ""


def _route_place(walk: Walk, request: Request, lines: list[str]) -> Place | None:
    """Return the line that sent a request where it goes, as far as a table or parameter did."""
    for found in reversed(log_reading.lookups(lines, "trivial-rewrite")):
        if found.value.rstrip(".").endswith(request.nexthop) and request.nexthop:
            return walk.configuration.row(found.table, found.key, found.value)
    for name in ROUTES.get(request.service, ("default_transport",)):
        place = walk.configuration.place(name)
        if place and walk.configuration.values.get(name):
            return place
    return None


def _tell_report(walk: Walk, arrival: Arrival, report: Report, lines: list[str]) -> None:
    """Tell what a delivery agent would do with a recipient."""
    for found in _aliases(lines, report):
        place = walk.configuration.row(found.table, found.key, found.value)
        words = {"table": found.table, "key": found.key, "value": found.value}
        walk.step("alias", "local", arrival.turn, place, f"{found.key} {found.value}", **words)
    by = walk.told.steps[-1]
    match = VERIFIED.fullmatch(report.reason)
    if not match or report.action == "undeliverable":
        verdict = _undelivered(report)
        walk.end(arrival, report.recipient, verdict, report.reason, report.service, by)
    elif match[1] == "forwards to":
        to = report.recipient
        walk.step("forwards", "local", arrival.turn, None, to, recipient=to)
        request = _request(walk, report)
        delivered = (request.recipient_of(report.original) if request else "") or report.original
        queued = request.queued.content if request else b""
        content = b"Delivered-To: " + delivered.encode() + b"\n" + (queued or arrival.content)
        recipients = (report.recipient,)
        sender = request.sender if request else arrival.sender
        walk.follow(
            replace(
                arrival,
                sender=sender,
                recipients=recipients,
                forwarded=True,
                uid=-1,
                content=content,
            )
        )
    elif match[1] == "delivers to command":
        _to_command(walk, arrival, report, match[2])
    else:
        verdict, where = _in_a_file(match[1], match[2])
        failed, why = hindrance(walk, report, lines, match[1], match[2], len(arrival.content))
        walk.end(arrival, report.recipient, failed or verdict, why or where, report.service, by)


def _in_a_file(said: str, path: str) -> tuple[str, str]:
    """Return the verdict and the place of what is delivered to a mailbox or a file."""
    if said.endswith("file") and not path.endswith("/"):
        return "file", path
    maildir = said.endswith("maildir") or path.endswith("/")
    return "mailbox", path or ("Maildir" if maildir else "")


def _undelivered(report: Report) -> str:
    """Return what becomes of a recipient that no mailbox, file or command takes."""
    if report.status.startswith("2") or "via discard" in report.reason:
        return "discarded"
    return "deferred" if report.status.startswith("4") else "bounced"


def _request(walk: Walk, report: Report) -> Request | None:
    """Return the request about whose recipient a delivery agent reports."""
    for request in walk.postfix.requests:
        if request.queue_id == report.queue_id and request.recipient_of(report.original):
            return request
    return None


def _to_command(walk: Walk, arrival: Arrival, report: Report, command: str) -> None:
    """Tell of a program that pipe or local runs: the end, unless it is a filter.

    A filter is to hand the message in again. Whether it does, and what it makes of the message,
    nobody knows but the program: whatever follows is in doubt.
    """
    filtering = _filter(walk, report)
    request = _request(walk, report)
    if not filtering or not request or request.queued.filter.partition(":")[0] != request.service:
        missing = missing_program(command)
        verdict = "deferred" if missing else "command"
        where = f"there is no program {missing}" if missing else command
        walk.end(arrival, report.recipient, verdict, where, report.service)
        return
    walk.step("returns", "pipe", arrival.turn, None, filtering.program, program=filtering.program)
    content = request.queued.content or arrival.content
    if filtering.marks:
        content = b"X-Spam-Level: \nX-Spam-Status: No\n" + content
    doubt = arrival.doubt or f"{filtering.program} decides what comes back"
    walk.follow(
        replace(
            arrival,
            sender=request.sender,
            recipients=(report.recipient,),
            forwarded=False,
            uid=filtering.uid,
            content=content,
            doubt=doubt,
        )
    )


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


@dataclass(frozen=True)
class _Filter:
    """A program that pipe runs, its user's id, and whether it has SpamAssassin mark messages."""

    program: str
    uid: int
    marks: bool


def _filter(walk: Walk, report: Report) -> _Filter | None:
    """Return the program of a pipe where it, or its command line, hands mail in by sendmail."""
    entry = walk.transport(report.service)
    if entry is None or entry.values()["command"] != "pipe":
        return None
    words = entry.arguments()
    start = next((at for at, word in enumerate(words) if word.startswith("argv=")), len(words))
    command = " ".join(words[start:])[5:].split()
    user = next((word[5:].partition(":")[0] for word in words if word.startswith("user=")), "")
    try:
        uid = pwd.getpwnam(user).pw_uid
    except KeyError:
        return None
    said = " ".join([*command, *map(_text, command)])
    if not command or "sendmail" not in said:
        return None
    scripts = [word for word in command if "sendmail" in _text(word)]
    return _Filter((scripts or command)[0], uid, "spamc" in said or "spamassassin" in said)


def _text(path: str) -> str:
    """Return the text of a script; "" where a word of a command is none."""
    if not path.startswith("/"):
        return ""
    try:
        with open(path, "rb") as file:
            text = file.read(LARGEST_SCRIPT) if file.read(2) == b"#!" else b""
    except OSError:
        return ""
    return text.decode("utf-8", "replace")
