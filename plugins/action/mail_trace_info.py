# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Believe of a machine's answer what a log can tell of one message's way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import (
    AnswerError,
    returns_of,
)

MOST = {"paths": 2_000, "refusals": 20_000, "lines": 20_000, "files": 1_000}
"""Of each kind of thing. All machines are asked for what is found on one, and one for all, which
joins in seconds what so many lines tell of one message."""

LONGEST_LINE = 20_000


def not_too_many(contents: Mapping[str, Any]) -> dict[str, Any]:
    """Return the logs of so many machines as can be joined, without the longest of them.

    :arg contents: the lines of each, or its text.
    """
    sizes = {
        host: len(log) if isinstance(log, list) else str(log).count("\n")
        for host, log in contents.items()
    }
    kept = sorted(sizes, key=lambda host: sizes[host])
    while len(kept) > 1 and sum(sizes[host] for host in kept) > MOST["lines"]:
        kept.pop()
    return {host: log for host, log in contents.items() if host in kept}


class ActionModule(DocumentedAction):
    """Run the module mail_trace_info."""

    returns = returns_of("mail_trace_info")

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict:
        """Run it; what several machines told is joined without those that told too much of it."""
        contents = self._task.args.get("contents")
        if isinstance(contents, Mapping):
            few = not_too_many(contents)
            self._task.args = {**self._task.args, "contents": few}
            if left_out := ", ".join(sorted(set(contents) - set(few))):
                self._display.warning(f"left out, for all that they tell of it: {left_out}")
        return super().run(tmp, task_vars)

    def checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the answer where it is no more than the others can bear. Raises AnswerError."""
        if answer["failed"]:
            return answer
        for name, most in MOST.items():
            found = answer.get(name)
            if not isinstance(found, list):
                raise AnswerError(f"{name}: it says nothing of them")
            if len(found) > most:
                raise AnswerError(f"{len(found)} {name}; ask for less, such as a queue id")
        if any(len(line) > LONGEST_LINE for line in answer["lines"]):
            raise AnswerError("a line of a log that no syslog writes")
        return answer
