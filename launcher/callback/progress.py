# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line a task while a playbook runs, whole messages where one fails, and a summary in JSON."""

from __future__ import annotations

DOCUMENTATION = r"""
name: progress
type: stdout
short_description: One line a task or a play, whole messages where a task fails
description:
  - Shows one line for each task or each play, with how much it changed and how long it took.
options:
  lines:
    description:
      - Of what there is a line each, V(tasks) or V(plays); with V(nothing) only failures are shown.
    type: str
    choices: [tasks, plays, nothing]
    default: tasks
    env:
      - name: LAB_LINES
  summary:
    description:
      - File that the summary is written to, as JSON, with C(changed), how many tasks changed a
        machine; C(failed), the machines on which one failed; C(seconds), how long the tasks of each
        action took; and C(stats), what M(ansible.builtin.set_stats) recorded.
    type: path
    env:
      - name: LAB_SUMMARY
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

from ansible.plugins.callback import CallbackBase
from rich.console import Console
from rich.markup import escape

from ansible_collections.labs.mail.plugins.module_utils._text import clean
from ansible_collections.labs.mail.plugins.plugin_utils._answers.guard import guard
from ansible_collections.labs.mail.plugins.plugin_utils._preload import preload

# Ansible loads this file by its path, in a process of its own.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from launcher.language import tr

INDENT = "        "
LAST_LINES = 15
REPORTS = {"labs.mail.exercise_report", "labs.mail.exercise_outcome"}
"""Actions that fail where the table above them has said already what is wrong, and with whom."""

QUIET = {"validate_argument_spec", "include_tasks", "set_fact"}
"""Actions that do nothing on a machine: they get a line only where they fail."""


class CallbackModule(CallbackBase):
    """Print the progress of a playbook."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "progress"

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        guard(self._display)
        preload()
        # force_terminal: left to rich. Lines of a terminal's width would be broken otherwise.
        self.console = Console(highlight=False, soft_wrap=True)
        self.task = ""
        self.quiet = False
        self.started = 0.0
        self.counts: Counter[str] = Counter()
        self.changed = 0
        self.action = ""
        self.seconds: dict[str, float] = {}
        self.status = self.console.status("")
        self.play = ""
        self.play_counts: Counter[str] = Counter()
        self.play_started = 0.0

    def v2_playbook_on_play_start(self, play):
        self._end_play()
        self.play = play.get_name()
        self.play_counts.clear()
        self.play_started = time.monotonic()

    def _end_play(self):
        """Print the line of the play that is over, unless no host took part in it."""
        self._end()
        if self.get_option("lines") != "plays" or not self.play_counts:
            return
        seconds = time.monotonic() - self.play_started
        changed = self.play_counts["changed"]
        outcome = f"[dim]{tr('unchanged')}[/]"
        if changed:
            text = tr("1 change") if changed == 1 else tr("{count} changes", count=changed)
            outcome = f"[yellow]{text}[/]"
        if self.play_counts["failed"]:
            outcome = f"[bold red]{tr('{count} failed', count=self.play_counts['failed'])}[/]"
        self.console.print(f"{INDENT}{seconds:5.1f} s  {escape(tr(self.play)):<55} {outcome}")
        self.play_counts.clear()

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._begin(task)

    def v2_playbook_on_handler_task_start(self, task):
        self._begin(task)

    def _begin(self, task):
        self._end()
        self.action = task.action
        self.quiet = task.action.rpartition(".")[2] in QUIET
        self.task = task.get_name().split(" : ")[-1]
        self.started = time.monotonic()
        self.counts.clear()
        self.status.update(f"{INDENT}{escape(self.task)}")
        self.status.start()

    def _end(self):
        """Print the line of the task that is over, unless no host took part in it."""
        self.status.stop()
        seconds = time.monotonic() - self.started
        if self.task and self.counts:
            self.seconds[self.action] = self.seconds.get(self.action, 0) + seconds
            self.play_counts.update(self.counts)
        if not self.task or not self.counts or (self.quiet and not self.counts["failed"]):
            return
        if self.get_option("lines") != "tasks":
            self.task = ""
            return
        hosts = self.counts.total()
        changed, failed = self.counts["changed"], self.counts["failed"]
        outcome = f"[dim]{tr('unchanged')}[/]"
        if changed:
            text = tr("{count} of {all} changed", count=changed, all=hosts)
            outcome = f"[yellow]{text}[/]"
        if failed:
            outcome = f"[bold red]{tr('{count} of {all} failed', count=failed, all=hosts)}[/]"
        self.console.print(f"{INDENT}{seconds:5.1f} s  {escape(self.task):<55} {outcome}")
        self.task = ""

    def v2_runner_on_ok(self, result):
        changed = bool(result.result.get("changed"))
        self.changed += changed
        self.counts["changed" if changed else "ok"] += 1

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.counts["failed"] += 1
        self.status.stop()
        if result.task.action in REPORTS:
            return
        host, task = result.host.get_name(), result.task
        self.console.print(f"[bold red]{escape(host)}[/]: {escape(task.get_name())}")
        self.console.print(f"{INDENT}{escape(self._reason(result.result))}")
        self.console.print(f"{INDENT}[dim]{escape(task.get_path() or '')}[/]")

    def v2_runner_on_unreachable(self, result):
        self.v2_runner_on_failed(result)

    @staticmethod
    def _reason(result):
        """Return what a failed task says: its message, and the last lines of what it printed."""
        failed_items = [item for item in result.get("results", []) if item.get("failed")]
        messages = [str(part.get("msg", "")) for part in [result, *failed_items]]
        parts = [line for message in messages for line in clean(message).splitlines()]
        for stream in ("stderr", "module_stderr", "module_stdout"):
            parts += clean(str(result.get(stream) or "")).splitlines()[-LAST_LINES:]
        return f"\n{INDENT}".join(part for part in parts if part)

    def v2_playbook_on_stats(self, stats):
        self._end_play()
        if not stats.processed:
            text = tr("No machine matches: bring the lab up first.")
            self.console.print(f"{INDENT}[bold red]{text}[/]")
        summary = self.get_option("summary")
        if summary:
            failed = sorted({**stats.failures, **stats.dark})
            found = {
                "changed": self.changed,
                "failed": failed,
                "seconds": self.seconds,
                "stats": stats.custom,
            }
            Path(summary).write_text(json.dumps(found))
