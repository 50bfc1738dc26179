# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the services that Postfix's programs ask for by name, whatever main.cf says.

Source: the master.cf that Postfix ships, and the *_service_name parameters of postconf(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import LogicalLine, decode
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import Context, Finding
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import parse_entry
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

STANDARD = {
    **{
        name: name
        for name in (
            *("pickup", "cleanup", "qmgr", "tlsmgr", "bounce", "verify", "flush", "proxymap"),
            *("smtp", "showq", "error", "discard", "local", "virtual", "lmtp", "anvil", "scache"),
        )
    },
    **{"rewrite": "trivial-rewrite", "defer": "bounce", "trace": "bounce", "relay": "smtp"},
    **{"proxywrite": "proxymap", "retry": "error", "postlog": "postlogd"},
}
"""The program of each service in the master.cf that Postfix ships, except those of type inet."""

NEEDED = frozenset(
    ("anvil", "bounce", "cleanup", "defer", "local", "pickup", "proxymap", "qmgr", "retry")
    + ("rewrite", "smtp", "tlsmgr")
)
"""Those of them that nothing goes without, or that programs ask for in vain."""

COMMENT = re.compile(rb"[#%;!/<-]+[ \t]*(?=\w)")
"""What makes a comment of a line, or was meant to."""


def check_standard(context: Context, sources: list[LogicalLine], path: str) -> Iterator[Finding]:
    """Yield a finding where a service that programs ask for seems to have lost its name or type."""
    local = {entry.name for entry in context.services if entry.type not in ("inet", "pass")}
    missing = STANDARD.keys() - local
    for entry in context.services:
        program = decode(entry.columns["command"].text)
        if entry.name in STANDARD and entry.type in ("inet", "pass", "fifo"):
            asked = entry.type != "fifo" or entry.name not in ("pickup", "qmgr")
            if asked and program == STANDARD[entry.name] != "smtpd":
                message = f"programs ask for it as a service of type unix, not {entry.type}"
                yield _find(entry.source, path, f"{entry.key}: {message}", "unix")
        elif entry.name not in STANDARD and entry.name not in context.used:
            alike = [name for name in missing if STANDARD[name] == program]
            near = nearest(entry.name, alike, 0.7)
            if near:
                message = f"{entry.key}: programs ask for {near}, and there is no such service"
                yield _find(entry.source, path, message, near)
    for source in sources:
        for number, line in enumerate(source.lines, source.number):
            name = _commented(line)
            if name in missing and name in NEEDED:
                message = f"{name} is no service here, and programs ask for it in vain"
                yield Finding(
                    path, number, 1, "error", message, "the line without what precedes it"
                )


def _commented(line: bytes) -> str:
    """Return the name of the service that a line would be without what stands before it."""
    match = COMMENT.match(line)
    if not match:
        return ""
    text = line[match.end() :].rstrip()
    try:
        entry = parse_entry(LogicalLine(1, [text], text))
    except ConfigError:
        return ""
    flags = {entry.columns[column].text for column in ("private", "unpriv", "chroot")}
    same = STANDARD.get(entry.name) == decode(entry.columns["command"].text)
    return entry.name if same and entry.type == "unix" and flags <= {b"-", b"y", b"n"} else ""


def _find(source: LogicalLine, path: str, message: str, instead: str) -> Finding:
    return Finding(path, source.number, 1, "error", message, instead)
