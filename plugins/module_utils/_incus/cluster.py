# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The members of a cluster, and which machine is on which of them."""

from __future__ import annotations

import urllib.parse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._incus.api import Client

ONLINE, OFFLINE = "Online", "Offline"

REMOVE_SECONDS = 120
"""How long a cluster may take until it lets a member go that has just died."""


@dataclass(frozen=True)
class Member:
    """One host of a cluster: its name in it, its address, and what the others say of it."""

    name: str
    address: str
    status: str


def members(client: Client) -> list[Member]:
    """Return the members, in the order of their names; none where there is no cluster."""
    if not (client.find("/cluster") or {}).get("enabled"):
        return []
    found = client.get("/cluster/members", recursion=1)
    return sorted(
        (
            Member(
                each["server_name"],
                urllib.parse.urlsplit(each["url"]).hostname or "",
                each["status"],
            )
            for each in found
        ),
        key=lambda member: member.name,
    )


def fewest(names: Sequence[str], places: Mapping[str, str]) -> str:
    """Return the member with the fewest machines, the first of several.

    :arg names: the members that machines may be on.
    :arg places: the member of each machine there is, or will be.
    """
    load = Counter(places.values())
    return min(names, key=lambda name: (load[name], names.index(name)))


def evict(client: Client, name: str) -> None:
    """Take a member that is dead out of the cluster, and its machines with it."""
    path = f"/cluster/members/{name}"
    client.ask("DELETE", path, retried=REMOVE_SECONDS, force="1")
