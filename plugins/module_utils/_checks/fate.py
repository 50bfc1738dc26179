# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a check's messages, as the mail log tells, and whether more is to come."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.machine import new_log
from ansible_collections.labs.mail.plugins.module_utils._checks.words import Words, both
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    last_words,
)
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import (
    Selection,
    Trace,
    trace,
)
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import read
from ansible_collections.labs.mail.plugins.module_utils._trace.message_path import Hop, Path
from ansible_collections.labs.mail.plugins.module_utils._trace.queue_entries import Delivery, Entry

QUIET_SECONDS = 1.0
"""How long nothing must happen until what a machine has not done by then it will not do."""

QUIET_BEYOND_SECONDS = 3.0
"""The same where what is waited for happens out of this log's sight, or after a queue's flush.

A web server is out of its sight too: lighttpd shows for a second or two what a file was before.
"""

THROTTLING = "bad command startup -- throttling"
"""What master says of a service that it lets rest for a minute: longer than steps wait."""

MAILDROP = "/var/spool/postfix/maildrop"


def fate_of(context: CheckContext) -> Trace:
    """Follow all messages that the mail log has since the check began."""
    lines = read(new_log(context), datetime.date.today())
    return trace(lines, Selection())


def own_paths(context: CheckContext, found: Trace) -> list[Path]:
    """Return the paths of the check's own messages, in the log's order."""
    ids = set(context.queue_ids)
    return [
        path
        for path in found.paths
        if any(context.word in name for name in path.message_ids)
        or not ids.isdisjoint(hop.entry.queue_id for hop in path.hops)
    ]


def unfinished(context: CheckContext) -> list[str]:
    """Return the queue ids of messages with which Postfix is not done, under whatever ids."""
    found = fate_of(context)
    entries = [hop.entry for path in found.paths for hop in path.hops]
    known = {entry.queue_id for entry in entries}
    unknown = [each for each in context.queue_ids if each not in known]
    return [*(entry.queue_id for entry in entries if _is_moving(entry)), *unknown]


def waiting(context: CheckContext) -> list[str]:
    """Return the queue ids of the check's own messages that wait in deferred or hold."""
    entries = [hop.entry for path in own_paths(context, fate_of(context)) for hop in path.hops]
    return [
        entry.queue_id
        for entry in entries
        if _is_deferred(entry) or (entry.held and not entry.removed)
    ]


def _is_moving(entry: Entry) -> bool:
    return not (
        entry.removed or entry.refusal or entry.held or _is_deferred(entry) or _was_given_up(entry)
    )


def _is_deferred(entry: Entry) -> bool:
    """Tell whether each recipient waits, and no later line says that it is tried again."""
    outcome = entry.outcome().values()
    if entry.removed or not outcome or any(each.status != "deferred" for each in outcome):
        return False
    tried = max(each.line.number for each in outcome)
    again = [line for line in entry.lines if line.text.startswith("from=<")]
    return not again or again[-1].number < tried


def _was_given_up(entry: Entry) -> bool:
    """Tell whether the client went before it had sent the message."""
    return (
        not entry.active
        and entry.message_id is None
        and any(line.text.startswith("disconnect from") for line in entry.session)
    )


def certainty(kind: str, given: dict[str, Any], context: CheckContext) -> Callable[[], bool]:
    """Return what tells whether a step that does not see what it expects never will.

    A step waits for mail that its check has set going; what has set nothing going changes nothing.
    """
    if not context.acted:
        # A service that is just starting may need a moment; a file or a parameter does not.
        quiet = QUIET_SECONDS if kind in ("connect", "http", "feed", "arrived") else 0.0
        begun = time.monotonic()
        explicit = "within" in given
        return lambda: not explicit and time.monotonic() - begun >= quiet
    if given.get("protocol"):
        return _lasting(lambda: _is_done(context), QUIET_BEYOND_SECONDS)
    beyond = kind in ("received", "http", "feed") or context.flushed
    quiet, acted = QUIET_BEYOND_SECONDS if beyond else QUIET_SECONDS, context.acted
    # A command acts at each look: what is waited for was set going before the first one.
    return lambda: _is_settled(context, quiet, acted if kind == "command" else context.acted)


def _is_settled(context: CheckContext, quiet: float, acted: float) -> bool:
    """Tell whether Postfix is done with all it got, and nothing has happened for a while."""
    try:
        idle = time.time() - os.stat(context.log).st_mtime
    except OSError:
        return False
    idle = min(idle, time.monotonic() - acted)
    return idle >= quiet and _is_done(context)


