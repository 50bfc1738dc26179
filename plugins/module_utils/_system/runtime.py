# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine does beside what its files say: units, mounts, network, packet filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Run = Callable[..., "tuple[int, str, str]"]
"""Runs a command, given word by word; returns its exit code, what it printed, and its errors."""

UNITS = ("service", "socket", "timer", "path")
OWN_FOLDERS = ("/proc", "/sys", "/dev", "/run")
ENGINE = "DOCKER"
"""What the chains have in their names by which a container engine answers for its name server."""

BY_ITSELF = re.compile(r"(systemd-.*|dbus.*|user@.*|.*getty.*|.*initctl.*)\.")
"""Units that systemd itself starts and stops as they are needed."""


def runner(module: Any) -> Run:
    """Return what runs commands by a module; one that is not there has the exit code 127."""

    def run(*command: str) -> tuple[int, str, str]:
        try:
            return module.run_command(list(command), handle_exceptions=False)
        except OSError as error:
            return 127, "", str(error)

    return run


def now(run: Run) -> dict[str, Any]:
    """Return what the machine does, as JSON can hold it."""
    return {
        "units": active_units(run),
        "mounts": mounts(),
        "addresses": addresses(run),
        "routes": routes(run),
        "filter": packet_filter(run),
    }


def active_units(run: Run) -> list[str]:
    """Return the units that run, such as rsyslog.service."""
    kinds = [f"--type={kind}" for kind in UNITS]
    command = ["systemctl", "list-units", "--state=active,activating", "--plain", "--no-legend"]
    listing = run(*command, *kinds)[1]
    names = {line.split()[0] for line in listing.splitlines() if line.strip()}
    return sorted(name for name in names if not BY_ITSELF.match(name))


def of_systemd(units: Iterable[str]) -> set[str]:
    """Return those units that systemd starts by itself, but for what it runs for people."""
    return {unit for unit in units if BY_ITSELF.match(unit) and not unit.startswith("user@")}


def mounts(table: Path = Path("/proc/self/mounts")) -> list[str]:
    """Return where something is mounted, but for what the kernel and systemd mount."""
    points = [line.split()[1].replace("\\040", " ") for line in table.read_text().splitlines()]
    return [point for point in points if not point.startswith(OWN_FOLDERS)]


def addresses(run: Run) -> list[str]:
    """Return the machine's addresses, each with its interface: 10.0.0.1/24 dev eth0."""
    listing = run("ip", "-o", "-4", "address", "show", "scope", "global")[1]
    rows = (line.split() for line in listing.splitlines())
    return sorted(f"{row[3]} dev {row[1]}" for row in rows)


def routes(run: Run) -> list[str]:
    """Return the machine's routes, without the seconds that they are valid for."""
    listing = re.sub(r" expires \S+", "", run("ip", "-4", "route", "show")[1])
    return sorted(line.strip() for line in listing.splitlines())


def packet_filter(run: Run) -> list[str] | None:
    """Return nftables' tables with rules of their own, None where nft(8) is not there."""
    code, text, _error = run("nft", "list", "ruleset")
    if code != 0:
        return None
    tables = re.findall(r"^table .*?^}", text, re.MULTILINE | re.DOTALL)
    return [table for table in tables if ENGINE not in table]


def put_back(before: dict[str, Any], run: Run) -> list[str]:
    """Bring mounts, packet filter, addresses and routes back; return what was done."""
    done = []
    for point in reversed(mounts()):
        if point not in before["mounts"]:
            run("umount", "-l", point)
            done.append(f"umount {point}")
    done += _filter_back(before["filter"] or [], run)
    is_now = now(run)
    for key, kind in (("addresses", "address"), ("routes", "route")):
        for line in missing(is_now[key], before[key]):
            done.append(_ip(run, kind, "del", line))
        for line in missing(before[key], is_now[key]):
            done.append(_ip(run, kind, "add", line))
    return done


def _filter_back(wanted: list[str], run: Run) -> list[str]:
    found = packet_filter(run)
    if found is None:
        return [line for tool in ("iptables", "ip6tables") for line in _open(tool, run)]
    if found == wanted:
        return []
    for table in found:
        run("nft", "delete", *table.partition("{")[0].split())
    for table in wanted:
        run("nft", table)
    return ["packet filter"]


def _open(tool: str, run: Run) -> list[str]:
    """Let everything pass where there is iptables(8) without nft(8)."""
    code, rules, _error = run(tool, "-S")
    chains = ("INPUT", "FORWARD", "OUTPUT")
    if code != 0 or set(rules.splitlines()) == {f"-P {chain} ACCEPT" for chain in chains}:
        return []
    for chain in chains:
        run(tool, "-P", chain, "ACCEPT")
    run(tool, "-F")
    run(tool, "-X")
    return [f"{tool} -F"]


def _ip(run: Run, kind: str, verb: str, line: str) -> str:
    run("ip", kind, verb, *line.split())
    return f"ip {kind} {verb} {line}"


def missing(wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    """Return what is wanted and not there."""
    found = set(there)
    return [each for each in wanted if each not in found]
