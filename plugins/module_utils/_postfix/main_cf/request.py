# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a parameter of main.cf: from Ansible's data to its value."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import encode
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterValue,
    elements,
    scalar_text,
    text_value,
)

NAME = re.compile(rb"[^\s=#][^\s=]*")


def requested_value(name: str, asked: Any) -> ParameterValue | None:
    """Return what is asked for a parameter; None takes it out of the file.

    :arg asked: a scalar, a list of scalars, or None. Booleans become ``yes`` and ``no``.
    :raises ConfigError: the name or the value cannot stand in main.cf.
    """
    if not NAME.fullmatch(encode(name)) or "\0" in name:
        raise ConfigError(
            f"{name!r} is no name of a parameter: it holds white space, '=' or '#', or nothing"
        )
    if asked is None:
        return None
    if isinstance(asked, (list, tuple)):
        parts = (_element(name, element) for element in asked)
        return ParameterValue(tuple(part for part in parts if part), is_list=True)
    return _scalar(name, asked)


def _scalar(name: str, asked: Any) -> ParameterValue:
    text = scalar_text(asked)
    if text is None:
        raise ConfigError(
            f"{name}: {asked!r} is a {type(asked).__name__}",
            instead="write a string, a number, a boolean, a list of these, or null",
        )
    value = text_value(encode(text))
    if "\0" in text:
        raise ConfigError(f"{name}: a value cannot hold a NUL byte", instead="take it out")
    for line in value.parts[1:]:
        if line.startswith(b"#"):
            raise ConfigError(
                f"{name}: the line {line.decode('utf-8', 'replace')!r} of the value would be a "
                "comment in main.cf",
                instead="take it out, or write it on the line before",
            )
    return value


def _element(name: str, asked: Any) -> bytes:
    element = _scalar(name, asked).on_one_line().text
    shown = element.decode("utf-8", "surrogateescape")
    if elements(element + b", x")[-1] != b"x":
        raise ConfigError(f"{name}: {shown!r} has a brace without its other", instead="close it")
    if element.startswith(b"#"):
        raise ConfigError(f"{name}: {shown!r} would be a comment in main.cf", instead="take it out")
    return element
