# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare two configurations by what they make of a message, and search for what should not be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import Follower, private
from ansible_collections.labs.mail.plugins.module_utils._explain.listeners import (
    listener,
    port_of,
    proxy,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    End,
    Explanation,
    Question,
    Step,
    message,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import Client

OUTSIDER = "203.0.113.9"
FAR = "elsewhere.example"
"""A client and a domain that no configuration serves: reserved by RFC 5737 and RFC 2606."""


@dataclass(frozen=True)
class Difference:
    """The first steps that differ; None stands where a way has no more steps."""

    here: Step | None
    there: Step | None
    ends: Sequence[End]
    """What becomes of the message there."""

    def as_data(self) -> dict[str, Any]:
        """Return it as data that JSON can hold."""
        return {
            "here": self.here.as_data() if self.here else None,
            "there": self.there.as_data() if self.there else None,
            "ends": [end.as_data() for end in self.ends],
        }


def first_difference(one: Explanation, other: Explanation) -> Difference | None:
    """Return from where on two ways differ; None where they are the same, whatever their lines."""
    left, right = (
        [step for step in each.steps if step.kind not in ("taken", "connect")]
        for each in (one, other)
    )
    for ours, theirs in itertools.zip_longest(left, right):
        if ours is None or theirs is None or _meaning(ours) != _meaning(theirs):
            return Difference(ours, theirs, other.ends)
    ends = [[(end.recipient, end.verdict, end.where) for end in each.ends] for each in (one, other)]
    return None if ends[0] == ends[1] else Difference(None, None, other.ends)


def _meaning(step: Step) -> tuple[object, ...]:
    return (
        step.kind,
        step.service,
        step.turn,
        step.value,
        tuple(sorted(map(str, step.words.items()))),
    )


def find_relayed(configuration: Configuration) -> Iterator[tuple[Question, Explanation]]:
    """Yield messages of strangers to strangers that are relayed: each shows an open relay."""
    own = configuration.values.get("myhostname", "localhost")
    domain = configuration.values.get("mydomain", own)
    senders = (f"spam@{FAR}", f"postmaster@{domain}", f"postmaster@{own}", "")
    far = f"victim@{FAR}"
    recipients = (
        far,
        f"victim%{FAR}@{own}",
        f"@{own}:{far}",
        f'"{far}"@{own}',
        f"{FAR}!victim@{own}",
    )
    client = Client(OUTSIDER, "", f"mail.{FAR}")
    with private(configuration) as postfix:
        follower = Follower(configuration, postfix)
        for port in _ports(configuration):
            for recipient in recipients:
                for sender in senders:
                    content = message(sender, [recipient], (), ())
                    asked = Question(sender, (recipient,), client, port, content)
                    found = follower.follow(asked)
                    if any(end.verdict == "relayed" for end in found.ends):
                        yield asked, found


def _ports(configuration: Configuration) -> list[int]:
    """Return the ports that a stranger reaches."""
    names = {
        entry.name.rpartition(":")[2] for entry in configuration.services if entry.type == "inet"
    }
    ports = sorted({25, *filter(None, map(port_of, names))})
    return [port for port in ports if listener(configuration, port, OUTSIDER) or proxy(port)]
