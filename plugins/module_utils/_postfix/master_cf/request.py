# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a service of master.cf: from an Ansible dictionary to words of master.cf."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Union

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode, encode
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import (
    column_problem,
    name_problem,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    COLUMNS,
    Problem,
    tokens,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.words import (
    option_text,
    read_words,
    render_option,
    render_word,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import hint

STATES = ("present", "absent", "commented")
OPTIONS_MODES = ("merge", "exact")
KEYS = ("state", *COLUMNS, "options", "options_mode", "args", "attributes")
FLAG_COLUMNS = ("private", "unpriv", "chroot")


Value = Union[str, list[str], None]
"""What is asked for a parameter; None takes the option away."""


@dataclass
class ServiceRequest:
    """What is asked of a service; what is not in here is left as it is.

    A value None takes an option or an attribute away; ``words`` are all words after the command
    that spell no option.
    """

    key: str
    state: str = "present"
    columns: dict[str, str] = field(default_factory=dict)
    options: dict[str, Value] = field(default_factory=dict)
    options_mode: str = "merge"
    words: list[str] | None = None
    attributes: dict[str, list[str] | None] = field(default_factory=dict)


def requested_service(key: str, asked: Any) -> ServiceRequest:
    """Return what is asked of a service.

    :arg key: name and type, as ``postconf -M`` spells them: ``smtp/inet``.
    :arg asked: the dictionary; None takes the service away.
    :raises ConfigError: something in it is unknown, of the wrong type, or nothing master takes.
    """
    name, _slash, kind = key.rpartition("/")
    if not name or any(char.isspace() or char in "#\0" for char in key):
        raise ConfigError(f"{key!r} is no service: write name/type, such as smtp/inet")
    if asked is None:
        return ServiceRequest(key, "absent")
    if not isinstance(asked, dict):
        raise ConfigError(
            f"{key}: {asked!r} is a {type(asked).__name__}", instead="write a mapping, or null"
        )
    for found in asked:
        _known(key, "key", found, KEYS)
    service = ServiceRequest(key, asked.get("state") or "present")
    service.options_mode = asked.get("options_mode") or "merge"
    _known(key, "state", service.state, STATES)
    _known(key, "options_mode", service.options_mode, OPTIONS_MODES)
    if service.state == "present":
        _refuse(key, name_problem(name, kind))
    for column in COLUMNS:
        if asked.get(column) is not None:
            service.columns[column] = _column(key, column, asked[column])
    for name, value in _mapping(key, "options", asked).items():
        service.options[name] = _option(key, name, value)
    attributes = _mapping(key, "attributes", asked)
    if attributes and asked.get("args") is not None:
        raise ConfigError(
            f"{key}: args and attributes are two ways to say the same", instead="write one"
        )
    for name, value in attributes.items():
        service.attributes[name.lower()] = _attribute(key, name.lower(), value)
    if asked.get("args") is not None:
        service.words = _arguments(key, asked["args"])
    return service


def _known(key: str, what: str, found: Any, known: tuple[str, ...]) -> None:
    if found not in known:
        raise ConfigError(f"{key}: there is no {what} {found!r}", instead=hint(found, known))


def _refuse(key: str, problem: Problem | None) -> None:
    if problem:
        raise ConfigError(f"{key}: {problem.message}", instead=f"write {problem.instead}")


def _mapping(key: str, what: str, asked: dict[str, Any]) -> dict[str, Any]:
    found = asked.get(what)
    if not isinstance(found, (dict, type(None))):
        kind = type(found).__name__
        raise ConfigError(
            f"{key}: {what} is a {kind}", instead="write a mapping such as `name: value`"
        )
    return found or {}


def _scalar(key: str, what: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (str, int, float)):
        kind = type(value).__name__
        raise ConfigError(
            f"{key}: {what} is a {kind}", instead="write a string, a number or a boolean"
        )
    text = " ".join(str(value).split())
    if "\0" in text:
        raise ConfigError(f"{key}: {what} holds a NUL byte", instead="take it out")
    return text


def _column(key: str, column: str, value: Any) -> str:
    text = _scalar(key, column, value)
    if column in FLAG_COLUMNS:
        text = {"yes": "y", "no": "n"}.get(text, text)
    if " " in text:
        raise ConfigError(
            f"{key}: {column} is {text!r}", instead="write one word, and others under args"
        )
    _refuse(key, column_problem(key.rpartition("/")[2], column, text))
    return text


def _option(key: str, name: str, value: Any) -> Value:
    if not name or any(char.isspace() or char in "={}\0" for char in name):
        raise ConfigError(f"{key}: {name!r} is no name of a parameter for -o")
    if value is None:
        return None
    if isinstance(value, list):
        found: str | list[str] = [
            text for text in (_scalar(key, name, one) for one in value) if text
        ]
    else:
        # Spaces within a line may be meant, as in a banner.
        lines = value.splitlines() if isinstance(value, str) else [_scalar(key, name, value)]
        found = " ".join(line.strip() for line in lines if line.strip())
    if "\0" in str(value):
        raise ConfigError(f"{key}: {name} holds a NUL byte", instead="take it out")
    _renders(key, render_option, name, option_text(found))
    return found


def _renders(key: str, render: Any, *texts: str) -> None:
    try:
        render(*texts)
    except ConfigError as error:
        raise ConfigError(f"{key}: {error.found}", instead=error.instead) from None


def _arguments(key: str, asked: Any) -> list[str]:
    found = [_scalar(key, "args", word) for word in asked] if isinstance(asked, list) else None
    found = cut(_scalar(key, "args", asked)) if found is None else found
    for word in found:
        _renders(key, render_word, word)
    if read_words(found).options:
        raise ConfigError(f"{key}: args hold an option -o", instead="write it under options")
    return found


def _attribute(key: str, name: str, value: Any) -> list[str] | None:
    """Return the words of an attribute of pipe(8) or spawn(8)."""
    if not name or any(char.isspace() or char in "={}\0" for char in name):
        raise ConfigError(f"{key}: {name!r} is no name of an attribute")
    if value is None:
        return None
    if isinstance(value, list):
        found = [_scalar(key, name, word) for word in value]
    elif name == "argv":
        found = cut(_scalar(key, name, value))
    else:
        found = [_scalar(key, name, value)]
    if name == "argv" and not found:
        raise ConfigError(f"{key}: argv is empty", instead="write the command")
    if name != "argv" and len(found) != 1:
        raise ConfigError(f"{key}: {name} is a list; only argv can be one")
    found[0] = f"{name}={found[0]}"
    for word in found:
        _renders(key, render_word, word)
    return found


def cut(text: str) -> list[str]:
    """Return the words of a text as master(8) cuts arguments."""
    return [decode(token.meaning) for token in tokens(encode(text), braces=True)]
