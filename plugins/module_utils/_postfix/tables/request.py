# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the entries of a lookup table: from an Ansible value to keys and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import (
    Postmap,
    not_utf8,
    shown,
)


@dataclass(frozen=True)
class EntryRequest:
    """An entry that is asked for; ``lines`` of its value, None for one that is not to be."""

    key: bytes
    lines: tuple[bytes, ...] | None

    @property
    def value_lines(self) -> tuple[bytes, ...]:
        """The lines of the value; none for an entry that is not to be."""
        return self.lines or ()

    @property
    def value(self) -> bytes:
        """The value on one line."""
        return b" ".join(self.value_lines)


def requested_entries(asked: Any, syntax: Postmap) -> list[EntryRequest]:
    """Return the entries that are asked for.

    :arg asked: a mapping of keys to values, or a list of mappings of one key, and of strings that
        are lines without a value (``endif``). A value is a string, an integer, a list of these,
        which commas join, or None.
    :raises ConfigError: it is something else, or Postfix would read an entry otherwise.
    """
    wanted = [_wanted(key, value, syntax) for key, value in _pairs(asked, syntax)]
    if not syntax.ordered:
        seen: dict[bytes, EntryRequest] = {}
        for entry in wanted:
            other = seen.setdefault(syntax.fold(entry.key), entry)
            if other is not entry:
                raise ConfigError(
                    f"entries: {shown(other.key)} and {shown(entry.key)} are one key, since upper "
                    "and lower case are one",
                    instead="take one out",
                )
    return wanted


def _pairs(asked: Any, syntax: Postmap) -> list[tuple[Any, Any]]:
    if isinstance(asked, dict):
        return list(asked.items())
    if not isinstance(asked, list):
        raise ConfigError(f"entries: {asked!r} is neither a mapping nor a list")
    pairs: list[tuple[Any, Any]] = []
    for item in asked:
        if isinstance(item, dict) and len(item) == 1:
            pairs += item.items()
        elif isinstance(item, str) and syntax.ordered:
            pairs.append((item.strip(), ""))
        else:
            lines = ", or a line such as endif" if syntax.ordered else ""
            raise ConfigError(
                f"entries: write a mapping of one key to its value{lines}, not {item!r}"
            )
    return pairs


def _wanted(key: Any, value: Any, syntax: Postmap) -> EntryRequest:
    if not isinstance(key, (str, int)) or isinstance(key, bool):
        raise ConfigError(f"entries: {key!r} is no key", instead="write a string, in quotes")
    name = syntax.unquoted(str(key).encode("utf-8", "surrogateescape"))
    lines = None if value is None else _lines(name, value)
    entry = EntryRequest(name, lines)
    _refuse_other_reading(entry, syntax)
    return entry


def _lines(key: bytes, value: Any) -> tuple[bytes, ...]:
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if isinstance(text, bool):
            raise ConfigError(
                f"entries: the value of {shown(key)} is the boolean {text}",
                instead="put the word in quotes",
            )
        if not isinstance(text, (str, int)):
            raise ConfigError(
                f"entries: the value of {shown(key)} is a {type(text).__name__}",
                instead="write a string, an integer, a list of these, or null",
            )
    text = ", ".join(str(text).strip() for text in texts)
    lines = [line.strip().encode("utf-8", "surrogateescape") for line in text.split("\n")]
    return tuple(line for line in lines if line) or (b"",)


def _refuse_other_reading(entry: EntryRequest, syntax: Postmap) -> None:
    """Raise ConfigError where Postfix would not read the entry that is asked for."""
    text = entry.key + entry.value
    if b"\0" in text:
        raise ConfigError(f"entries: {shown(entry.key)} holds a NUL byte", instead="take it out")
    if syntax.utf8 and not_utf8(text) is not None:
        raise ConfigError(f"entries: {shown(entry.key)} is not UTF-8", instead="write it as UTF-8")
    if entry.key[:1] in (b"#", b"") or b"\n" in entry.key or entry.key != entry.key.strip():
        raise ConfigError(
            f"entries: {shown(entry.key)} is no key: it is empty, a comment, of several lines, or "
            "starts or ends with white space"
        )
    if any(line.startswith(b"#") for line in entry.value_lines[1:]):
        raise ConfigError(
            f"entries: a line of the value of {shown(entry.key)} starts with #, which makes it a "
            "comment",
            instead="take it out",
        )
    value = b"x" if entry.lines is None else entry.value
    try:
        found = syntax.part(syntax.render(entry.key, value))
    except ConfigError as error:
        raise ConfigError(
            f"entries: {shown(entry.key)}: {error.found}", instead=error.instead
        ) from None
    doubt = syntax.doubt(entry.key)
    if doubt:
        raise ConfigError(f"entries: {doubt.found}", instead=doubt.instead)
    if (found.key, found.value) != (entry.key, value) and entry.lines is not None:
        raise ConfigError(
            f"entries: Postfix would take {shown(found.key)} for the key and "
            f"{shown(found.value)} for the value of {shown(syntax.render(entry.key, value))}",
            instead=f"write {syntax.form}, with white space in a key in double quotes",
        )
