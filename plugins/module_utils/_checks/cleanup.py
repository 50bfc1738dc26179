# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove the messages of checks from where they arrived: mailboxes, queues, and the world."""

from __future__ import annotations

import contextlib
import pwd
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.fate import (
    fate_of,
    own_paths,
    unfinished,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.machine import queued, run
from ansible_collections.labs.mail.plugins.module_utils._checks.removal import remove_from
from ansible_collections.labs.mail.plugins.module_utils._checks.world_client import ask
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
)
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.locks import ForeignFileError

SPOOL = Path("/var/mail")

SETTLING_SECONDS = 3.0
"""How long Postfix has to end what it is at."""


def remove_messages(checks: list[dict[str, Any]], context: CheckContext) -> None:
    """Remove all messages that bear the word with which those of all checks begin.

    Whatever cannot be removed stays: that says nothing about the exercise.
    """
    with contextlib.suppress(CouldNotCheckError, OSError):
        _remove_queued(context)
    for mailbox in {*_mailboxes(), *_paths(checks)}:
        with contextlib.suppress(ConfigError, ForeignFileError, OSError):
            remove_from(mailbox, context.word)
    if context.world:
        with contextlib.suppress(CouldNotCheckError):
            ask(context, "forget", {})


def _remove_queued(context: CheckContext) -> None:
    """Let Postfix end what it is at, and delete from its queues what stays there."""
    deadline = time.monotonic() + SETTLING_SECONDS
    while _left(context) and time.monotonic() < deadline:
        time.sleep(0.1)
    ids = {hop.entry.queue_id for path in own_paths(context, fate_of(context)) for hop in path.hops}
    for entry in queued():
        if entry["queue_id"] in ids:
            run(["postsuper", "-d", entry["queue_id"]])


def _left(context: CheckContext) -> bool:
    own = {hop.entry.queue_id for path in own_paths(context, fate_of(context)) for hop in path.hops}
    return not own.isdisjoint(unfinished(context))


def _mailboxes() -> Iterator[Path]:
    """Yield where accounts have their mail: in the spool, and in a Maildir at home."""
    with contextlib.suppress(OSError):
        yield from (path for path in SPOOL.iterdir() if not path.name.endswith(".lock"))
    for account in pwd.getpwall():
        maildir = Path(account.pw_dir, "Maildir")
        if account.pw_dir != "/" and maildir.is_dir():
            yield maildir


def _paths(checks: list[dict[str, Any]]) -> Iterator[Path]:
    """Yield the other mailboxes that steps look into."""
    for check in checks:
        for step in check["steps"]:
            path = step.get("arrived", {}).get("path")
            if path:
                yield Path(path)
