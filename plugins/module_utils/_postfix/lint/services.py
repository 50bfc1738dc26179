# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the services of master.cf beside those that master(8) itself dies of.

Source: master(5), pipe(8), spawn(8); get_service_attr() in src/pipe/pipe.c. Which program reads
which parameters was found in the programs of Postfix 3.7 and 3.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    Setting,
    finding,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.syntax import (
    reference_problem,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import (
    collided,
    errors,
    needs,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    LETTERS_WITH_ARGUMENT,
    Entry,
    Token,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

PROGRAMS = frozenset(
    {
        "anvil",
        "bounce",
        "cleanup",
        "discard",
        "dnsblog",
        "error",
        "flush",
        "lmtp",
        "local",
        "nqmgr",
        "oqmgr",
        "pickup",
        "pipe",
        "postlogd",
        "postscreen",
        "proxymap",
        "qmgr",
        "qmqpd",
        "scache",
        "showq",
        "smtp",
        "smtpd",
        "spawn",
        "tlsmgr",
        "tlsproxy",
        "trivial-rewrite",
        "verify",
        "virtual",
    }
)
"""The programs of Postfix that master starts."""

WOKEN = frozenset({"flush", "nqmgr", "oqmgr", "pickup", "qmgr", "tlsmgr"})
"""Those of them that have something to do when they are woken."""

READERS = {
    r"(?:smtp|lmtp)_.*": ("smtp", "lmtp", "tlsmgr", "tlsproxy"),
    r"smtpd_.*": ("smtpd", "postscreen", "proxymap", "tlsmgr", "tlsproxy"),
    r"content_filter|receive_override_options": ("smtpd", "pickup", "qmqpd"),
}
"""The programs that read the parameters of these names; those of other names are not looked at."""

OPTIONS = "cDdilmnorsStuVvz"
"""The letters of options of all these programs: the getopt() strings of src/master/*_server.c."""

NOWHERE = Token(b"", 0, 0)
"""Stands where the word is that a finding is not about."""

PIPE_ATTRIBUTES = {
    "pipe": ("argv", "chroot", "directory", "eol", "flags", "null_sender", "size", "user"),
    "spawn": ("argv", "user"),
}
"""What stands behind the programs that start others."""

CLIENTS = frozenset({"smtp", "lmtp"})
CLIENT_FLAGS = frozenset("DORX")

PIPE_FLAGS = frozenset("BDFORXhqu.>")

PIPE_MACROS = frozenset(
    {
        *("client_address", "client_helo", "client_hostname", "client_port", "client_protocol"),
        *("domain", "extension", "mailbox", "nexthop", "original_recipient", "queue_id"),
        *("recipient", "sasl_method", "sasl_sender", "sasl_username", "sender", "size", "user"),
    }
)
"""What a command of pipe(8) may have behind a $."""

SINCE_3_9 = frozenset({"envid"})

PIPE_MACRO = re.compile(r"\$(?:\$|\{([^}]*)\}|\(([^)]*)\)|(\w+))")


def check_service(entry: Entry, context: Context, path: str) -> Iterator[Finding]:
    """Yield what is wrong with a service, the values of its options aside."""
    yield from map(finding, [*errors(entry, path), *needs(entry, context.system.machine, path)])
    program = decode(entry.columns["command"].text)
    if program not in PROGRAMS:
        return
    wakeup = entry.columns["wakeup"]
    number = decode(wakeup.text).rstrip("?")
    if program not in WOKEN and number.isdigit() and int(number):
        message = f"wakeup is {number} seconds, and {program} has nothing to do when it is woken"
        instead = f"- here, and {number} in the next column, if processes are meant"
        yield _find(entry, path, wakeup, "warning", message, instead)
    yield from _check_options(entry, program, path)
    if program in PIPE_ATTRIBUTES:
        yield from _check_pipe(entry, program, context, path)
    elif program in CLIENTS:
        yield from _check_client(entry, program, path)
    elif entry.operands:
        word = entry.operands[0]
        message = f"{program} does not start with the argument {decode(word.text)}"
        yield _find(entry, path, word, "error", message, "options only, as -o name=value")


def check_reader(setting: Setting, service: Entry, context: Context) -> Iterator[Finding]:
    """Yield a finding for an ``-o`` option that the service's program does not read."""
    program = decode(service.columns["command"].text)
    if program not in PROGRAMS or setting.name in context.referred(service):
        return
    for names, programs in READERS.items():
        if re.fullmatch(names, setting.name) and program not in programs:
            message = f"{program} does not read this, {' or '.join(programs[:2])} does"
            instead = f"it at a service of {programs[0]}, or not at all"
            yield setting.find_name("warning", message, instead)


def check_collisions(context: Context, path: str) -> Iterator[Finding]:
    """Yield a finding for each service that another one hides."""
    for entry, message in collided(context.services, context.system.machine.port):
        found, _semicolon, _rest = message.partition("; ")
        instead = "one of them, or another name or port"
        yield _find(entry, path, NOWHERE, "error", found, instead)


def _check_options(entry: Entry, program: str, path: str) -> Iterator[Finding]:
    """Yield a finding for a letter that is no option of Postfix's programs."""
    for word in entry.flags:
        letters = decode(word.meaning)
        if not letters.startswith("-"):
            continue  # what an option before it takes
        for letter in letters[1:]:
            if letter not in OPTIONS:
                message = f"{program} has no option -{letter}, and does not start"
                yield _find(entry, path, word, "error", message, "-v, -D or -o name=value")
                break
            if letter.encode() in LETTERS_WITH_ARGUMENT:
                break


def _check_client(entry: Entry, program: str, path: str) -> Iterator[Finding]:
    """Yield a finding for an argument of smtp(8) or lmtp(8) other than flags= of Postfix 3.5."""
    for word in entry.operands:
        name, equals, value = decode(word.meaning).partition("=")
        odd = "".join(sorted(set(value.strip()) - CLIENT_FLAGS))
        if name.strip().lower() != "flags" or not equals:
            message = f"{program} does not start with the argument {decode(word.text)}"
            instead = "options only, as -o name=value, or flags=DORX"
            yield _find(entry, path, word, "error", message, instead)
            return
        if odd:
            message = f"{program} knows no flag {odd}, and does not start"
            yield _find(entry, path, word, "error", message, "some of DORX")


def _check_pipe(entry: Entry, program: str, context: Context, path: str) -> Iterator[Finding]:
    """Yield what pipe(8) or spawn(8) would die of on any machine, and what pipe passes over."""
    attributes = _attributes(entry)
    for name, (value, token) in attributes.items():
        if name not in PIPE_ATTRIBUTES[program] or b"=" not in token.text:
            near = nearest(name, PIPE_ATTRIBUTES[program], 0.6)
            instead = f"{near}={value}" if near else f"one of those in {program}(8), before argv="
            message = f"{program} has no attribute {decode(token.text)}, and does not start"
            yield _find(entry, path, token, "error", message, instead)
        odd = "".join(sorted(set(value) - PIPE_FLAGS)) if name == "flags" else ""
        if odd:
            message = f"pipe knows no flag {odd}, and passes over it"
            yield _find(entry, path, token, "warning", message, "some of BDFORXhqu.>")
        if name in ("argv", "user") and token.text.endswith(b"="):
            message = f"nothing stands right behind {name}=, and {program} does not start"
            instead = {"argv": "argv=/path/of/a/program", "user": "user=nobody"}[name]
            yield _find(entry, path, token, "error", message, instead)
        if name == "user":
            user, _colon, group = value.partition(":")
            owner = context.effective("mail_owner")
            forbidden = {user} & {"root", owner} or {group} & {
                "root",
                owner,
                context.effective("setgid_group"),
            }
            if forbidden - {""}:
                message = f"{program} starts nothing as {max(forbidden)}"
                instead = "user= with an account for this alone"
                yield _find(entry, path, token, "error", message, instead)
    if program == "pipe" and "argv" in attributes:
        yield from _check_macros(entry, *attributes["argv"], context, path)
    for name, instead in (("user", "user=nobody"), ("argv", "argv=/path/of/a/program at the end")):
        if name not in attributes:
            message = f"{program} does not start without {name}="
            yield _find(entry, path, entry.columns["command"], "error", message, instead)


def _check_macros(
    entry: Entry, command: str, token: Token, context: Context, path: str
) -> Iterator[Finding]:
    """Yield a finding for a $name that pipe(8) does not know, and so delivers nothing."""
    wrong = reference_problem(command)
    if wrong:
        message = f"{wrong[0]}, and pipe delivers nothing"
        yield _find(entry, path, token, "error", message, "${name}, or $$ for a $")
        return
    known = PIPE_MACROS | (SINCE_3_9 if context.release >= (3, 9) else frozenset())
    for match in PIPE_MACRO.finditer(command):
        name = match[1] or match[2] or match[3] or ""
        if match[0] != "$$" and name not in known:
            near = nearest(name, known, 0.6)
            instead = f"${{{near}}}" if near else f"one of {', '.join(sorted(known))}"
            message = f"pipe knows no {match[0]}, and delivers nothing"
            yield _find(entry, path, token, "error", message, instead)


def check_pipe_needs(entry: Entry, context: Context, path: str) -> Iterator[Finding]:
    """Yield what a pipe(8) service that is in use needs and the machine has not."""
    program = decode(entry.columns["command"].text)
    spawned = program == "spawn" and entry.name in context.spoken_of
    if not spawned and (program != "pipe" or entry.name not in context.used):
        return
    attributes = _attributes(entry)
    value, token = attributes.get("user", ("", NOWHERE))
    user, _colon, group = value.partition(":")
    for kind, name, there in (
        ("user", user, context.system.has_user),
        ("group", group, context.system.has_group),
    ):
        if name and not there(name):  # pipe(8) takes no number for one
            message = f"there is no {kind} {name}, and {program} does not start"
            yield _find(entry, path, token, "error", message, "one that is, or create it")
    value, token = attributes.get("argv", ("", NOWHERE))
    started = value.split(" ")[0]
    if started.startswith("/") and not context.system.exists(started):
        yield _find(entry, path, token, "error", f"there is no {started}", "one that is")
    elif (program == "spawn" and "$" in started) or ("/" in started and started[0] not in "/$"):
        message = f"{started} is no absolute path, and {program} does not find it"
        yield _find(entry, path, token, "error", message, "/path/of/the/program")


def _attributes(entry: Entry) -> dict[str, tuple[str, Token]]:
    """Return the attributes of a pipe(8) service; all that follows argv= is its value."""
    found: dict[str, tuple[str, Token]] = {}
    for number, token in enumerate(entry.operands):
        name, _equals, value = decode(token.meaning).partition("=")
        name = name.lower()
        if name == "argv":
            words = [value, *(decode(word.meaning) for word in entry.operands[number + 1 :])]
            return {**found, name: (" ".join(filter(None, words)), token)}
        found[name] = (value.strip(), token)
    return found


def _find(
    entry: Entry, path: str, token: Token, severity: str, message: str, instead: str
) -> Finding:
    line, column = entry.source.place(token.start)
    return Finding(path, line, column, severity, f"{entry.key}: {message}", instead)
