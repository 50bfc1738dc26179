# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of step does."""

from __future__ import annotations

import re
import smtplib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks import machine
from ansible_collections.labs.mail.plugins.module_utils._checks.answers import answered
from ansible_collections.labs.mail.plugins.module_utils._checks.arrival import arrived
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.fate import (
    throttled,
    told,
    trouble,
    unfinished,
    waiting,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.feed import feed
from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import WAIT_SECONDS
from ansible_collections.labs.mail.plugins.module_utils._checks.words import (
    as_words,
    both,
    no_dialogue,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.world_client import ask
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    Observation,
    until,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.smtp import queue_id, talk

LOCAL = ("127.0.0.1", "localhost", "::1")
"""Servers whose log is this machine's."""


def _smtp(context: CheckContext, given: dict[str, Any]) -> Observation:
    host = given["host"]
    if given.get("replay"):
        given = {**given, "replay": context.added}
    if given["at"] == "world":
        seen = ask(context, "smtp", {name: each for name, each in given.items() if name != "at"})
    else:
        try:
            seen = talk(context.word, host, given)
        except (OSError, smtplib.SMTPException) as error:
            seen = Observation(False, no_dialogue(error, host, given["port"]))
    context.acted = time.monotonic()
    found = queue_id(as_words(seen.text)["en"])
    if found and given["at"] == "machine" and host not in LOCAL:
        context.elsewhere = True
    elif found:
        context.queue_ids.append(found)
    return seen if seen.ok else _explained(context, seen)


def _explained(context: CheckContext, seen: Observation) -> Observation:
    """Add what the log says where a server gave up, and its reply does not say why."""
    reply = as_words(seen.text)
    if not re.match(r"4[25]1 |[^245]", reply["en"]):
        return seen
    return _with_trouble(context, seen)


def _with_trouble(context: CheckContext, seen: Observation) -> Observation:
    """Add the line of the log that explains why something went wrong, where there is one."""
    line = trouble(context)
    if not line:
        return seen
    words = as_words(seen.text)
    return replace(
        seen, text=both(f"{words['en']}; the log: {line}", f"{words['fr']} ; le journal : {line}")
    )


def _logged(context: CheckContext, given: dict[str, Any]) -> Observation:
    seen = machine.logged(context, given)
    # Of a service that does not start the log says nothing beside the message's queue id.
    return seen if seen.ok or not throttled(context) else _with_trouble(context, seen)


def _arrived(context: CheckContext, given: dict[str, Any]) -> Observation:
    if given["copies"] == 0:
        # That nothing is there says something only once Postfix is done.
        done = until(lambda: _finished(context), WAIT_SECONDS)
        if not done.ok:
            return done
    return _with_fate(context, arrived(context, given), given["copies"])


def _finished(context: CheckContext) -> Observation:
    """See whether Postfix is done with the check's messages, under whatever queue ids they had."""
    left = [*unfinished(context), *waiting(context)]
    names = ", ".join(left)
    return Observation(
        not left, both(f"still in the queue: {names}", f"encore dans la file : {names}")
    )


def _with_fate(context: CheckContext, seen: Observation, copies: int = 1) -> Observation:
    """Add where the message went, where it is not what is wrong with it."""
    fate = None if seen.ok or not copies or not seen.missing else told(context)
    if fate is None:
        return seen
    words = as_words(seen.text)
    return replace(seen, text=both(f"{words['en']}; {fate['en']}", f"{words['fr']} ; {fate['fr']}"))


def _received(context: CheckContext, given: dict[str, Any]) -> Observation:
    return _with_fate(context, ask(context, "arrived", given), given["copies"])


def _in_queue(context: CheckContext, given: dict[str, Any]) -> Observation:
    return _with_fate(context, machine.in_queue(context, given))


def _connect(context: CheckContext, given: dict[str, Any]) -> Observation:
    if given["at"] == "world":
        return ask(context, "connect", given)
    return machine.connected("127.0.0.1", given)


def _outage(context: CheckContext, given: dict[str, Any]) -> Observation:
    seen = ask(context, "outage", given)
    context.acted = time.monotonic()
    if given["seconds"]:
        context.outages.add(given["domain"])
    else:
        context.outages.discard(given["domain"])
    return seen


def end_outages(context: CheckContext) -> None:
    """Give domains that the check has left cut off back to the machine."""
    for domain in sorted(context.outages):
        _outage(context, {"domain": domain, "seconds": 0})


ACTIONS: dict[str, Callable[[CheckContext, dict[str, Any]], Observation]] = {
    "smtp": _smtp,
    "arrived": _arrived,
    "received": _received,
    "log": _logged,
    "queue": _in_queue,
    "command": machine.ran,
    "parameter": machine.parameter,
    "file": machine.file,
    "connect": _connect,
    "http": machine.fetched,
    "feed": feed,
    "answer": answered,
    "outage": _outage,
}
"""What is done for each kind of step that the schema knows."""
