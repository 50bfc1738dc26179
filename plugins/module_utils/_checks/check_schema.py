# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks as data: read on the controller and again on the machine, with every slip in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.step_schema import (
    COMMON,
    KINDS,
    TEXT,
)
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._schema import (
    inside,
    list_of,
    matching,
    read_attributes,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import hint

NAME = matching("[a-z][a-z0-9_]*", "write small letters, digits and _")
NAMES = list_of(NAME, "write a list of names")


def as_is(value: Any) -> Any:
    """Read a value whose parts are read later."""
    return value


def read_checks(given: list[Any]) -> list[dict[str, Any]]:
    """Return checks that are data, read. Raises ConfigError, whose path is like checks.2.title."""
    checks: list[dict[str, Any]] = []
    for number, each in enumerate(given):
        place = f"checks.{number}"
        readers = {
            "name": NAME,
            "title": as_is,
            "needs": NAMES,
            "steps": list_of(as_is, "write a list"),
        }
        check = known_attributes(each, readers, place, needs=("name", "title", "steps"))
        earlier = [check["name"] for check in checks]
        refuse_twice(check["name"], earlier, f"{place}.name")
        for name in check.setdefault("needs", []):
            if name not in earlier:
                meant = suggestion(name, earlier)
                raise ConfigError(f"no check before this one is {name}{meant}", f"{place}.needs")
        check["title"] = in_both_languages(check["title"], f"{place}.title")
        check["steps"] = each_of(check["steps"], f"{place}.steps", _step)
        checks.append(check)
    return checks


def _step(given: Any, place: str) -> dict[str, Any]:
    """Read a step, which has one kind. Templates in it are not filled in yet, and so are texts."""
    if not isinstance(given, Mapping) or len(given) != 1:
        raise ConfigError(
            f"found {given!r}", place, instead="write one kind of step with its attributes"
        )
    ((kind, attributes),) = given.items()
    if kind not in KINDS:
        raise ConfigError(f"{kind} is no kind of step{suggestion(kind, list(KINDS))}", place)
    readers = {
        name: _unless_template(reader) for name, reader in {**KINDS[kind].readers, **COMMON}.items()
    }
    return {
        kind: known_attributes(
            attributes if attributes is not None else {},
            readers,
            f"{place}.{kind}",
            needs=KINDS[kind].needs,
        )
    }


def _unless_template(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        return value if isinstance(value, str) and "{{" in value else reader(value)

    return read


def in_both_languages(given: Any, place: str) -> dict[str, str]:
    """Read a text in French and English."""
    return known_attributes(given, {"fr": TEXT, "en": TEXT}, place, needs=("fr", "en"))


def each_of(given: list[Any], place: str, read: Callable[[Any, str], Any]) -> list[Any]:
    """Read each of a list, by its place."""
    return [read(each, f"{place}.{number}") for number, each in enumerate(given)]


def known_attributes(
    given: Any, readers: Mapping[str, Any], place: str, needs: tuple[str, ...]
) -> dict[str, Any]:
    """Read a mapping whose keys have readers, and say of another which was meant."""
    for name in given if isinstance(given, Mapping) else ():
        if name not in readers:
            meant = suggestion(str(name), list(readers))
            raise ConfigError(f"{name} is no key here{meant}", inside(place, name))
    read = read_attributes(given, readers, place)
    for name in needs:
        if name not in read:
            raise ConfigError(f"{name} is missing", place, instead="write it")
    return read


def refuse_twice(name: str, earlier: list[str], place: str) -> None:
    """Raise ConfigError where a name is there already."""
    if name in earlier:
        raise ConfigError(f"{name} is there twice", place, instead="give each a name of its own")


def suggestion(name: str, names: list[str]) -> str:
    """Return the end of a sentence about a name that is none: which was meant."""
    return f"; {hint(name, names)}" if names else ""
