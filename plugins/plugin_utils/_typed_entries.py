# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a mapping, validated against types that are data of a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._schema import (
    Reader,
    list_of,
    matching,
    number,
    one_of,
    read_attributes,
    truth,
)

HIGHEST = 2**31 - 1


def typed_entries(
    given: Any, name: str, types: Mapping[str, Any], place: str
) -> list[dict[str, Any]]:
    """Return the entries of a mapping that are not null, with their keys and their defaults.

    ``types`` are those of the filter dict_entries. Raises ConfigError.
    """
    what = types["key"]
    if not isinstance(given, Mapping):
        raise ConfigError(f"found {given!r}", place, instead=f"write a mapping of {what['plural']}")
    attributes = {each: type_ for each, type_ in types.items() if each != "key"}
    readers = {each: reader(type_) for each, type_ in attributes.items()}
    defaults = {each: type_["default"] for each, type_ in attributes.items() if "default" in type_}
    entries = []
    for key, entry in given.items():
        if entry is None:
            continue
        try:
            reader(what)(key)
        except ValueError as error:
            raise ConfigError(
                f"is no {what['singular']}", f"{place}.{key}", instead=str(error)
            ) from None
        read = {**defaults, **read_attributes(entry, readers, f"{place}.{key}")}
        entries.append({name: key, **{each: read[each] for each in attributes if each in read}})
    return entries


def reader(type_: Mapping[str, Any]) -> Reader:
    """Return the reader of values of a type."""
    read = _reader(type_)
    if "or" not in type_:
        return read
    return lambda value: value if value == type_["or"] else read(value)


def _reader(type_: Mapping[str, Any]) -> Reader:
    instead = type_.get("instead", "")
    if "refused" in type_:
        return _refusing(type_["refused"])
    if "choices" in type_:
        return one_of(*type_["choices"])
    kind = type_.get("type", "str")
    if kind == "bool":
        return truth
    if kind == "int":
        lowest, highest = type_.get("min", 0), type_.get("max", HIGHEST)
        return number(lowest, highest, instead or f"write a number from {lowest} to {highest}")
    if kind == "list":
        return _list(type_, instead)
    if kind == "dict":
        return _mapping(type_, instead)
    return matching(type_.get("pattern", r"(?s).*"), instead)


def _refusing(sentence: str) -> Reader:
    def read(value: Any) -> Any:
        raise ValueError(sentence)

    return read


def _list(type_: Mapping[str, Any], instead: str) -> Reader:
    read = list_of(reader(type_["elements"]), instead, type_.get("length"))

    def bounded(value: Any) -> list[Any]:
        found = read(value)
        if len(found) > type_.get("max", HIGHEST):
            raise ValueError(type_["too_many"])
        return found

    return bounded


def _mapping(type_: Mapping[str, Any], instead: str) -> Reader:
    """Return the reader of a mapping; a value that is None is one that is not there."""
    key, element = reader(type_["keys"]), reader(type_["elements"])

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(instead)
        return {key(name): element(each) for name, each in value.items() if each is not None}

    return read
