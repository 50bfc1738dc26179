# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The members of the cluster that a lab is on, for one run: where machines go, and who is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._incus import cluster
from ansible_collections.labs.mail.plugins.module_utils._incus.api import Client
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import ASIDE


class Members:
    """The members: none where there is no cluster."""

    def __init__(self, host: Client, given_up: Sequence[str]) -> None:
        """Ask for them; raises EngineError.

        :arg given_up: those that go where they do not answer.
        """
        self._host = host
        self._given_up = given_up
        self._placing = threading.Lock()
        self._chosen: dict[str, str] = {}
        self._all = cluster.members(host)

    def __bool__(self) -> bool:
        """Tell whether there is a cluster."""
        return bool(self._all)

    @property
    def silent(self) -> list[str]:
        """The names of those that do not answer."""
        return [each.name for each in self._all if each.status == cluster.OFFLINE]

    @property
    def gone(self) -> set[str]:
        """The names of those that do not answer and are given up."""
        return set(self.silent).intersection(self._given_up)

    def target(self, name: str, places: Callable[[], Mapping[str, str]]) -> dict[str, Any]:
        """Return what says to a cluster where a machine is to be: where it was, else by load.

        :arg places: tells the member of each machine that there is.
        :raises EngineError: no member takes machines.
        """
        if not self._all:
            return {}
        able = [each.name for each in self._all if each.status == cluster.ONLINE]
        if not able:
            raise EngineError("no host of the cluster takes machines: see `incus cluster list`")
        with self._placing:
            there = {**places(), **self._chosen}
            was = there.get(name + ASIDE) or there.get(name)
            self._chosen[name] = was if was in able else cluster.fewest(able, there)
            return {"target": self._chosen[name]}

    def evict_lost(self) -> None:
        """Take members that are given up and do not answer out of the cluster."""
        for name in self.silent:
            if name in self._given_up:
                cluster.evict(self._host, name)
        if self._given_up:
            self._all = cluster.members(self._host)

    def announce(self, network: str, link: str) -> None:
        """Say to each member what is its own of a network that is to be created.

        :arg link: its interface that belongs to the network; empty for none.
        """
        own = {"bridge.external_interfaces": link} if link else {}
        for member in self._all:
            asked = {"name": network, "type": "bridge", "config": own}
            try:
                self._host.ask("POST", "/networks", asked, target=member.name)
            except EngineError as error:
                # A run was interrupted between this and the network itself.
                if "already defined" not in str(error):
                    raise
