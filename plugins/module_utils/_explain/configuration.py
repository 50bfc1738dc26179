# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Postfix configuration as explanations name it: its values, and the lines they stand on."""

from __future__ import annotations

import ipaddress
import os
import re
import subprocess
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.processes import Process
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import parser as main_cf
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import (
    parser as master_cf,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    read_defaults,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables import parser as tables
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import TYPES

LARGEST_TABLE = 4_000_000
"""In a larger table a row is not searched for, since that would take longer than the question."""


@dataclass(frozen=True)
class Place:
    """Where something stands: a file, and a line as far as that is known."""

    path: str
    line: int | None = None


class Configuration:
    """main.cf and master.cf of an instance, with what postconf(1) makes of them."""

    def __init__(self, directory: str) -> None:
        """Read the files.

        :raises ConfigError: one is missing or cannot be read, or there is no Postfix.
        """
        self.directory = os.path.realpath(directory)
        self.main_path, self.master_path = (
            os.path.join(self.directory, name) for name in ("main.cf", "master.cf")
        )
        self.parameters = main_cf.parse(_read(self.main_path), self.main_path)[1]
        entries = master_cf.parse(_read(self.master_path), self.master_path)[1]
        # Of two of the same name and type, master(8) has the last one.
        last = {(each.name, each.type): each for each in entries}
        self.services = [each for each in entries if last[each.name, each.type] is each]
        self.values = self._values()

    def _values(self) -> dict[str, str]:
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        command = ["postconf", "-c", self.directory, "-x"]
        try:
            with Process(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"PATH": path, "LC_ALL": "C"},
            ) as process:
                try:
                    printed, complained = process.communicate(timeout=20)
                finally:
                    process.kill()
        except FileNotFoundError:
            raise ConfigError("there is no postconf here; install Postfix") from None
        except subprocess.TimeoutExpired:
            raise ConfigError("postconf did not answer within 20 s", self.main_path) from None
        text = printed.decode("utf-8", "surrogateescape")
        if process.returncode or not text:
            why = complained.decode("utf-8", "replace").strip().splitlines()
            raise ConfigError(f"postconf cannot read it: {why[-1] if why else ''}", self.main_path)
        return read_defaults(text)

    def effective(self, name: str, service: master_cf.Entry | None = None) -> str:
        """Return what a service reads for a parameter."""
        given = service.option_values() if service else {}
        return self.expand(given[name]) if name in given else self.values.get(name, "")

    def expand(self, text: str, depth: int = 10) -> str:
        """Return a text with the values that it refers to."""
        if "$" not in text or not depth:
            return text
        return re.sub(
            r"\$(?:\{(\w+)\}|\((\w+)\)|(\w+))",
            lambda m: self.expand(self.values.get(m[1] or m[2] or m[3], ""), depth - 1),
            text,
        )

    def place(
        self, name: str, service: master_cf.Entry | None = None, word: str = ""
    ) -> Place | None:
        """Return where a parameter is set, at a word of its value where it holds that.

        None says that it is nowhere, so that its default counts.
        """
        for option in reversed(service.options if service else []):
            if service and option.name == name:
                token = option.tokens[-1]
                at = max(0, token.text.find(word.encode())) if word else 0
                return Place(self.master_path, service.source.place(token.start + at)[0])
        for entry in reversed(self.parameters):
            if entry.name == name:
                text = entry.source.text
                found = re.search(rb"(?<![\w-])" + re.escape(word.encode()), text) if word else None
                # A word may stand in what another parameter says that this one refers to.
                return Place(self.main_path, entry.source.place(found.start() if found else 0)[0])
        return None

    def service_place(self, service: master_cf.Entry) -> Place:
        """Return where a service stands in master.cf."""
        return Place(self.master_path, service.source.number)

    def row(self, table: str, key: str, value: str) -> Place | None:
        """Return the row of a table that answered a key with a value; None where it has no file.

        :arg table: as in ``hash:/etc/postfix/access``.
        """
        kind, _colon, path = table.removeprefix("proxy:").partition(":")
        if kind not in TYPES or not path.startswith("/"):
            return None
        try:
            if os.path.getsize(path) > LARGEST_TABLE:
                return Place(path)
            data = _read(path)
            aliases = path in re.findall(
                r":([^\s,]+)",
                f"{self.values.get('alias_maps')} {self.values.get('alias_database')}",
            )
            form = "postalias" if aliases and TYPES[kind].suffix else "postmap"
            found = tables.read(data, syntax(kind, form), path)
        except (OSError, ConfigError):
            return Place(path)
        rows = list(zip(found.where, found.keys, found.values))
        wanted, answer = key.encode("utf-8", "surrogateescape"), value.encode()
        if TYPES[kind].ordered:
            rows = [row for row in rows if answers(kind, row[1], row[2], key, answer)]
        else:
            rows = [row for row in rows if row[1] == found.syntax.fold(wanted)]
        return Place(path, found.lines()[rows[0][0]] if rows else None)


def answers(kind: str, pattern: bytes, result: bytes, key: str, value: bytes) -> bool:
    """Tell whether a rule may have answered a key with a value: the first that may, has."""
    parts = re.split(rb"\$(?:\d+|\{\d+\}|\(\d+\))", result)
    if not re.fullmatch(b".*".join(map(re.escape, parts)), value, re.S):
        return False
    if kind == "cidr":
        try:
            network = ipaddress.ip_network(pattern.decode().strip("[]"), strict=False)
            return ipaddress.ip_address(key) in network
        except ValueError:
            return False
    found = re.fullmatch(rb"(!?)\s*([^\w\s])(.*)\2(\w*)", pattern, re.S)
    if not found:
        return False
    try:
        flags = 0 if b"i" in found[4] else re.IGNORECASE
        matched = re.search(found[3].decode(), key, flags) is not None
    except (re.error, ValueError):
        return True
    return matched != bool(found[1])


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ConfigError(f"it cannot be read ({error.strerror})", path) from error
