# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a service of master.cf is to be: what it is, with what is asked laid over it."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode, encode
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    COLUMNS,
    Entry,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.request import (
    ServiceRequest,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.words import (
    option_text,
    read_words,
    render_option,
    render_word,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterValue,
    text_value,
)


@dataclass
class Spec:
    """All that a service is to be; the fields are those of an ``Entry``."""

    columns: dict[str, str]
    options: dict[str, ParameterValue]
    flags: list[str]
    operands: list[str]


def blank(key: str) -> Spec:
    """Return what a service is of which nothing is said."""
    columns = dict.fromkeys(COLUMNS, "-")
    if key.endswith("/inet"):
        columns["private"] = "n"
    return Spec(columns, {}, [], [])


def spec_of(entry: Entry) -> Spec:
    """Return what an entry says."""
    flags, operands = (
        [decode(token.meaning) for token in words] for words in (entry.flags, entry.operands)
    )
    options = {name: text_value(encode(text)) for name, text in entry.option_values().items()}
    return Spec(entry.values(), options, flags, operands)


def lay_over(spec: Spec, service: ServiceRequest) -> Spec:
    """Return what a service becomes by what is asked of it."""
    kept = {} if service.options_mode == "exact" else spec.options
    options = {**kept, **service.options}
    if service.words is not None:
        asked = spec_of(read_words(service.words))
        spec = Spec(spec.columns, spec.options, asked.flags, asked.operands)
    return Spec(
        {**spec.columns, **service.columns},
        {name: value for name, value in options.items() if value is not None},
        spec.flags,
        _with_attributes(spec.operands, service),
    )


def _with_attributes(words: list[str], service: ServiceRequest) -> list[str]:
    """Return the arguments of pipe(8) or spawn(8) with the attributes asked for."""
    asked, rest = dict(service.attributes), list(words)
    if not asked:
        return rest
    found: list[str] = []
    while rest and not rest[0].lower().startswith("argv="):
        word = rest.pop(0)
        name = word.partition("=")[0].lower()
        found += (asked.pop(name) or []) if name in asked else [word]
    # What follows argv= is the command, so that it comes last.
    command = asked.pop("argv", rest) or []
    return [*found, *(word for value in asked.values() for word in value or []), *command]


def render(key: str, spec: Spec) -> list[bytes]:
    """Return the lines, without endings, of a new entry in the stock file's columns."""
    name, _slash, kind = key.rpartition("/")
    cells = [spec.columns[column].ljust(7) for column in COLUMNS[:-1]]
    command = [spec.columns["command"], *map(render_word, spec.flags)]
    lines = [f"{name:<9} {kind:<5} {' '.join([*cells, *command])}"]
    lines += [
        f"  {render_option(name, option_text(value))}" for name, value in spec.options.items()
    ]
    if spec.operands:
        lines.append("  " + " ".join(map(render_word, spec.operands)))
    return [encode(line) for line in lines]
