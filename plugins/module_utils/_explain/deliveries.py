# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what becomes of a queued message: its filters, transports, aliases and last places."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.labs.mail.plugins.module_utils._explain import log_reading
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
    Place,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import (
    Report,
    Request,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    UNKNOWN,
    Step,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.walk import VIRUS, Arrival, Walk
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

VERIFIED = re.compile(
    r"(?:delivery via [^:]*: )?(delivers to (?:mailbox|maildir|file|command)|forwards to)"
    r"(?:: | )?(.*)",
    re.S,
)

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
    for request in requests:
        _tell_request(walk, arrival, request, lines)
    for report in _once(reports):
        _tell_report(walk, arrival, report, lines)


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
    words = {r.value.split()[0].upper() for r in log_reading.restrictions(lines, []) if r.value}
    if held:
        walk.end_all(arrival, "held", by=checked)
    elif "discard" in actions or "DISCARD" in words:
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
    )
    walk.to_port(onward, request.nexthop, request.service)


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
        walk.end(arrival, report.recipient, _undelivered(report), report.reason, by=by)
    elif match[1] == "forwards to":
        to = report.recipient
        walk.step("forwards", "local", arrival.turn, None, to, recipient=to)
        content = b"Delivered-To: " + _delivered(walk, report).encode() + b"\n" + arrival.content
        recipients = (report.recipient,)
        walk.follow(
            replace(arrival, recipients=recipients, forwarded=True, uid=-1, content=content)
        )
    elif match[1] == "delivers to command":
        _to_command(walk, arrival, report, match[2])
    else:
        verdict = "file" if match[1].endswith("file") else "mailbox"
        where = match[2] or ("Maildir" if match[1].endswith("maildir") else "")
        walk.end(arrival, report.recipient, verdict, where, by=by)


def _undelivered(report: Report) -> str:
    """Return what becomes of a recipient that no mailbox, file or command takes."""
    if report.status.startswith("2") or "via discard" in report.reason:
        return "discarded"
    return "deferred" if report.status.startswith("4") else "bounced"


def _delivered(walk: Walk, report: Report) -> str:
    """Return the recipient that local had before an alias led it on."""
    for request in walk.postfix.requests:
        if request.queue_id == report.queue_id and report.original in request.originals:
            return request.recipients[request.originals.index(report.original)]
    return report.original


def _to_command(walk: Walk, arrival: Arrival, report: Report, command: str) -> None:
    """Follow a message that pipe gives to a program which hands it in again."""
    script = _script(report, walk.configuration)
    if not script:
        walk.end(arrival, report.recipient, "command", command)
        return
    program, uid, text = script
    walk.step("returns", "pipe", arrival.turn, None, program, program=program)
    content = arrival.content
    if "spamc" in text or "spamassassin" in text:
        content = b"X-Spam-Level: \nX-Spam-Status: No\n" + content
    doubt = arrival.doubt
    if any(sign in content for sign in VIRUS):
        doubt = doubt or f"{program} decides what it is"
    recipients = (report.recipient,)
    walk.follow(replace(arrival, recipients=recipients, uid=uid, content=content, doubt=doubt))


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
