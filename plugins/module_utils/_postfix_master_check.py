# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What master(8) dies of, and what it starts and is wrong all the same.

``postconf`` and ``postfix check`` pass most of it. Source: get_master_ent() in
src/master/master_ent.c, host_port() in src/util/host_port.c.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix_master import (
    Entry,
    Token,
    decode,
)

TYPES = ("inet", "unix", "fifo", "unix-dgram", "pass")

SHAPES = {
    "private": (r"[yn-]", "y, n or -"),
    "unpriv": (r"[yn-]", "y, n or -"),
    "chroot": (r"[yn-]", "y, n or -"),
    "wakeup": (r"-|\d+\??", "seconds such as 60, 60? to wake it only once it is in use, or -"),
    "maxproc": (r"-|\d+", "a number of processes, 0 for any, or -"),
    "command": (r"(?!-$).+", "the name of a program in the daemon directory, such as smtpd"),
}


def errors(
    entry: Entry, path: str | None, known_port: Callable[[str], bool] = lambda name: True
) -> list[ConfigError]:
    """Return what master would die of at this entry, and ``-o`` options that set nothing.

    :arg known_port: tells whether the machine knows the name of a TCP port.
    """
    found: list[tuple[str, int]] = list(entry.problems)
    if entry.type not in TYPES:
        found.append((f"type {entry.type!r}: write one of {', '.join(TYPES)}", 0))
    for column, (shape, instead) in SHAPES.items():
        token = entry.columns[column]
        if not re.fullmatch(shape, decode(token.text)):
            problem = f"{column} {decode(token.text)!r}: write {instead}"
            found.append((problem + _shifted(entry, column), token.start))
    if entry.type == "inet":
        token: Token = entry.columns["private"]
        if token.text in (b"y", b"-"):
            problem = f"an inet service cannot be private ({decode(token.text)}): write n"
            found.append((problem, token.start))
        problem = endpoint_problem(entry.name, known_port)
        if problem:
            found.append((problem, 0))
    elif "/" in entry.name:
        found.append((f"the name {entry.name!r} of a {entry.type} service cannot hold a /", 0))
    return [
        ConfigError(f"{entry.key}: {problem}", path, *entry.piece.place(offset))
        for problem, offset in found
    ]


def _shifted(entry: Entry, column: str) -> str:
    """Say that a column is missing before this one, where that is what it looks like."""
    if column == "wakeup" and entry.columns[column].text in (b"y", b"n"):
        return "; one column too many seems to stand before it"
    if column == "maxproc" and not entry.columns[column].text[:1].isdigit():
        return "; a column seems to be missing before it"
    return ""


def endpoint_problem(name: str, known_port: Callable[[str], bool]) -> str | None:
    """Say what is wrong with ``host:port`` or ``port``, the name of an inet service."""
    match = re.fullmatch(r"(?:\[(?P<bracketed>[^\]]*)\]:|(?P<host>[^:\[\]]*):)?(?P<port>[^:\[\]]+)", name)
    if not match:
        return f"{name!r} is no endpoint: write port, host:port, or [2001:db8::1]:port for IPv6"
    port = match["port"]
    if port.isdigit():
        if not 0 < int(port) < 65536:
            return f"port {port} does not exist: write 1 to 65535"
    elif not known_port(port):
        return f"this machine knows no port {port!r}: write its number"
    host = match["bracketed"] or match["host"] or ""
    looks_numeric = ":" in host or re.fullmatch(r"[\d.]+", host)
    if looks_numeric:
        try:
            ipaddress.ip_address(host.removeprefix("IPv6:").removeprefix("ipv6:"))
        except ValueError:
            return f"{host!r} is no IP address"
    return None


def warnings(
    entries: Iterable[Entry],
    daemons: frozenset[str],
    port_number: Callable[[str], str] = lambda name: name,
) -> list[str]:
    """Return what master starts with and is wrong all the same.

    :arg daemons: programs in the daemon directory; where it is empty, none is looked for.
    :arg port_number: returns the number of a port that may be a name.
    """
    found: list[str] = []
    canonical: dict[str, Entry] = {}
    for entry in entries:
        line = entry.piece.number
        program = decode(entry.columns["command"].text)
        if daemons and "/" not in program and program not in daemons:
            found.append(f"line {line}: {entry.key} runs {program}, which is not installed")
        host, colon, port = entry.name.rpartition(":")
        name = host.strip("[]") + colon + port_number(port) if entry.type == "inet" else entry.name
        # Every service but inet has a socket in the same folder, whatever its type.
        same = canonical.setdefault(f"{name}/{entry.type}", entry)
        if same.key != entry.key:
            found.append(f"lines {same.piece.number} and {line}: {same.key} and {entry.key} are one service")
        elif same is not entry:
            found.append(f"lines {same.piece.number} and {line}: {entry.key} stands twice; the last counts")
        canonical[f"{name}/{entry.type}"] = entry
    return found
