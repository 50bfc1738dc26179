# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a check share: what they know of the lab, and leave each other."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class CheckContext:
    """What the steps of one check know.

    ``world`` is the address and port at which the world answers checks, None where there is no
    world; ``passwords`` those of accounts, and ``password`` that of all others; ``word`` what the
    check's messages bear. The SMTP steps leave the queue ids that they were told in ``queue_ids``,
    and those that cut domains off have them in ``outages``; ``log_start`` is where the mail log
    ended when the check began. ``added`` is what the machine put into the header of the message
    that arrived last.
    """

    word: str
    world: tuple[str, int] | None = None
    password: str = ""
    log: str = "/var/log/mail.log"
    log_start: int = 0
    queue_ids: list[str] = field(default_factory=list)
    outages: set[str] = field(default_factory=set)
    added: str = ""
    check: str = ""
    """The name of the check."""
    answers: str = "/etc/labs.mail/answers.json"
    """Where the command lab keeps answers to the questions of checks."""
    acted: float = 0.0
    """When a step last set something going (time.monotonic()); 0 while none has."""
    flushed: bool = False
    """Whether a step ran a command: of what that set going the log tells later."""
    elsewhere: bool = False
    """Whether a message went to another server first, and this machine's log may not know it."""
    passwords: dict[str, str] = field(default_factory=dict)
    seal: str = ""
    """By what the world vouches for what it saw last; see seals.py."""

    def password_of(self, account: str) -> str:
        """Return an account's password: that of prof@etab.fr is prof's, unless it has its own."""
        name = account if account in self.passwords else account.partition("@")[0]
        return self.passwords.get(name, self.password)
