# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration itself as a picture: what listens, what filters, where it goes, which tables.

It is the course's drawing of a mail server, made from main.cf and master.cf.
"""

from __future__ import annotations

import re

from ansible_collections.labs.mail.plugins.module_utils._drawing.scene import Event, Scene
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.listeners import (
    listener,
    own_addresses,
    own_port,
    port_of,
    proxy,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

TABLE = re.compile(r"\b(?:hash|btree|lmdb|cdb|texthash|regexp|pcre|cidr):/[^\s,{}]+")

DELIVERY = {
    "local": ("mydestination", "local_transport"),
    "virtual": ("virtual_mailbox_domains", "virtual_transport"),
    "relay": ("relay_domains", "relay_transport"),
    "smtp": ("relayhost", "default_transport"),
}
"""Which parameters send mail to the delivery agents that every Postfix has."""


def synoptic(configuration: Configuration) -> Scene:
    """Return the scene of a configuration."""
    return _Synoptic(configuration).scene


class _Synoptic:
    def __init__(self, configuration: Configuration) -> None:
        self.conf = configuration
        self.scene = Scene(configuration.directory, would=False)
        self.followed: set[int] = set()
        for entry in configuration.services:
            if entry.type == "inet":
                self._inlet(entry, "network")
        for service, names in DELIVERY.items():
            self._delivery(service, names)
        self._tables("qmgr", ("transport_maps", "virtual_alias_maps", "canonical_maps"))
        self._tables("cleanup", ("header_checks", "body_checks", "mime_header_checks"))
        self._tables("local", ("alias_maps",))

    def _add(self, lane: str, text: str, to: str = "") -> None:
        self.scene.events.append(Event(lane, text, to))

    def _inlet(self, entry: Entry, source: str) -> None:
        port = port_of(entry.name.rpartition(":")[2])
        if port is None or port in self.followed:
            return
        self.followed.add(port)
        lane = f"{entry.values()['command']}:{port}"
        self._add(source, f"{entry.name}, master.cf:{entry.source.number}", lane)
        if entry.values()["command"] != "smtpd":
            return
        names = [name for name in self.conf.values if name.startswith("smtpd_")]
        self._tables(lane, [n for n in names if n.endswith("_restrictions")], entry)
        self._filter(entry, "smtpd_proxy_filter", lane)
        cleanup = self.conf.effective("cleanup_service_name", entry) or "cleanup"
        self._add(lane, "", cleanup)
        if Event(cleanup, "", "qmgr") not in self.scene.events:
            self._add(cleanup, "", "qmgr")
        self._filter(entry, "content_filter", "qmgr")

    def _filter(self, entry: Entry, name: str, lane: str) -> None:
        """Draw a filter, and where its program hands the mail on."""
        value = self.conf.effective(name, entry)
        if not value:
            return
        place = self.conf.place(name, entry)
        where = f", {place.path.rpartition('/')[2]}:{place.line}" if place else ""
        transport, _colon, nexthop = value.partition(":")
        if name == "smtpd_proxy_filter":
            transport, nexthop = "", value
        if transport:
            self._add(lane, f"{name} = {value}{where}", transport)
        port = own_port(nexthop, own=own_addresses())
        if port is None:
            return
        daemon = proxy(port)
        if daemon and port not in self.followed:
            self.followed.add(port)
            self._add(transport or lane, nexthop, f"clamsmtpd:{port}")
            for other in self.conf.services:
                if other.type == "inet" and port_of(other.name.rpartition(":")[2]) == daemon.out:
                    self._inlet(other, f"clamsmtpd:{port}")
        elif not daemon:
            found = listener(self.conf, port, "127.0.0.1")
            name = found.values()["command"] if found else "127.0.0.1"
            self._add(transport or lane, nexthop, f"{name}:{port}")

    def _delivery(self, service: str, names: tuple[str, str]) -> None:
        value = self.conf.values.get(names[0], "")
        if value or service == "smtp":
            place = self.conf.place(names[0])
            where = f", {place.path.rpartition('/')[2]}:{place.line}" if place else ""
            self._add("qmgr", f"{names[0]} = {value}{where}", service)

    def _tables(
        self, lane: str, names: list[str] | tuple[str, ...], entry: Entry | None = None
    ) -> None:
        for name in names:
            for table in TABLE.findall(self.conf.effective(name, entry)):
                self._add(lane, f"{name}: {table}")
