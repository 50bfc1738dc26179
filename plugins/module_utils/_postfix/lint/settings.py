# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of one setting of main.cf, or of an ``-o`` option: its name, its value, what it names.

Source: postconf(5); src/global/mail_params.c, src/util/match_list.c, src/util/dict_open.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.certificates import (
    check_certificates,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.choices import check_choice
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    REFERENCE,
    Context,
    Finding,
    Setting,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.servers import check_servers
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.syntax import (
    check_comment,
    check_syntax,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.transports import (
    TRANSPORTS,
    check_transport,
    check_transport_names,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    TRANSPORT_SUFFIXES,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import ParameterTypes
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

ONE_WORD = TRANSPORTS | {"mydomain", "myhostname", "myorigin", "mail_owner", "setgid_group"}

OWN_DEFAULTS = {
    "_time_limit": "command_time_limit",
    "_initial_destination_concurrency": "initial_destination_concurrency",
}
"""The parameters that say what a service has of its own by default, where it is not default_…."""

ONE_TABLE = re.compile(
    r".*_(?:session_cache_database|cache_map|sasl_auth_cache_name)|address_verify_map"
)
"""Parameters that name one table, which Postfix makes itself."""

SOCKETS = ("auth", "auth-client", "auth-userdb", "dovecot-auth")
"""Usual names of sockets that servers beside Postfix make for it."""

WITH_TEXT = ("discard:", "error:", "retry:")
"""Transports whose next hop is a text for people."""

DOMAINS = frozenset(
    {"mydestination", "relay_domains", "virtual_alias_domains", "virtual_mailbox_domains"}
)
ABOUT_THIS_HOST = frozenset({"mydestination", "mydomain", "myhostname", "mynetworks", "myorigin"})
"""Parameters whose names are written as values, without the $, by mistake."""

HOSTS = DOMAINS | ABOUT_THIS_HOST | {"masquerade_domains", "relayhost"}

TYPOGRAPHIC = {
    **dict.fromkeys("\u201c\u201d„«»", "nothing, or a straight quote"),
    **dict.fromkeys("–—", "-"),
    **dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", "a space"),
}
"""Characters that word processors make of what was typed."""

SERVICE_NAMES = frozenset(
    f"{name}_service_name"
    for name in (
        *("address_verify", "bounce", "cleanup", "connection_cache", "defer", "dnsblog", "error"),
        *("flush", "pickup", "postlog", "proxymap", "proxywrite", "queue", "rewrite", "showq"),
        *("smtpd", "tlsmgr", "tlsproxy", "trace"),
    )
)
"""Parameters that name a service of master.cf."""

SET_AT_RUN_TIME = frozenset(
    {
        "client",
        "client_address",
        "client_name",
        "client_port",
        "client_protocol",
        "client_resolved",
        "domain",
        "extension",
        "helo",
        "helo_name",
        "home",
        "local",
        "localtime",
        "mailbox",
        "name",
        "nexthop",
        "original_recipient",
        "process_name",
        "queue_id",
        "rbl_class",
        "rbl_code",
        "rbl_domain",
        "rbl_reason",
        "rbl_txt",
        "rbl_what",
        "recipient",
        "recipient_domain",
        "reverse_name",
        "sasl_method",
        "sasl_sender",
        "sasl_username",
        "sender",
        "sender_domain",
        "server_name",
        "server_port",
        "service_name",
        "shell",
        "stress",
        "user",
    }
)
"""What values can refer to and no file sets."""

TLS_FILE = re.compile(r"(?:smtpd?|lmtp|tlsproxy)_tls_(?:(?:ec|d)?(?:cert|key)_file|CAfile)")
"""Parameters that name a certificate or a key."""

ACCOUNTS = {"mail_owner": "user", "default_privs": "user", "setgid_group": "group"}
"""Parameters that name an account or a group, without which no program starts."""

DIRECTORIES = frozenset({"queue_directory", "daemon_directory", "command_directory"})
"""Parameters that name a directory which postfix(1) does not make."""

ODD_NETWORK = re.compile(r"(?!\d+(?:\.\d+){3}$)[\d.*-]+")
"""What neither an address nor a name of a host can be, and Postfix passes over."""

RULES_IN_BRACES = re.compile(r"\b(?:regexp|pcre):\{")

SPLIT_TABLE = re.compile(r"(?<![^\s,])((?:proxy:)?\w+)(?:\s+:\s*|:\s+)(/[^\s,]*)")
"""A type and the path of a table, with white space on a side of the colon."""


def check_setting(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield what is wrong with a setting's name and value, restrictions and tables aside."""
    wrong = list(_words(setting)) or list(_typographic(setting, context))
    yield from wrong
    if wrong:
        return  # what a slip of the pen makes of the rest is of no interest
    found = [
        *_name(setting, context),
        *_value(setting, context),
        *check_choice(setting),
        *check_syntax(setting, context),
        *_service_name(setting, context),
        *_socket(setting, context),
        *_password_table(setting, context),
        *_references(setting, context),
        *_needs(setting, context),
        *check_servers(setting, context),
        *check_certificates(setting, context),
    ]
    yield from found or check_comment(setting)


def _words(setting: Setting) -> Iterator[Finding]:
    """Yield a finding for a word behind a value, or one that cannot be in it."""
    words = list(setting.words())
    text = setting.name in TRANSPORTS and setting.value.startswith(WITH_TEXT)
    plain = re.sub(r"\$\{[^{}]*\}", "x", setting.value)
    alone = ONE_TABLE.fullmatch(setting.name) and not SPLIT_TABLE.search(setting.value)
    one = setting.name in ONE_WORD or (alone and len(plain.split()) > 1)
    if one and len(words) > 1 and "{" not in plain and not text:
        likely = [word for word, _offset in words if len(word) > 1 and re.search("[.:]", word)]
        message = f"one word is wanted here, and there are {len(words)}"
        yield setting.find("error", message, f"{(likely or words[0])[0]} alone", words[1][1])
        return
    for match in SPLIT_TABLE.finditer(setting.value):
        message = f"white space parts {match[1]} from its colon, and Postfix's programs die of it"
        yield setting.find("error", message, f"{match[1]}:{match[2]}", match.start())
        return
    for word, offset in words:
        if setting.name.endswith(("_maps", "_checks")) and word.startswith("/"):
            message = f"{word} is no table, and Postfix's programs die of it"
            yield setting.find("error", message, f"a type before it, such as hash:{word}", offset)
            return
        plain = re.sub(r"\$(?:\{.*\}|\(\w+\)|\w+)", "x", word)
        if setting.name in DOMAINS and not re.fullmatch(r"!?[\w.-]+|.*[:/\[].*", plain):
            yield setting.find("warning", f"{word} is no domain", "domains alone", offset)
            return
        odd = not re.search(r"[\d.:/$]|^localhost$", word) or ODD_NETWORK.fullmatch(word)
        if setting.name == "mynetworks" and odd:
            likely = re.findall(r"\d+(?:\.\d+){3}(?:/\d+)?", setting.value)
            instead = f"{', '.join(likely) or '127.0.0.0/8'} alone"
            yield setting.find("warning", f"{word} is no network", instead, offset)
            return


def _typographic(setting: Setting, context: Context) -> Iterator[Finding]:
    if ParameterTypes(context.system.defaults).kind(setting.name) == "text":
        return
    for char, instead in TYPOGRAPHIC.items():
        if char in setting.name:
            yield setting.find_name("warning", f"the name holds {char!r}", instead)
    for offset, char in enumerate(setting.value):
        if char in TYPOGRAPHIC:
            severity = "error" if setting.name == "inet_interfaces" else "warning"
            message = f"the value holds {char!r}"
            yield setting.find(severity, message, TYPOGRAPHIC[char], offset)
            return


def _name(setting: Setting, context: Context) -> Iterator[Finding]:
    known = context.system.defaults
    suffix = max((s for s in TRANSPORT_SUFFIXES if setting.name.endswith(s)), key=len, default="")
    said = context.names.unknown(setting.name)
    if said:
        instead = said.partition("; did you mean ")[2].rstrip("?")
        message = "Postfix knows no such parameter, and nothing refers to it"
        yield setting.find_name("warning", message, instead or "one that postconf -d lists")
    elif suffix and known and setting.name not in known and context.services:
        service = setting.name.removesuffix(suffix)
        names = {entry.name for entry in context.services}
        if service not in names:
            near = nearest(service, names)
            message = f"no service in master.cf has the name {service}"
            instead = f"{near}{suffix}" if near else "the name of one that is there"
            yield setting.find_name("warning", message, instead)
    if setting.name == "maps_rbl_domains" and setting.value:
        message = "nothing but reject_maps_rbl reads this, which is of the past"
        domains = re.split(r"[\s,]+", setting.value)
        instead = ", ".join(f"reject_rbl_client {domain}" for domain in domains)
        yield setting.find_name("warning", message, f"{instead} in smtpd_client_restrictions")


def _value(setting: Setting, context: Context) -> Iterator[Finding]:
    types = ParameterTypes(context.system.defaults)
    name = setting.name
    suffix = max((s for s in TRANSPORT_SUFFIXES if name.endswith(s)), key=len, default="")
    if suffix and name not in context.system.defaults:
        name = OWN_DEFAULTS.get(suffix, f"default{suffix}")
    wrong = types.wrong_type(name, setting.value) if setting.value else None
    if wrong:
        why, instead = wrong
        yield setting.find("error", f"{setting.value}: {why}", instead)
    if setting.name in HOSTS:
        for word, offset in setting.words():
            label, dot, last = word.rpartition(".")
            if last in ABOUT_THIS_HOST or ("_" in word and word in context.system.defaults):
                message = f"{last} without a $ is a name like any other"
                yield setting.find("warning", message, f"{label}{dot}${last}", offset)
    if setting.name in TRANSPORTS:
        yield from check_transport(context.expand(setting.value), context, setting.find)
    elif setting.name == "defer_transports":
        yield from check_transport_names(setting, context)


def _service_name(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding where a parameter names a service that master.cf has not."""
    name = context.expand(setting.value)
    names = {entry.name for entry in context.services}
    if setting.name not in SERVICE_NAMES or not names or "$" in name:
        return
    # What is as by default may be a service that nothing here asks for.
    if name and name not in names and name != context.system.defaults.get(setting.name):
        near = nearest(name, names, 0.6)
        message = f"no service in master.cf has the name {name}"
        yield setting.find("error", message, near or "the name of one that is there")


def _socket(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding for a socket in the queue directory that is a slip of one that is there."""
    path = r"^()" if setting.name == "smtpd_sasl_path" else r"\b(unix:)"
    queue, exists = context.effective("queue_directory"), context.system.exists
    for match in re.finditer(path + r"(\w+)/([\w.-]+)", setting.value):
        _unix, folder, name = match.groups()
        right = nearest(folder, ("private", "public"))
        if exists(f"{queue}/{folder}/{name}") or not right:
            continue
        if right != folder and not exists(f"{queue}/{folder}"):
            message = f"there is no directory {folder} in Postfix's queue directory"
            yield setting.find("error", message, f"{right}/{name}", match.start(2))
        elif setting.name == "smtpd_sasl_path":
            near = nearest(name, SOCKETS, 0.6)
            if near and near != name and exists(f"{queue}/{folder}/{near}"):
                message = f"there is no socket {name}, and nobody can log in"
                yield setting.find("error", message, f"{folder}/{near}", match.start(3))


def _password_table(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding where a client is to log in and its passwords were taken away."""
    client, _underscore, rest = setting.name.partition("_")
    if client not in ("smtp", "lmtp") or rest != "sasl_password_maps" or setting.value:
        return
    if context.effective(f"{client}_sasl_auth_enable", setting.service).lower() == "yes":
        message = f"{client} does not start without, since {client}_sasl_auth_enable = yes"
        yield setting.find_name("error", message, f"hash:/etc/postfix/{client}_passwords")


def _references(setting: Setting, context: Context) -> Iterator[Finding]:
    if not context.system.defaults or setting.name.endswith("_command"):
        return  # a command has the variables of its environment beside ours
    known = context.known
    options = context.options(setting.service)
    for match in REFERENCE.finditer(setting.value):
        name = match[1] or match[2] or match[3]
        if name.isdigit() and RULES_IN_BRACES.search(setting.value):
            message = f"main.cf takes ${name} for a parameter, so that the rule gets nothing"
            yield setting.find("warning", message, f"$${match[0][1:]}", match.start())
        if name.isdigit() or name in SET_AT_RUN_TIME or name in known or name in options:
            continue
        near = nearest(name, known)
        instead = f"${near}" if near else f"a line `{name} = …` in main.cf"
        yield setting.find(
            "warning", f"${name} is set nowhere, and so is empty", instead, match.start()
        )


def _needs(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding for what a value names and the machine has not."""
    value = context.expand(setting.value)
    exists = context.system.exists
    program = value.split(" ")[0]
    what = ACCOUNTS.get(setting.name) if context.system.defaults else None
    known = context.system.has_group if what == "group" else context.system.has_user
    if what and value and "$" not in value and not known(value):
        message = f"there is no {what} {value}, and no program starts"
        yield setting.find("error", message, "one that is there")
    where = setting.name in DIRECTORIES and context.system.defaults and value.startswith("/")
    if where and not exists(value):
        yield setting.find("error", f"there is no {value}, and nothing starts", "one that is there")
    if setting.name == "mailbox_command" and program.startswith("/") and not exists(program):
        yield setting.find("error", f"there is no {program}", "one that is installed")
    paths = setting.name in ("virtual_mailbox_base", "myorigin") and value.startswith("/")
    if paths and not exists(value):
        yield setting.find("error", f"there is no {value}", "one that is there, or create it")
    if TLS_FILE.fullmatch(setting.name) and value.startswith("/") and not exists(value):
        message = f"there is no {value}, and TLS is not offered"
        yield setting.find("error", message, "a file that is there")
    for word, offset in setting.words():
        path = context.expand(word).lstrip("!")
        if setting.name in DOMAINS | {"mynetworks"} and path.startswith("/") and not exists(path):
            message = f"there is no {path}; smtpd answers 451"
            yield setting.find("error", message, "a file that is there, or create it", offset)
        if setting.name == "inet_interfaces" and "$" not in path:
            problem = None
            if path not in ("all", "loopback-only"):
                problem = context.system.machine.host(path.strip("[]"))
            if problem:
                yield setting.find("error", problem, "addresses of this machine, or all", offset)
