# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine has of that which Postfix's services need: ports, addresses, programs."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import Machine


def this_machine(values: Mapping[str, str]) -> Machine:
    """Return what the machine has that this runs on.

    :arg values: ``daemon_directory`` and ``inet_protocols``, as far as Postfix is installed.
    """
    folder = values.get("daemon_directory", "")
    installed = os.path.isdir(folder)
    protocols = values.get("inet_protocols", "all")
    family = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}.get(protocols, socket.AF_UNSPEC)
    return Machine(
        port=port_number,
        host=lambda host: host_problem(host, family),
        program=(lambda name: os.path.exists(os.path.join(folder, name))) if installed else None,
    )


def port_number(name: str) -> int | None:
    """Return the number of a TCP port's name; None where the machine does not know it."""
    try:
        return socket.getservbyname(name, "tcp")
    except OSError:
        return None


def host_problem(host: str, family: int = socket.AF_UNSPEC) -> str | None:
    """Say why master could not listen on a host's addresses; None where it could.

    :arg family: AF_INET or AF_INET6 where Postfix does not use the other one.
    """
    try:
        found = socket.getaddrinfo(host, 0, family, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return f"no address is found for the host {host!r}"
    for kind, _type, protocol, _name, address in found:
        try:
            listener = socket.socket(kind, socket.SOCK_STREAM, protocol)
        except OSError:
            continue  # a family that the machine lacks, which Postfix passes over as well
        with listener:
            try:
                listener.bind(address)
            except OSError:
                return f"{address[0]} is no address of this machine"
    return None
