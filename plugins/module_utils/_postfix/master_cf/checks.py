# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What master(8) dies of, and what it starts and is wrong all the same.

``postconf`` and ``postfix check`` pass most of it. Source: get_master_ent() in
src/master/master_ent.c, host_port() in src/util/host_port.c, valid_hostname.c.
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode, encode
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    COLUMNS,
    Entry,
    Problem,
)

TYPES = ("inet", "unix", "fifo", "unix-dgram", "pass")

LARGEST_NUMBER = 2**31 - 1
"""What atoi() of the C library can hold."""

LONGEST_SOCKET_NAME = 99
"""What fits into a socket's address behind ``private/``."""

FLAG = (r"[yn-]", "y, n or -")
SHAPES = {
    "private": FLAG,
    "unpriv": FLAG,
    "chroot": FLAG,
    "wakeup": (
        r"-|\d+\??",
        "a number of seconds such as 60, 60? to wake it only once it has been in use, or -",
    ),
    "maxproc": (r"-|\d+", "a number of processes, 0 for any number, or -"),
    "command": (r"(?!-$).+", "the name of a program in the daemon directory, such as smtpd"),
}

ENDPOINT = re.compile(
    r"\[(?P<bracketed>[^\]]*)\]:(?P<port>.+)|(?!\[)((?P<host>.*):)?(?P<bare>[^:]+)"
)
LABEL = r"[^\W-](?:[\w-]*[^\W-])?"
HOST_NAME = re.compile(rf"(?![\d.]+$){LABEL}(?:\.{LABEL})*")


@dataclass
class Machine:
    """What a machine has of that which services need.

    ``port`` returns the number of a TCP port's name, None where it has none; ``host`` says what is
    wrong with listening on a host, None where nothing is; ``program`` tells whether the daemon
    directory has a command, and is None where Postfix is not installed.
    """

    port: Callable[[str], int | None]
    host: Callable[[str], str | None]
    program: Callable[[str], bool] | None


def errors(entry: Entry, path: str | None = None) -> list[ConfigError]:
    """Return what master or a daemon would die of at this entry, on any machine."""
    return [_error(entry, problem, path) for problem in problems(entry)]


def needs(entry: Entry, machine: Machine, path: str | None = None) -> list[ConfigError]:
    """Return what this machine lacks of that which the entry needs."""
    return [_error(entry, problem, path) for problem in _needs(entry, machine)]


def _error(entry: Entry, problem: Problem, path: str | None) -> ConfigError:
    place = entry.source.place(problem.offset) if entry.source.number else ()
    return ConfigError(
        f"{entry.key}: {problem.message}", path, *place, instead=f"write {problem.instead}"
    )


def problems(entry: Entry) -> Iterator[Problem]:
    """Yield what master or a daemon would die of at this entry, on any machine."""
    problem = name_problem(entry.name, entry.type)
    if problem:
        yield problem
    for column in COLUMNS:
        token = entry.columns[column]
        problem = column_problem(entry.type, column, decode(token.text))
        if problem:
            problem.offset = token.start
            problem.message += _shifted(entry, column)
            yield problem
    yield from entry.problems


def name_problem(name: str, kind: str) -> Problem | None:
    """Say what is wrong with the name and the type of a service; None if nothing is."""
    if kind not in TYPES:
        return Problem(f"there is no type {kind!r}", "one of " + ", ".join(TYPES))
    if kind == "inet":
        return _endpoint_problem(name)
    if "/" in name or name in (".", ".."):
        instead = f"a name, without a directory, for type {kind}"
        return Problem(f"the name {name!r} is a path", instead)
    if len(encode(name)) > LONGEST_SOCKET_NAME:
        return Problem("the name is too long", f"at most {LONGEST_SOCKET_NAME} characters")
    return None


def column_problem(kind: str, column: str, text: str) -> Problem | None:
    """Say what is wrong with a column of a service of this type; None if nothing is."""
    shape, instead = SHAPES[column]
    if not re.fullmatch(shape, text, re.ASCII):
        return Problem(f"{column} is {text!r}", instead)
    digits = text.rstrip("?")
    if column in ("wakeup", "maxproc") and digits.isdigit() and int(digits) > LARGEST_NUMBER:
        return Problem(f"{column} is {text}", f"at most {LARGEST_NUMBER}")
    if column == "command" and text.startswith("/"):
        # master(8) starts what daemon_directory, / and this spell, whatever this is.
        message = f"{text} is sought below daemon_directory, and so is never found"
        return Problem(message, f"{posixpath.basename(text)} alone, and have it in that directory")
    if kind == "inet" and column == "private" and text != "n":
        return Problem(f"private is {text!r}, which no inet service can be", "n")
    return None


