# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare two configurations by what they make of a message, and search for what should not be."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import Follower, private
from ansible_collections.labs.mail.plugins.module_utils._explain.listeners import (
    listener,
    port_of,
    proxy,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    Explanation,
    Question,
    Step,
    message,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import Client

OUTSIDER = "203.0.113.9"
FAR = "elsewhere.example"
"""A client and a domain that no configuration serves: reserved by RFC 5737 and RFC 2606."""


@contextmanager
def with_other(configuration: Configuration, other: str) -> Iterator[Configuration]:
    """Yield a configuration in which a file, or all files of a directory, stand for another's.

    :arg other: a main.cf, a master.cf, or a directory of an instance.
    :raises ConfigError: it is none of these.
    """
    if os.path.isfile(os.path.join(other, "main.cf")):
        yield Configuration(other)
        return
    if not os.path.isfile(other):
        raise ConfigError(
            "there is no such file; write a main.cf, a master.cf or a directory", other
        )
    with tempfile.TemporaryDirectory(prefix="explain-") as folder:
        copy = os.path.join(folder, "postfix")
        shutil.copytree(configuration.directory, copy, symlinks=True)
        os.chmod(folder, 0o755)
        name = "master.cf" if _is_master(other) else "main.cf"
        shutil.copyfile(other, os.path.join(copy, name))
        # Postfix waits for a file that was just written to stay as it is.
        os.utime(os.path.join(copy, name), (0, os.stat(other).st_mtime - 60))
        yield Configuration(copy)


def _is_master(path: str) -> bool:
    """Tell a master.cf from a main.cf: a line of eight words, and no sign of equality before."""
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line for line in file if line.strip() and line[0] not in "# \t"]
    return bool(lines) and all(len(line.split()) >= 8 for line in lines[:3])


def first_difference(
    one: Explanation, other: Explanation
) -> tuple[Step | None, Step | None] | None:
    """Return the first steps that differ; None where all are the same, whatever their lines."""
    left, right = (
        [step for step in each.steps if step.kind not in ("taken", "connect")]
        for each in (one, other)
    )
    for at in range(max(len(left), len(right))):
        ours = left[at] if at < len(left) else None
        theirs = right[at] if at < len(right) else None
        if ours is None or theirs is None or _meaning(ours) != _meaning(theirs):
            return ours, theirs
    ends = [[(end.recipient, end.verdict, end.where) for end in each.ends] for each in (one, other)]
    return None if ends[0] == ends[1] else (None, None)


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
