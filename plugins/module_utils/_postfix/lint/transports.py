# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of ``transport:nexthop``, which parameters, transport(5) tables and FILTER take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    Setting,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.syntax import server_problem
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

TRANSPORTS = frozenset(
    {
        "address_verify_default_transport",
        "address_verify_local_transport",
        "address_verify_relay_transport",
        "address_verify_virtual_transport",
        "content_filter",
        "default_transport",
        "fallback_transport",
        "local_transport",
        "mailbox_transport",
        "relay_transport",
        "virtual_transport",
    }
)
"""Parameters whose value is one."""


def check_transport_names(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding for a transport in a list of them that is no service."""
    for word, offset in setting.words() if context.services else ():
        if word not in context.transports and "$" not in word:
            near = nearest(word, context.transports, 0.6)
            message = f"no service of type unix in master.cf has the name {word}"
            yield setting.find("warning", message, near or "the name of one that is there", offset)


def check_transport(
    text: str, context: Context, find: Callable[[str, str, str], Finding]
) -> Iterator[Finding]:
    """Yield what is wrong with a transport and its next hop.

    :arg text: as Postfix reads it, without references to parameters.
    :arg find: makes a finding of a severity, a message and what to write instead.
    """
    name, _colon, nexthop = text.partition(":")
    if not name or "$" in name or not context.services:
        return
    context.used.add(name)
    service = context.transports.get(name)
    if service is None:
        near = nearest(name, context.transports, 0.6)
        instead = near or f"an entry `{name} unix …` in master.cf"
        yield find("error", f"no service of type unix in master.cf has the name {name}", instead)
        return
    host, _colon, port = nexthop.partition(":")
    client = decode(service.columns["command"].text) in ("smtp", "lmtp")
    server = re.sub("^inet:", "", nexthop)
    if client and server and "$" not in server and not server.startswith("unix:"):
        ports = context.system.machine.port
        wrong = [server_problem(word, ports) for word in re.split(r"[\s,]+", server)]
        if any(wrong):
            yield find("error", max(wrong), f"{name}:[host]:port or {name}:domain")
            return
    if (
        decode(service.columns["command"].text) == "smtp"
        and host.strip("[]") == "localhost"
        and "native" not in context.effective("smtp_host_lookup", service)
    ):
        instead = f"{name}:[127.0.0.1]" + (f":{port}" if port else "")
        message = "smtp asks the DNS for localhost, which need not know it"
        yield find("warning", message, instead)
