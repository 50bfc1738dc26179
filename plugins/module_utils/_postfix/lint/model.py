# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of a whole Postfix configuration look at, what they ask, and what they find."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import LogicalLine, encode
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import Machine
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import Names

REFERENCE = re.compile(r"(?<!\$)\$(?:\((\w+)\)|\{(\w+)\}|(\w+))")
"""``$name`` in one of its spellings; those with a condition, such as ``${name?yes}``, are not."""

_NESTED = r"\{[^{}]*\}"
for _level in range(3):
    _NESTED = rf"\{{(?:[^{{}}]|{_NESTED})*\}}"
WORD = re.compile(rf"(?:{_NESTED}|[^\s,{{}}])+")
"""An element of a list; braces hold white space together."""


RESTRICTION_LISTS = re.compile(
    r"smtpd_(?:client|helo|sender|relay|recipient|data|end_of_data|etrn)_restrictions"
)


TAKES_A_WORD = re.compile(
    r"check_\w+|reject_rbl(?:_client)?|reject_rhsbl_\w+|permit_(?:dnswl|rhswl)_client|sleep"
)
"""Restrictions that are followed by what they work with."""


@dataclass(frozen=True)
class Finding:
    """What is wrong at a place, and what to write instead.

    ``severity`` is ``error`` where Postfix stops, defers, refuses or loses mail, or a restriction
    does nothing, and ``warning`` where it works and does something else than what seems to be
    meant. ``line`` and ``column`` count from 1; None is the file as a whole.
    """

    path: str
    line: int | None
    column: int | None
    severity: str
    message: str
    instead: str


def finding(error: ConfigError, severity: str = "error") -> Finding:
    """Return what an engine raised, as a finding."""
    instead = error.instead.removeprefix("write ")
    return Finding(error.path or "", error.line, error.column, severity, error.found, instead)


@dataclass
class Setting:
    """A parameter with the value that main.cf, or an ``-o`` option of a service, gives it.

    ``name_at`` and ``value_at`` are offsets in the text of the logical line.
    """

    name: str
    value: str
    path: str
    source: LogicalLine
    name_at: int
    value_at: int
    service: Entry | None = None

    def find(self, severity: str, message: str, instead: str, offset: int = 0) -> Finding:
        """Return a finding at an offset, in characters, of the value."""
        at = self.value_at + len(encode(self.value[:offset]))
        return self._at(at, severity, message, instead)

    def find_name(self, severity: str, message: str, instead: str) -> Finding:
        """Return a finding at the name."""
        return self._at(self.name_at, severity, message, instead)

    def _at(self, at: int, severity: str, message: str, instead: str) -> Finding:
        where = f"-o {self.name}" if self.service else self.name
        return Finding(self.path, *self.source.place(at), severity, f"{where}: {message}", instead)

    def line_numbers(self) -> range:
        """Return the numbers of the lines on which it stands."""
        return range(self.source.number, self.source.number + len(self.source.lines))

    def words(self) -> Iterator[tuple[str, int]]:
        """Yield the words of a list, each with its offset in characters."""
        for match in WORD.finditer(self.value):
            yield match[0], match.start()


@dataclass(frozen=True)
class TableFile:
    """A lookup table: its type, the path of its text, and the program that makes its index."""

    type: str
    path: str
    format: str = "postmap"


@dataclass
class Examined:
    """What Postfix warns of in a table, what is wrong with its index, and why it can have none."""

    problems: list[ConfigError]
    reason: str | None = None
    refusal: ConfigError | None = None


@dataclass
class System:
    """What the checks ask the machine, so that they need none themselves.

    ``read`` returns what a file holds, None where there is none. ``defaults`` is what
    ``postconf -dx`` prints and ``types`` what ``postconf -m`` does; both are empty where Postfix
    is not installed, and what follows from them is not looked at then. ``examine`` looks at a
    table of entries in a file, whose text it is given, and may raise ConfigError.
    """

    read: Callable[[str], bytes | None]
    exists: Callable[[str], bool]
    has_user: Callable[[str], bool]
    has_group: Callable[[str], bool]
    machine: Machine
    examine: Callable[[TableFile, bytes], Examined]
    defaults: Mapping[str, str] = field(default_factory=dict)
    types: Collection[str] = ()


