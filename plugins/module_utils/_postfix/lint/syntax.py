# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the syntax inside values: references, braces, networks, servers, what cannot be empty.

Source: src/util/mac_parse.c, mac_expand.c, mystrtok.c, extpar.c, host_port.c and cidr_match.c, and
the tables of parameters of Postfix's programs.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode, encode
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    Setting,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import (
    HOST_NAME,
    is_address,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    brace_problem,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    TRANSPORT_SUFFIXES,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterTypes,
    elements,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

NEVER_EMPTY = re.compile(
    r".*_(?:directory|notice_recipient|ciphers|cert_match|_digest|sasl_type|eecdh_grade|service_name"
    r"|tempfail_action|default_action|expansion_filter|canonical_classes|host_lookup"
    r"|address_preference|(?:delivery|mailbox)_lock|(?:high|medium|null)_cipherlist|helo_name"
    r"|verify_target)|(?:address_verify_\w+|default|local|relay|virtual)_transport"
    r"|postscreen_\w+_action|(?:double_bounce|default)_(?:sender|privs|rbl_reply|verp_delimiters)"
    r"|empty_address_recipient|hash_queue_names|mail_name|mail_owner|maillog_file_prefixes"
    r"|milter_(?:protocol|macro_daemon_name)|my(?:networks_style|origin|hostname|domain)"
    r"|smtpd_(?:banner|sasl_path|sasl_service|forbid_bare_newline)|syslog_\w+"
    r"|inet_(?:interfaces|protocols)|compatibility_level"
)
"""Parameters whose value has a letter at least."""

MAY_BE_EMPTY = re.compile(
    r"(?:config|html|manpage|readme|sample|shlib|default_database|bounce_template)_\w+"
    r"|smtpd_milters|execution_directory"
)

NETWORKS = re.compile(
    r"mynetworks|debug_peer_list|proxy_interfaces|permit_mx_backup_networks"
    r"|smtpd_(?:sasl_exceptions_networks|authorized_\w+_hosts|client_\w+_exceptions)"
    r"|.*_(?:allowlist|whitelist)_interfaces|qmqpd_authorized_clients"
)
"""Parameters whose words are addresses, networks, names of hosts and tables."""

RELAYS = re.compile(r"relayhost|(?:smtp_|lmtp_)?fallback_relay")
"""Parameters whose words are servers."""

SERVER = re.compile(
    r"\[(?:ipv6:)?([^\[\]]*)\](?::([^:]*))?|([^:\[\]]*)(?::([^:\[\]]*))?", re.IGNORECASE
)

FEEDBACK = ("_negative_feedback", "_positive_feedback")
CHANGE = r"\d+(\.\d+)?( */ *(concurrency|sqrt_concurrency|\d+(\.\d+)?))?"

OPTIONS = {
    "check_policy_service": "default_action max_idle max_ttl policy_context request_limit "
    "retry_delay timeout try_limit",
    "milters": "command_timeout connect_timeout content_timeout default_action protocol",
}
"""What may stand behind a server in braces."""


TIMES = (
    *("command_timeout", "connect_timeout", "content_timeout", "max_idle", "max_ttl"),
    *("retry_delay", "timeout"),
)
NUMBERS = ("request_limit", "try_limit")
MILTER_ACTIONS = ("accept", "quarantine", "reject", "shutdown", "tempfail")
"""What options of a server take."""


def check_syntax(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield what Postfix cannot take apart in a value."""
    name, value = setting.name, setting.value
    if not value:
        if _needs_a_value(name, context):
            yield setting.find_name("error", "it cannot be empty", "a value, or no such line")
        return
    if not name.endswith(("_command", "_expansion_filter")):  # what a shell reads, and characters
        wrong = reference_problem(value)
        if wrong:
            message = f"{wrong[0]}, and no program that reads this starts"
            yield setting.find("error", message, "$name, ${name}, or $$ for a $", wrong[1])
            return
    if name == "compatibility_level" and not re.fullmatch(r"\d+(\.\d+){0,2}|.*\$.*", value):
        yield setting.find("error", f"{value} is no level, and nothing starts", "such as 3.6")
    if name.endswith(FEEDBACK) and not re.fullmatch(CHANGE, value) and "$" not in value:
        yield setting.find("warning", f"{value} is ignored", "a number, or number/concurrency")
    listed = ParameterTypes(context.system.defaults).is_list(name)
    if listed or setting.service or name in context.restriction_lists:
        yield from _braces(setting)
    else:
        yield from _open_brace(setting)
    if listed or name in context.restriction_lists:
        yield from _separators(setting)
    yield from _hosts(setting, context)


def _needs_a_value(name: str, context: Context) -> bool:
    """Tell whether programs die of this parameter where it is empty."""
    kind = ParameterTypes(context.system.defaults).kind(name)
    never = NEVER_EMPTY.fullmatch(name) and not MAY_BE_EMPTY.fullmatch(name)
    typed = kind in ("boolean", "number", "time")
    key = name.endswith("key_file") and context.effective(name.replace("key_", "cert_"))
    own = name.endswith(TRANSPORT_SUFFIXES) and name not in context.system.defaults
    return bool(key or own or (context.system.defaults.get(name) and (never or typed)))


def _hosts(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield what is no network, address, host or server where one is wanted."""
    name, value = setting.name, setting.value
    if NETWORKS.fullmatch(name):
        for word, offset in setting.words():
            problem = network_problem(word.lstrip("!"))
            if problem:
                yield setting.find("error", *problem, offset)
            elif word.lstrip("!").startswith("/"):
                yield from _networks_of_file(context.expand(word.lstrip("!")), setting, context)
    if name.rstrip("6").endswith("_bind_address") and not ("$" in value or is_address(value)):
        yield setting.find("error", f"{value} is no address, and nothing is sent", "an address")
    if name in ("myhostname", "mydomain"):
        host = context.expand(value)
        if (
            "$" not in host
            and " " not in host
            and not (host.isascii() and HOST_NAME.fullmatch(host))
        ):
            yield setting.find("error", f"{host} is no name of a host", "letters, digits, - and .")
    if RELAYS.fullmatch(name):
        for word, offset in setting.words():
            wrong_server = "$" not in word and server_problem(word, context.system.machine.port)
            if wrong_server:
                yield setting.find("error", wrong_server, "[host]:port or domain", offset)


def _networks_of_file(path: str, setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding for what is no network in a file of them."""
    lines = (context.system.read(path) or b"").split(b"\n")
    for number, line in enumerate(lines, 1):
        for match in re.finditer(rb"[^\s,]+", line.partition(b"#")[0]):
            problem = network_problem(decode(match[0]).lstrip("!"))
            if problem:
                message = f"{setting.name}: {problem[0]}"
                yield Finding(path, number, match.start() + 1, "error", message, problem[1])
                return


def check_comment(setting: Setting) -> Iterator[Finding]:
    """Yield a finding for a # that seems to start a comment; only a line of its own can be one."""
    value = re.sub(r"\$\{[^{}]*\}", lambda found: "x" * len(found[0]), setting.value)
    comment = re.search(r"(?:^|\s)#", value.partition("{")[0])
    if comment and not setting.service and not setting.name.endswith("_command"):
        message = "what stands behind a # here is no comment, but part of the value"
        yield setting.find("warning", message, "the comment on a line of its own", comment.start())


def _separators(setting: Setting) -> Iterator[Finding]:
    """Yield a finding for a mark in a list that separates or quotes elsewhere, and not here."""
    if setting.name.endswith("_environment"):
        return
    for word, offset in setting.words():
        mark = re.search(r"^[\"']|[\"';]$|^[^{}:/=]+;", word)
        if mark and not setting.value.startswith(("error:", "{")):
            message = f"{mark[0][-1]} in {word} is part of the word, and separates nothing"
            yield setting.find("error", message, "a comma, or nothing", offset)
            return


def reference_problem(text: str) -> tuple[str, int] | None:
    """Say what is wrong with a ``$`` in a text, and where; None if nothing is."""
    at = text.find("$")
    while at >= 0:
        start = text[at + 1 : at + 2]
        if start == "$":
            at += 1
            if re.match(r"\{?[a-z]\w+_", text[at + 1 :]):
                return "$$ is a $ itself, and refers to nothing", at - 1
        elif start in ("(", "{"):
            close = {"(": ")", "{": "}"}[start]
            end = _closing(text, at + 1, start, close)
            if end is None:
                return f"{text[at : at + 20]} has no {close}", at
            if not re.match(r"\s*(?:\w+\s*(?:[?:]|$)|\{)", text[at + 2 : end], re.ASCII):
                return f"{text[at : end + 1]} is no reference", at
        else:
            name = _name_at(text[at + 1 :])
            if not name:
                return "a $ has no name behind it", at
            ends = text[at + 1 + len(name) : at + 2 + len(name)]
            if ends and ends in "})" and text.count({"}": "{", ")": "("}[ends]) < text.count(ends):
                return f"${name}{ends} closes what nothing opens", at
        at = text.find("$", at + 1)
    return None


def _name_at(text: str) -> str:
    """Return the name that a text starts with."""
    found = re.match(r"\w*", text, re.ASCII)
    return found[0] if found else ""


def _closing(text: str, at: int, opening: str, closing: str) -> int | None:
    depth = 0
    for offset in range(at, len(text)):
        depth += {opening: 1, closing: -1}.get(text[offset], 0)
        if not depth:
            return offset
    return None


def _braces(setting: Setting) -> Iterator[Finding]:
    """Yield a finding for the first brace without its other, or for a word in it that is none."""
    value = re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", lambda found: "x" * len(found[0]), setting.value)
    opened: list[int] = []
    for offset, char in enumerate(value):
        if char == "{":
            opened.append(offset)
        elif char == "}":
            if not opened:
                message = "a } closes nothing"
                yield setting.find("error", message, "{ where the list begins", offset)
                return
            opened.pop()
            if len(opened) < 2 and re.match(r"[^\s,{}]", value[offset + 1 :]):
                message = "what stands right behind a } is an error"
                yield setting.find("error", message, "a comma, or nothing", offset)
                return
    if opened:
        message = "a brace is not closed, and takes all that follows in"
        yield setting.find("error", message, "} where the list ends", opened[0])
        return
    before = ""
    for word, offset in setting.words():
        kind = before if before in OPTIONS else setting.name.rpartition("_")[2]
        if word.startswith("{") and kind in OPTIONS:
            for match in re.finditer(r"[^\s,{}]+(?:\{[^{}]*\})?|\{[^{}]*\}", word[1:-1]):
                name = match[0].strip("{ ").partition("=")[0].strip()
                if match.start() > 1 and name not in OPTIONS[kind].split():
                    message = f"{match[0]} is no option of a server, and smtpd dies of it"
                    instead = f"name=value with one of {OPTIONS[kind].replace(' ', ', ')}"
                    yield setting.find("error", message, instead, offset + 1 + match.start())
                    return
                wrong = _option_problem(name, match[0].strip("{ }").partition("=")[2].strip(), kind)
                if match.start() > 1 and wrong:
                    yield setting.find("error", *wrong, offset + 1 + match.start())
                    return
        before = word.lower()


def _option_problem(name: str, value: str, kind: str) -> tuple[str, str] | None:
    """Say what is wrong with the value of an option of a server, and what to write instead."""
    if "$" in value:
        return None
    if name in TIMES and not re.fullmatch(r"\d+[smhdw]?", value):
        return f"{name}={value} is no time, and smtpd dies of it", f"{name}=10s"
    if name in NUMBERS and not re.fullmatch(r"\d+", value):
        return f"{name}={value} is no number, and smtpd dies of it", f"{name}=10"
    if name == "default_action" and kind == "milters" and value not in MILTER_ACTIONS:
        near = nearest(value, MILTER_ACTIONS, 0.6)
        return f"{value} is no action of a milter", near or f"one of {', '.join(MILTER_ACTIONS)}"
    return None


def _open_brace(setting: Setting) -> Iterator[Finding]:
    """Yield a finding for a word that starts with a brace and does not end with its other one.

    Where no list is wanted postconf(1) warns of it all the same, whatever the value is.
    """
    plain = re.sub(r"\$(?:\{(?:[^{}]|\{[^{}]*\})*\}|\w+)", "x", setting.value)
    for word in elements(encode(plain)):
        problem = brace_problem(word)
        if problem:
            yield setting.find("warning", f"{decode(word)}: {problem.message}", problem.instead)
            return


def network_problem(word: str) -> tuple[str, str] | None:
    """Say what is wrong with an address or a network, and what to write; None if nothing is."""
    match = re.fullmatch(r"(\[)?([\d.]+|[\da-f:.]*:[\da-f:.]*)(\])?(/\S*)?", word, re.IGNORECASE)
    if not match:
        return None
    address, bits = match[2], (match[4] or "").rstrip("]")
    if ":" in address and not (match[1] and match[3]):
        return f"{word} is no table", f"[{address}]{bits} for an address of IPv6"
    if not bits and not re.fullmatch(r"\d+(\.\d+){3}|.*:.*", address):
        return None  # a name, though an odd one
    try:
        ipaddress.ip_network(address + bits)
    except ValueError as error:
        try:
            right = ipaddress.ip_network(address + bits, strict=False)
        except ValueError:
            return f"{word} is no network ({error})", "address/bits"
        return f"{word} has bits behind its network", str(right)
    if not bits[1:].isdigit() and bits:
        return f"{word} is no network", "address/bits"
    return None


def server_problem(text: str, ports: Callable[[str], int | None]) -> str:
    """Say what is wrong with a server, or a domain with a port; empty if nothing is.

    :arg ports: returns the number of a port's name, None where it has none.
    """
    match = SERVER.fullmatch(text)
    if not match:
        return f"{text} has brackets or colons that make no server"
    host, port = match[1] or match[3] or "", match[2] or match[4] or ""
    if not host or not (HOST_NAME.fullmatch(host) or is_address(host)):
        return f"{host or text} is neither a host's name nor an address"
    return port_problem(port, ports) if port else ""


def port_problem(port: str, ports: Callable[[str], int | None]) -> str:
    """Say what is wrong with a port, by its number or its name; empty if nothing is."""
    if port[:1].isdigit() or not port:
        known = port.isdecimal() and port.isascii() and len(port) < 6 and int(port) < 65536
        return "" if known else f"there is no port {port}"
    return "" if ports(port) is not None else f"this machine knows no port {port}"
