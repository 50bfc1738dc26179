# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the servers that programs ask: milters, policy servers, a filter, lists in the DNS.

Source: ip_match_parse(), auto_clnt_create() and host_port() in src/util, milter8_connect() in
src/milter/milter8.c, and smtpd_proxy_connect() in src/smtpd/smtpd_proxy.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    Setting,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.syntax import port_problem

_FIELD = r"(?:\d+|\[\d+(?:\.\.\d+)?(?:;\d+(?:\.\.\d+)?)*\])"
ANSWERS = re.compile(rf"{_FIELD}(?:\.{_FIELD}){{3}}")
"""Answers of a list in the DNS that count."""

FIRST = re.compile(r"(?:\{[\s,]*)?([^\s,{}]+)")
"""The server in a word, which may have options behind it in braces."""


def check_servers(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding for each milter, and for a filter before the queue, that is no server."""
    ports = context.system.machine.port
    if setting.name.endswith("_milters"):
        for word, offset in setting.words():
            match = FIRST.match(word)
            problem = endpoint_problem(match[1], ports) if match else ""
            if match and problem:
                instead = "inet:host:port, or unix:/path"
                yield setting.find("error", problem, instead, offset + match.start(1))
    elif setting.name == "smtpd_proxy_filter" and setting.value:
        value = setting.value if setting.value.startswith("unix:") else f"inet:{setting.value}"
        problem = endpoint_problem(value.replace("inet:inet:", "inet:"), ports)
        if problem:
            yield setting.find("error", f"{problem}, and smtpd takes no mail", "host:port")
    elif setting.name == "postscreen_dnsbl_sites":
        for word, offset in setting.words():
            site, star, weight = word.partition("*")
            problem = list_problem(site)
            if star and "$" not in weight and not re.fullmatch(r"[+-]?\d+", weight):
                problem = f"{weight} in {word} is no weight, and postscreen does not start"
            if problem:
                instead = "such as zen.spamhaus.org=127.0.0.[2..11]*2"
                yield setting.find("error", problem, instead, offset)


def list_problem(text: str) -> str:
    """Say what is wrong with a list's domain, or with the answers wanted; empty if nothing is."""
    domain, equals, answers = text.partition("=")
    if "$" in text:
        return ""
    if re.search("[:/]", domain):
        return f"{domain} is no domain of a list"
    numbers = map(int, re.findall(r"\d{1,9}", answers))
    if equals and not (ANSWERS.fullmatch(answers) and max(numbers) < 256):
        return f"{answers} is no pattern of addresses, and programs die of it"
    return ""


def endpoint_problem(text: str, ports: Callable[[str], int | None]) -> str:
    """Say what is wrong with transport:endpoint; empty if nothing is.

    :arg ports: returns the number of a port's name, None where it has none.
    """
    if "$" in text:
        return ""
    transport, _colon, endpoint = text.partition(":")
    if not endpoint:
        return f"{text} names no transport and server"
    if transport not in ("inet", "local", "unix"):
        return f"{text} has no transport, such as inet or unix, before its first colon"
    return port_problem(endpoint.rpartition(":")[2], ports) if transport == "inet" else ""
