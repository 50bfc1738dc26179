# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's main.cf: read it without loss, and take what is asked of it as text.

Source: postconf(5); split_nameval() in src/util/split_nameval.c; dict_load_fp() in src/util/dict.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    LogicalLine,
    matched,
    refuse_nul,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    elements,
    fold,
    text_lines,
    text_of,
)

HEAD = re.compile(rb"[^\s=]*\s*=?\s*")
"""The name, the equals sign and the white space before the value, as far as they are there."""

NAME = re.compile(rb"[^\s=#][^\s=]*")

Value = Union[str, list[str], None]
"""What is asked for a parameter; None takes it out of the file."""


@dataclass
class Entry:
    """One ``name = value`` of the file, and the logical line that holds them."""

    name: str
    value: bytes
    source: LogicalLine


def wanted_value(name: str, value: Any) -> Value:
    """Return what is asked for one parameter as text: a string, or a list of them.

    :arg value: a scalar, a list of scalars, or None for a parameter that is not to be set.
        Booleans become ``yes`` and ``no``.
    :raises ConfigError: the name or the value cannot stand in main.cf.
    """
    if not NAME.fullmatch(text_of(name)) or "\0" in name:
        raise ConfigError(
            f"{name!r} is no name of a parameter: it holds white space, '=' or '#', or nothing"
        )
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return [text for text in (_element(name, element) for element in value) if text]
    return _scalar(name, value)


def _scalar(name: str, value: Any) -> str:
    """Return a value as text: lines without the white space around them, none of them blank."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (str, int, float)):
        raise ConfigError(
            f"{name}: {value!r} is a {type(value).__name__}",
            instead="write a string, a number, a boolean, a list of these, or null",
        )
    first, *rest = text_lines(text_of(str(value))) or [b""]
    text = b"\n".join([first, *rest]).decode("utf-8", "surrogateescape")
    if "\0" in text:
        raise ConfigError(f"{name}: a value cannot hold a NUL byte", instead="take it out")
    for line in rest:
        if line.startswith(b"#"):
            raise ConfigError(
                f"{name}: the line {line.decode('utf-8', 'replace')!r} of the value would be a "
                "comment in main.cf",
                instead="take it out, or write it on the line before",
            )
    return text


def _element(name: str, value: Any) -> str:
    text = _scalar(name, value).replace("\n", " ")
    if elements(text_of(text) + b", x")[-1] != b"x":
        raise ConfigError(f"{name}: {text!r} has a brace without its other", instead="close it")
    if text.startswith("#"):
        raise ConfigError(f"{name}: {text!r} would be a comment in main.cf", instead="take it out")
    return text


def parse(data: bytes, path: str | None = None) -> tuple[list[LogicalLine], list[Entry]]:
    """Return the logical lines of the file and the entries among them.

    :raises ConfigError: Postfix would stop at a line (no name, or no ``=``).
    """
    refuse_nul(data, path)
    sources = split(data)
    return sources, [parse_entry(source, path) for source in sources if source.text]


def parse_entry(source: LogicalLine, path: str | None = None) -> Entry:
    """Return the entry of a logical line. Raises ConfigError where it is none."""
    text = source.text
    head = matched(HEAD, text)
    name, equals, _blanks = head.partition(b"=")
    name = name.strip(SPACE)
    if not name or not equals:
        line, column = source.place(len(head) if name else 0)
        if line != source.number:
            # Postfix names the line on which it starts, however many follow.
            line, column = source.number, len(name) + 1
        found = fold(text)[:60].decode("utf-8", "backslashreplace")
        what = "an '=' must follow the name" if name else "a name must stand before the '='"
        raise ConfigError(
            f"{found!r} is no entry of main.cf: {what}",
            path,
            line,
            column,
            instead="write `name = value`",
        )
    return Entry(
        name.decode("utf-8", "surrogateescape"),
        text[len(head) :].rstrip(SPACE),
        source,
    )


def read(data: bytes, path: str | None = None) -> dict[str, str]:
    """Return what the file sets, as Postfix reads it; the last of several entries counts."""
    return {
        entry.name: fold(entry.value).decode("utf-8", "surrogateescape")
        for entry in parse(data, path)[1]
    }
