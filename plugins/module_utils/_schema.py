# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of things that are data: what each may say, read one by one, with errors in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._suggest import hint

Reader = Callable[[Any], Any]
"""Returns a value as it is used, or raises ValueError with what is to be written instead."""


def matching(pattern: str, instead: str) -> Reader:
    """Return the reader of text that a pattern matches whole."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(instead)
        return value

    return read


def number(lowest: int, highest: int, instead: str) -> Reader:
    """Return the reader of whole numbers in a range."""

    def read(value: Any) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(instead)
        return value

    return read


def one_of(*words: str) -> Reader:
    """Return the reader of one word among those given."""
    return matching("|".join(map(re.escape, words)), f"write one of {', '.join(words)}")


def list_of(item: Reader, instead: str, length: int | None = None) -> Reader:
    """Return the reader of a list, of one length where that is given."""

    def read(value: Any) -> list[Any]:
        if not isinstance(value, (list, tuple)) or (length and len(value) != length):
            raise ValueError(instead)
        return [item(each) for each in value]

    return read


def truth(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError("write true or false")
    return value


def read_attributes(given: Any, readers: Mapping[str, Reader], place: str) -> dict[str, Any]:
    """Return the attributes given, read, in the order of their readers.

    ``place`` names them in errors. An attribute that is None is one that is not given. Raises
    ConfigError.
    """
    if not isinstance(given, Mapping):
        raise ConfigError(f"found {given!r}", place, instead="write a mapping of attributes")
    for name in given:
        if name not in readers:
            raise ConfigError(f"{name} is no attribute here", place, instead=hint(name, readers))
    attributes = {}
    for name, reader in readers.items():
        if given.get(name) is not None:
            try:
                attributes[name] = reader(given[name])
            except ValueError as error:
                raise ConfigError(
                    f"found {given[name]!r}", inside(place, name), instead=str(error)
                ) from None
    return attributes


def inside(place: str, name: Any) -> str:
    """Return the place of a name in a place; what is outermost has an empty one."""
    return f"{place}.{name}" if place else str(name)
