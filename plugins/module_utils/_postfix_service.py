# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a service of master.cf: from an Ansible dictionary to words of master.cf."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix_master import (
    COLUMNS,
    decode,
    encode,
    render_option,
    tokens,
    unbraced,
)

STATES = ("present", "absent", "commented")
OPTIONS_MODES = ("merge", "exact")
KEYS = ("state", *COLUMNS, "options", "options_mode", "args", "attributes")
FLAG_COLUMNS = ("private", "unpriv", "chroot")


@dataclass
class Service:
    """What is asked; None stands for what is left as it is."""

    key: str
    state: str = "present"
    columns: dict[str, str] = field(default_factory=dict)
    options: dict[str, str | None] = field(default_factory=dict)
    options_mode: str = "merge"
    arguments: list[str] | None = None


def wanted_service(key: str, asked: Any) -> Service:
    """Return what is asked of a service.

    :arg key: name and type, as ``postconf -M`` spells them: ``smtp/inet``.
    :arg asked: the dictionary; None takes the service away.
    :raises ConfigError: something in it is unknown or of the wrong type.
    """
    name, _slash, kind = key.rpartition("/")
    if not name or not kind or any(char.isspace() or char == "#" for char in key):
        raise ConfigError(f"{key!r} is no service: write name/type, such as smtp/inet")
    if asked is None:
        return Service(key, "absent")
    if not isinstance(asked, dict):
        raise ConfigError(f"{key}: {asked!r} is a {type(asked).__name__}; write a mapping, or null")
    for found in asked:
        _known(key, "key", found, KEYS)
    service = Service(key, asked.get("state", "present"), {}, {}, asked.get("options_mode", "merge"))
    _known(key, "state", service.state, STATES)
    _known(key, "options_mode", service.options_mode, OPTIONS_MODES)
    for column in COLUMNS:
        if asked.get(column) is not None:
            service.columns[column] = _column(key, column, asked[column])
    options = asked.get("options") or {}
    if not isinstance(options, dict):
        raise ConfigError(f"{key}: options is a {type(options).__name__}; write a mapping")
    service.options = {name: _option(key, name, value) for name, value in options.items()}
    service.arguments = _arguments(key, asked)
    return service


def _known(key: str, what: str, found: str, known: tuple[str, ...]) -> None:
    if found not in known:
        near = difflib.get_close_matches(str(found), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ConfigError(f"{key}: there is no {what} {found!r}; {hint}")


def _scalar(key: str, what: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (str, int, float)):
        kind = type(value).__name__
        raise ConfigError(f"{key}: {what} is a {kind}; write a string, a number or a boolean")
    text = " ".join(str(value).split())
    if "\0" in text:
        raise ConfigError(f"{key}: {what} holds a NUL byte; take it out")
    return text


def _column(key: str, column: str, value: Any) -> str:
    text = _scalar(key, column, value)
    if column in FLAG_COLUMNS:
        text = {"yes": "y", "no": "n"}.get(text, text)
    if not text or " " in text:
        raise ConfigError(f"{key}: {column} is {text!r}; write one word, or - for the default")
    return text


def _option(key: str, name: str, value: Any) -> str | None:
    if not name or any(char.isspace() or char in "={}" for char in name):
        raise ConfigError(f"{key}: {name!r} is no name of a parameter for -o")
    if isinstance(value, list):
        value = ", ".join(_scalar(key, name, element) for element in value)
    return None if value is None else _checked(name, _scalar(key, name, value))


def _checked(name: str, value: str) -> str:
    render_option(name, value)
    return value


def _arguments(key: str, asked: dict[str, Any]) -> list[str] | None:
    """Return the words after the options, from args or from attributes."""
    args, attributes = asked.get("args"), asked.get("attributes")
    if args is not None and attributes is not None:
        raise ConfigError(f"{key}: args and attributes are two ways to say the same; write one")
    if attributes is not None:
        if not isinstance(attributes, dict):
            raise ConfigError(f"{key}: attributes is no mapping; write name: value")
        # What follows argv= is the command, so that it comes last (pipe(8), spawn(8)).
        names = sorted(attributes, key=lambda name: name == "argv")
        return [word for name in names for word in _attribute(key, name, attributes[name])]
    if isinstance(args, list):
        return [_scalar(key, "args", word) for word in args]
    return None if args is None else words(_scalar(key, "args", args))


def _attribute(key: str, name: str, value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        first, *rest = [_scalar(key, name, word) for word in value] or [""]
    else:
        first, *rest = words(_scalar(key, name, value)) or [""]
        if name != "argv":
            first, rest = " ".join([first, *rest]), []
    return [f"{name}={first}", *rest]


def words(text: str) -> list[str]:
    """Return the words of a text as master(8) cuts arguments."""
    return [decode(unbraced(token.text)) for token in tokens(encode(text), braces=True)]
