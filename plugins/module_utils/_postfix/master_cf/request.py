# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a service of master.cf: from an Ansible dictionary to words of master.cf."""

from __future__ import annotations

from collections.abc import ItemsView
from dataclasses import dataclass, field
from typing import Any, Callable

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
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterValue,
    scalar_text,
    text_value,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import hint

STATES = ("present", "absent", "commented")
OPTIONS_MODES = ("merge", "exact")
KEYS = ("state", *COLUMNS, "options", "options_mode", "args", "attributes")
FLAG_COLUMNS = ("private", "unpriv", "chroot")


@dataclass
class ServiceRequest:
    """What is asked of a service; what is not in here is left as it is.

    A value None takes an option or an attribute away; ``words`` are all words after the command
    that spell no option.
    """

    key: str
    state: str = "present"
    columns: dict[str, str] = field(default_factory=dict)
    options: dict[str, ParameterValue | None] = field(default_factory=dict)
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
    read = _Reader(key, asked)
    state, options_mode = read.choice("state", STATES), read.choice("options_mode", OPTIONS_MODES)
    if state == "present":
        read.refuse(name_problem(name, kind))
    return ServiceRequest(
        key,
        state,
        columns=read.columns(kind),
        options={name: read.option(name, value) for name, value in read.mapping("options")},
        options_mode=options_mode,
        attributes=read.attributes(),
        words=read.arguments(),
    )


class _Reader:
    """Reads what is asked of one service, whose errors all name it."""

    def __init__(self, key: str, asked: Any) -> None:
        self.key = key
        if not isinstance(asked, dict):
            kind = type(asked).__name__
            raise self.error(f"{asked!r} is a {kind}", "write a mapping, or null")
        self.asked = {name: value for name, value in asked.items() if value is not None}
        for name in asked:
            self.refuse_unknown("key", name, KEYS)

    def error(self, found: str, instead: str = "") -> ConfigError:
        """Return an error that names the service."""
        return ConfigError(f"{self.key}: {found}", instead=instead)

    def refuse(self, problem: Problem | None) -> None:
        """Raise what is wrong, where anything is."""
        if problem:
            raise self.error(problem.message, f"write {problem.instead}")

    def refuse_unknown(self, what: str, found: Any, known: tuple[str, ...]) -> None:
        """Raise an error for a word that is none of those known."""
        if found not in known:
            raise self.error(f"there is no {what} {found!r}", hint(found, known))

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Return one of some words, of which the first is the default."""
        found = self.asked.get(name) or choices[0]
        self.refuse_unknown(name, found, choices)
        return found

    def mapping(self, name: str) -> ItemsView[str, Any]:
        """Return the items of a mapping."""
        found = self.asked.get(name, {})
        if not isinstance(found, dict):
            kind = type(found).__name__
            raise self.error(f"{name} is a {kind}", "write a mapping such as `name: value`")
        return found.items()

    def text(self, what: str, value: Any) -> str:
        """Return a scalar as text on one line, without white space that means nothing."""
        text = scalar_text(value)
        if text is None:
            kind = type(value).__name__
            raise self.error(f"{what} is a {kind}", "write a string, a number or a boolean")
        self.refuse_nul(what, text)
        return " ".join(text.split())

    def refuse_nul(self, what: str, text: str) -> None:
        """Raise an error for a NUL byte."""
        if "\0" in text:
            raise self.error(f"{what} holds a NUL byte", "take it out")

    def refuse_name(self, name: str, what: str) -> None:
        """Raise an error for a name that cannot stand before an equals sign."""
        if not name or any(char.isspace() or char in "={}\0" for char in name):
            raise self.error(f"{name!r} is no name of {what}")

    def columns(self, kind: str) -> dict[str, str]:
        """Return the columns asked for, of a service of this type."""
        found = {}
        for column in COLUMNS:
            if column in self.asked:
                found[column] = text = self._column(column)
                self.refuse(column_problem(kind, column, text))
        return found

    def _column(self, column: str) -> str:
        text = self.text(column, self.asked[column])
        if column in FLAG_COLUMNS:
            text = {"yes": "y", "no": "n"}.get(text, text)
        if " " in text:
            raise self.error(f"{column} is {text!r}", "write one word, and others under args")
        return text

    def option(self, name: str, value: Any) -> ParameterValue | None:
        """Return the value of an option -o; None takes it away."""
        self.refuse_name(name, "a parameter for -o")
        if value is None:
            return None
        if isinstance(value, list):
            texts = (encode(self.text(name, element)) for element in value)
            found = ParameterValue(tuple(text for text in texts if text), is_list=True)
        else:
            # Spaces within a line may be meant, as in a banner.
            lines = value.splitlines() if isinstance(value, str) else [self.text(name, value)]
            text = " ".join(line.strip() for line in lines if line.strip())
            found = text_value(encode(text))
        self.refuse_nul(name, str(value))
        self.rendered(render_option, name, option_text(found))
        return found

    def arguments(self) -> list[str] | None:
        """Return the words asked for, options aside; None where they are left as they are."""
        asked = self.asked.get("args")
        if asked is None:
            return None
        if isinstance(asked, list):
            found = [self.text("args", word) for word in asked]
        else:
            found = cut(self.text("args", asked))
        for word in found:
            self.rendered(render_word, word)
        if read_words(found).options:
            raise self.error("args hold an option -o", "write it under options")
        return found

    def attributes(self) -> dict[str, list[str] | None]:
        """Return the words of each attribute of pipe(8) or spawn(8) that is asked for."""
        found = self.mapping("attributes")
        if found and "args" in self.asked:
            raise self.error("args and attributes are two ways to say the same", "write one")
        return {name.lower(): self._attribute(name.lower(), value) for name, value in found}

    def _attribute(self, name: str, value: Any) -> list[str] | None:
        self.refuse_name(name, "an attribute")
        if value is None:
            return None
        if isinstance(value, list):
            found = [self.text(name, word) for word in value]
        else:
            text = self.text(name, value)
            found = cut(text) if name == "argv" else [text]
        if name == "argv" and not found:
            raise self.error("argv is empty", "write the command")
        if name != "argv" and len(found) != 1:
            raise self.error(f"{name} is a list; only argv can be one")
        found[0] = f"{name}={found[0]}"
        for word in found:
            self.rendered(render_word, word)
        return found

    def rendered(self, render: Callable[..., str], *texts: str) -> None:
        """Raise an error for what cannot be rendered."""
        try:
            render(*texts)
        except ConfigError as error:
            raise self.error(error.found, error.instead) from None


def cut(text: str) -> list[str]:
    """Return the words of a text as master(8) cuts arguments."""
    return [decode(token.meaning) for token in tokens(encode(text), braces=True)]