def _lasting(true: Callable[[], bool], seconds: float) -> Callable[[], bool]:
    """Return what tells whether something has been true at each look for so many seconds.

    Whoever fetches mail by POP3 or IMAP has the server write to the log at each look, so that its
    age tells nothing.
    """
    begun: list[float] = []

    def certain() -> bool:
        if not true():
            begun.clear()
            return False
        begun.append(time.monotonic())
        return begun[-1] - begun[0] >= seconds

    return certain


def _is_done(context: CheckContext) -> bool:
    """Tell whether Postfix is done with all it got."""
    if context.elsewhere or _has_files(MAILDROP):
        return False
    try:
        return not unfinished(context) or throttled(context)
    except CouldNotCheckError:
        return False


def throttled(context: CheckContext) -> bool:
    """Tell whether a service of Postfix ended as it began, so that master lets it rest."""
    lines = read(new_log(context), datetime.date.today())
    return any(line.program == "master" and line.text.endswith(THROTTLING) for line in lines)


def _has_files(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(True for _entry in entries)
    except OSError:
        return False


def told(context: CheckContext) -> Words | None:
    """Say what became of the check's last message; None where the log says nothing of it."""
    try:
        paths = own_paths(context, fate_of(context))
    except CouldNotCheckError:
        return None
    if not paths:
        return None
    sayings: list[Words] = []
    for each in _said_of(paths[-1]):
        if each not in sayings:
            sayings.append(each)
    if not sayings:
        return both("the message is still on its way", "le message est encore en route")
    en, fr = ([each[language] for each in sayings[:3]] for language in ("en", "fr"))
    return both("; ".join(en), " ; ".join(fr))


def _said_of(path: Path) -> Iterator[Words]:
    if path.loops:
        yield both("it goes round in circles", "il tourne en boucle")
    for hop in _of_message(path.hops):
        if hop.entry.refusal:
            yield _reason("it was refused", "il a été refusé", hop.entry.refusal.reason)
        elif hop.virus:
            virus = next((v.result for v in hop.visits if v.result.startswith("VIRUS")), "")
            yield _reason("the antivirus dropped it", "l'antivirus l'a supprimé", virus)
        elif hop.entry.deleted:
            yield both("it was deleted from the queue", "il a été supprimé de la file")
        elif hop.entry.held:
            yield both("it is in the queue hold", "il est retenu dans la file hold")
        else:
            for delivery in hop.ends:
                yield _ended(delivery)


def _of_message(hops: Iterable[Hop]) -> Iterator[Hop]:
    """Yield the hops of the message itself, without those of notifications about it."""
    notices: set[int] = set()
    for hop in hops:
        if hop.is_notice or (hop.before and id(hop.before) in notices):
            notices.add(id(hop))
        else:
            yield hop


def _ended(delivery: Delivery) -> Words:
    if delivery.status == "deferred":
        return _reason("it waits in the queue", "il attend dans la file", delivery.reply)
    if delivery.status != "sent":
        return _reason("it was returned", "il a été renvoyé à l'expéditeur", delivery.reply)
    name, _at, _domain = delivery.recipient.partition("@")
    if delivery.line.program == "local":
        return both(f"it went to {name}", f"il est allé chez {name}")
    if delivery.line.program == "pipe":
        return both(
            f"the service {delivery.relay} took it", f"le service {delivery.relay} l'a pris"
        )
    if delivery.line.program == "virtual":
        return both(
            f"it went to the mailbox of {delivery.recipient}",
            f"il est allé dans la boîte de {delivery.recipient}",
        )
    relay = delivery.relay.partition("[")[0] or delivery.relay
    return both(f"it went to {relay}", f"il est parti vers {relay}")


def _reason(en: str, fr: str, log: str) -> Words:
    log = last_words(log, 200)
    return both(f"{en}: {log}", f"{fr} : {log}") if log else both(en, fr)


def trouble(context: CheckContext) -> str:
    """Return the last line with which Postfix explains in the log why something went wrong."""
    try:
        lines = read(new_log(context), datetime.date.today())
    except CouldNotCheckError:
        return ""
    for grave in ("fatal: ", "panic: ", "error: ", "warning: "):
        for line in reversed(lines):
            if line.text.startswith(grave) and "/" in line.service:
                return f"{line.service}: {last_words(line.text, 200)}"
    return ""