def _shifted(entry: Entry, column: str) -> str:
    """Say that a column is missing before this one or too many, where it looks like that."""
    values = entry.values()
    if column == "wakeup" and values["wakeup"] in ("y", "n"):
        return "; one column too many seems to stand before it"
    if column == "maxproc" and re.fullmatch(r"[a-z]\S+", values["maxproc"]):
        return "; a column seems to be missing before it"
    return ""


def endpoint(name: str) -> tuple[str, str] | None:
    """Return the host, which may be empty, and the port of an inet service's name."""
    match = ENDPOINT.fullmatch(name)
    if not match:
        return None
    if match["bare"]:
        return match["host"] or "", match["bare"]
    return re.sub("^ipv6:", "", match["bracketed"], flags=re.IGNORECASE), match["port"]


def _endpoint_problem(name: str) -> Problem | None:
    found = endpoint(name)
    instead = "port, host:port, or [2001:db8::1]:port for IPv6"
    if not found or name.startswith("[]"):
        return Problem(f"{name!r} is no endpoint", instead)
    host, port = found
    if host and not HOST_NAME.fullmatch(host) and not is_address(host):
        return Problem(f"{host!r} is neither a host's name nor an address", instead)
    if port[0].isdigit() and not (port.isdigit() and 0 < int(port) < 65536):
        return Problem(f"there is no port {port!r}", "a number from 1 to 65535, or a name")
    return None


def is_address(host: str) -> bool:
    """Tell whether Postfix takes this for an address, of IPv4 or IPv6."""
    if re.fullmatch(r"\d+(\.\d+){3}", host, re.ASCII):
        # Unlike Python, Postfix takes leading zeros.
        return all(int(byte) < 256 for byte in host.split("."))
    try:
        return ipaddress.ip_address(host).version == 6 and "%" not in host
    except ValueError:
        return False


def _needs(entry: Entry, machine: Machine) -> Iterator[Problem]:
    host, port = endpoint(entry.name) or ("", "") if entry.type == "inet" else ("", "")
    if port and not port.isdigit() and machine.port(port) is None:
        yield Problem(f"this machine knows no port {port!r}", "its number")
    wrong = machine.host(host) if host else None
    if wrong:
        yield Problem(wrong, "an address of this machine")
    command = entry.columns["command"]
    program = decode(command.text)
    absent = machine.program and not program.startswith("/") and not machine.program(program)
    if absent:
        near = "the name of one that is, or install its package"
        yield Problem(f"the program {program} is not installed", near, command.start)


def collisions(entries: Iterable[Entry], port: Callable[[str], int | None]) -> list[str]:
    """Return a sentence for each service that is another one to master, or in its way.

    :arg port: returns the number of a port's name, None where it has none.
    """
    return [sentence for _entry, sentence in collided(entries, port)]


def collided(
    entries: Iterable[Entry], port: Callable[[str], int | None]
) -> Iterator[tuple[Entry, str]]:
    """Yield each service that is an earlier one to master, or in its way, and a sentence on it."""
    sockets: dict[str, Entry] = {}
    for entry in entries:
        other = sockets.get(_socket(entry, port))
        if other and (other.type == entry.type):
            same = f"{entry.key} stands twice" if other.key == entry.key else None
            same = same or f"{other.key} and {entry.key} are the same service"
            yield entry, f"{same}; master takes the last, on line {entry.source.number}"
        elif other:
            yield entry, f"{other.key} and {entry.key} are on the same socket; rename one"
        sockets[_socket(entry, port)] = entry


def _socket(entry: Entry, port: Callable[[str], int | None]) -> str:
    """Return what a service listens on, as master names it."""
    if entry.type != "inet":
        folder = "public" if entry.columns["private"].text == b"n" else "private"
        return f"{folder}/{entry.name}"
    host, service = endpoint(entry.name) or ("", entry.name)
    if ":" in host:
        host = str(ipaddress.ip_address(host)) if is_address(host) else host
    number = int(service) if service.isdigit() else port(service)
    return f"[{host}]:{service if number is None else number}"