class Context:
    """What a check may want to know beside the setting that it looks at.

    :arg settings: those of main.cf and then those of master.cf.
    :arg services: the entries of master.cf that can be read.
    :arg master: the text of master.cf.

    ``used`` are the transports that the settings and rows looked at so far name, ``spoken_of`` the
    services that settings name by their sockets.
    """

    def __init__(
        self,
        config_directory: str,
        settings: list[Setting],
        services: list[Entry],
        master: str,
        system: System,
    ) -> None:
        self.config_directory = config_directory
        self.settings = settings
        self.services = services
        self.master = master
        self.system = system
        # In lists the layout means nothing, and of several lines of one name the last counts.
        self.values = {
            setting.name: " ".join(setting.value.split())
            for setting in settings
            if setting.service is None
        }
        self.transports = {entry.name: entry for entry in services if entry.type == "unix"}
        self._options: dict[int, dict[str, str]] = {}
        self._referred: dict[int, set[str]] = {}
        self.used: set[str] = set()
        text = " ".join(setting.value for setting in settings)
        self.spoken_of = set(re.findall(r"private/([\w.-]+)", text))
        self.restriction_lists = self._restriction_lists()

    @functools.cached_property
    def names(self) -> Names:
        """Which names of parameters mean something here."""
        name = "smtpd_restriction_classes"
        values = {**self.values, name: " ".join([self.values.get(name, ""), *self.classes])}
        return Names(self.system.defaults, values, self.master)

    @functools.cached_property
    def known(self) -> dict[str, str]:
        """All parameters that are set, by Postfix or in main.cf."""
        return {**self.system.defaults, **self.values}

    def options(self, service: Entry | None) -> dict[str, str]:
        """Return the options of a service, none where there is no service."""
        if service is None:
            return {}
        if id(service) not in self._options:
            self._options[id(service)] = service.option_values()
        return self._options[id(service)]

    def referred(self, service: Entry) -> set[str]:
        """Return the names of parameters that the options of a service refer to."""
        if id(service) not in self._referred:
            text = "\n".join(self.options(service).values())
            found = REFERENCE.finditer(text)
            self._referred[id(service)] = {m[1] or m[2] or m[3] for m in found}
        return self._referred[id(service)]

    def effective(self, name: str, service: Entry | None = None) -> str:
        """Return the value of a parameter: a service's, main.cf's, or the default."""
        options = self.options(service)
        if name in options:
            return options[name]
        if name == "config_directory":
            return self.config_directory
        return self.values.get(name, self.system.defaults.get(name, ""))

    def expand(self, text: str, depth: int = 10) -> str:
        """Return a text with the values of the parameters that it refers to, where it can be."""
        if "$" not in text or not depth:
            return text
        return REFERENCE.sub(
            lambda match: self.expand(self.effective(match[1] or match[2] or match[3]), depth - 1),
            text,
        )

    @property
    def release(self) -> tuple[int, ...]:
        """The release of Postfix that is installed, such as 3, 7; the newest where none is."""
        numbers = re.match(r"(\d+)\.(\d+)", self.system.defaults.get("mail_version", ""))
        return (int(numbers[1]), int(numbers[2])) if numbers else (4, 0)

    @property
    def classes(self) -> list[str]:
        """The restriction classes, whose names are parameters and can stand as restrictions."""
        lists = [s.value for s in self.settings if s.name == "smtpd_restriction_classes"]
        lists = [self.expand(text) for text in lists]
        return " ".join(lists).replace(",", " ").split()

    def _restriction_lists(self) -> frozenset[str]:
        """Return the names of lists of restrictions, with those that they refer to."""
        found: set[str] = set()
        more = set(self.classes)
        more |= {s.name for s in self.settings if RESTRICTION_LISTS.fullmatch(s.name)}
        while more - found:
            found |= more
            for setting in self.settings:
                if setting.name in found:
                    more.update(_whole_references(setting))
        return frozenset(found)


def _whole_references(setting: Setting) -> Iterator[str]:
    """Yield the names whose values stand as restrictions in a list, and not behind one."""
    before = ""
    for word, _offset in setting.words():
        match = REFERENCE.fullmatch(word)
        if match and not TAKES_A_WORD.fullmatch(before.lower()):
            yield match[1] or match[2] or match[3]
        before = word
