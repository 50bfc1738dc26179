# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of step does."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks import machine
from ansible_collections.labs.mail.plugins.module_utils._checks.arrival import arrived
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.feed import feed
from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import WAIT_SECONDS
from ansible_collections.labs.mail.plugins.module_utils._checks.world_client import ask
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    Observation,
    reason,
    until,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.smtp import queue_id, talk


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
            return Observation(False, reason(error, host, given["port"]))
    if queue_id(seen.text):
        context.queue_ids.append(queue_id(seen.text))
    return seen


def _arrived(context: CheckContext, given: dict[str, Any]) -> Observation:
    if given["copies"] == 0:
        # That nothing is there says something only once Postfix is done.
        done = until(lambda: machine.finished(context), WAIT_SECONDS)
        if not done.ok:
            return Observation(False, f"queue: {done.text}")
    return arrived(context, given)


def _received(context: CheckContext, given: dict[str, Any]) -> Observation:
    return ask(context, "arrived", given)


def _connect(context: CheckContext, given: dict[str, Any]) -> Observation:
    if given["at"] == "world":
        return ask(context, "connect", given)
    return machine.connected("127.0.0.1", given)


def _outage(context: CheckContext, given: dict[str, Any]) -> Observation:
    seen = ask(context, "outage", given)
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
    "log": machine.logged,
    "queue": machine.in_queue,
    "command": machine.ran,
    "parameter": machine.parameter,
    "file": machine.file,
    "connect": _connect,
    "http": machine.fetched,
    "feed": feed,
    "outage": _outage,
}
"""What is done for each kind of step that the schema knows."""
