# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walls around a lab's network: what its machines may reach, as rules of iptables(8) on the host.

Nothing of the host by any of its addresses, and of each other the ports of mail and the world's
services alone. A connection that the host itself opened is answered. IPv6 is not the lab's: nothing
of it passes. Rules are of the bridge, so that a machine that is recreated is behind them at once.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

BRIDGE_CALLS = Path("/proc/sys/net/bridge")
"""Whether what passes between two machines of a bridge passes the rules too (br_netfilter)."""

COMMAND_SECONDS = 30
PORTS_A_RULE = 15
"""Ports that one rule may name (iptables-extensions(8), multiport)."""


class WallsError(Exception):
    """The walls cannot be made; the text says why."""


def chains(lab: str) -> tuple[str, str]:
    """Return the names of a lab's chains: for what comes to the host, and what is forwarded."""
    mark = hashlib.sha256(lab.encode()).hexdigest()[:10]
    return f"labs-mail-{mark}-in", f"labs-mail-{mark}-fw"


def rules(
    lab: str,
    subnet: str,
    ports: Iterable[str],
    more: Mapping[str, Iterable[str]],
    passed: str = "RETURN",
    sources: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """Return the rules for IPv4 as iptables-restore(8) reads them.

    ``ports`` are those of every machine that the others may reach, such as 25 or 53/udp, and
    ``more`` those of single machines by their addresses; ``sources`` has ports at which single
    machines reach all others, by the addresses of these machines. ``passed`` says what becomes of
    the rest: RETURN for the rules of an engine that come after these, ACCEPT where none would let
    it pass.
    """
    to_host, forwarded = chains(lab)
    known = "-m conntrack --ctstate RELATED,ESTABLISHED"
    lines = ["*filter", f":{to_host} - [0:0]", f":{forwarded} - [0:0]"]
    lines += [f"-A {to_host} {known} -j RETURN", f"-A {to_host} -j DROP"]
    lines += [f"-A {forwarded} {known} -j {passed}"]
    for address, open_ports in [(subnet, ports), *sorted(more.items())]:
        lines += [
            f"-A {forwarded} -d {address} {match} -j {passed}" for match in matches(open_ports)
        ]
    for address, reached in sorted((sources or {}).items()):
        lines += [
            f"-A {forwarded} -s {address} -d {subnet} {match} -j {passed}"
            for match in matches(reached)
        ]
    lines += [
        f"-A {forwarded} -d {subnet} -p icmp --icmp-type echo-request -j {passed}",
        f"-A {forwarded} -j DROP",
        "COMMIT",
    ]
    return "".join(f"{line}\n" for line in lines)


def rules_6(lab: str) -> str:
    """Return the rules for IPv6: nothing passes."""
    lines = ["*filter"]
    for chain in chains(lab):
        lines += [f":{chain} - [0:0]", f"-A {chain} -j DROP"]
    return "".join(f"{line}\n" for line in [*lines, "COMMIT"])


def matches(ports: Iterable[str]) -> list[str]:
    """Return what tells connections to these ports, by protocol."""
    by_protocol: dict[str, list[str]] = {}
    for port in ports:
        number, _slash, protocol = str(port).partition("/")
        by_protocol.setdefault(protocol or "tcp", []).append(number)
    return [
        f"-p {protocol} -m multiport --dports {','.join(numbers[at : at + PORTS_A_RULE])}"
        for protocol, numbers in sorted(by_protocol.items())
        for at in range(0, len(numbers), PORTS_A_RULE)
    ]


def build(
    lab: str,
    bridge: str,
    subnet: str,
    ports: Iterable[str],
    more: Mapping[str, Iterable[str]],
    passed: str = "RETURN",
    uplink: str = "",
    sources: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Put a lab's bridge behind walls, whatever was there before. Raises WallsError.

    ``uplink`` is a bridge to the Internet that another engine's rules would close.
    """
    if os.geteuid() != 0:
        raise WallsError("rules of iptables are root's to make")
    for name in ("bridge-nf-call-iptables", "bridge-nf-call-ip6tables"):
        if not (BRIDGE_CALLS / name).exists():
            _run(["modprobe", "br_netfilter"])
        (BRIDGE_CALLS / name).write_text("1\n")
    for tool, text in (
        ("iptables", rules(lab, subnet, ports, more, passed, sources)),
        ("ip6tables", rules_6(lab)),
    ):
        _run([f"{tool}-restore", "--noflush", "--wait"], text)
        # The engine sees to it that DOCKER-USER comes before its own rules, also after its restart.
        forward = "DOCKER-USER" if "-N DOCKER-USER" in _listed(tool) else "FORWARD"
        for parent, chain in zip(("INPUT", forward), chains(lab)):
            _remove_jumps(tool, chain)
            _run([tool, "--wait", "-I", parent, "1", "-i", bridge, "-j", chain])
        if uplink and tool == "iptables":
            _let_out(uplink, forward)


def _let_out(uplink: str, parent: str) -> None:
    """Let what comes from a bridge pass, and the answers; its own engine's rules say what may."""
    answers = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]
    for match in (["-i", uplink], ["-o", uplink, *answers]):
        rule = [*match, "-j", "ACCEPT"]
        if f"-A {parent} {' '.join(rule)}" not in _listed("iptables"):
            _run(["iptables", "--wait", "-I", parent, "1", *rule])


def remove(lab: str, uplink: str = "") -> None:
    """Take a lab's walls down, where there are any. Raises WallsError."""
    for tool in ("iptables", "ip6tables"):
        if uplink and tool == "iptables":
            for line in _listed(tool):
                if line.startswith("-A ") and uplink in line.split():
                    _run([tool, "--wait", "-D", *line.split()[1:]])
        for chain in chains(lab):
            if f"-N {chain}" in _listed(tool):
                _remove_jumps(tool, chain)
                _run([tool, "--wait", "-F", chain])
                _run([tool, "--wait", "-X", chain])


def _remove_jumps(tool: str, chain: str) -> None:
    for line in _listed(tool):
        if line.startswith("-A ") and line.endswith(f"-j {chain}"):
            _run([tool, "--wait", "-D", *line.split()[1:]])


def _listed(tool: str) -> list[str]:
    """Return the chains and the rules that there are."""
    return _run([tool, "--wait", "-S"]).splitlines()


class _Process(subprocess.Popen):
    """A process; ansible-test takes the plain name for a module's, which has run_command."""


def _run(command: list[str], text: str = "") -> str:
    """Run a command; return what it printed. Raises WallsError with what it complained of."""
    try:
        pipe = subprocess.PIPE
        with _Process(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
            try:
                printed, complained = process.communicate(text, COMMAND_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WallsError(f"{command[0]}: {error}") from error
    if process.returncode != 0:
        raise WallsError(f"{' '.join(command)}: {complained.strip()}")
    return printed
