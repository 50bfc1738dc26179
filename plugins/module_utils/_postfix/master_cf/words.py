# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of master.cf, written so that master(8) reads them as they are meant."""

from __future__ import annotations

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    LogicalLine,
    decode,
    encode,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    ASSIGNMENT,
    Entry,
    parse_entry,
    tokens,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import ParameterValue


def render_option(name: str, value: str) -> str:
    """Return ``-o name=value``, with braces where the value needs them.

    :raises ConfigError: the value holds a brace without its other.
    """
    plain = not value.startswith("{") and not any(char in value for char in " \t\r\n")
    word = f"{name}={value}" if plain else f"{{ {name} = {value} }}"
    match = ASSIGNMENT.fullmatch(_as_read(word))
    if not match or (match["name"], match["value"]) != (encode(name), encode(value)):
        raise ConfigError(f"-o {name}: {value!r} has a brace without its other", instead="close it")
    return f"-o {word}"


def render_word(text: str) -> str:
    """Return an argument as one word, with braces where it needs them.

    :raises ConfigError: it holds a brace without its other.
    """
    plain = text and text[0] not in "{#" and not any(char in text for char in " \t\r\n")
    word = text if plain else f"{{ {text} }}"
    if _as_read(word) != encode(text):
        raise ConfigError(f"{text!r} has a brace without its other", instead="close it")
    return word


def _as_read(word: str) -> bytes:
    """Return what master reads of a word that another one follows."""
    first, *rest = tokens(encode(word + " x"), braces=True)
    return first.meaning if [token.text for token in rest] == [b"x"] else b""


def read_words(words: list[str]) -> Entry:
    """Return an entry of these words after the command; raises as ``render_word`` does."""
    line = encode(" ".join(["x unix - - - - - x", *map(render_word, words)]))
    return parse_entry(LogicalLine(1, [line], line))


def option_text(value: ParameterValue) -> str:
    """Return a value of an option as text; a list without spaces where it can be."""
    if value.is_list and not any(b" " in element for element in value.parts):
        return decode(b",".join(value.parts))
    return decode(value.text)
