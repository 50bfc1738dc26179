# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This machine, as the checks of a Postfix configuration ask it: files, users, tables, Postfix."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
from collections.abc import Collection, Mapping

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.reading import read_file
from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import Postfix
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import split
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Examined,
    System,
    TableFile,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.parser import parse_entry
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.host import this_machine
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import fold
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.content import TableContent
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.index import holds_files
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import (
    table_type,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.verifier import (
    TableVerifier,
    table_spec,
)


def this_system(
    main: bytes,
    postfix: Postfix | None,
    folder: str,
    defaults: Mapping[str, str],
    types: Collection[str],
) -> System:
    """Return what the checks ask of the machine that this runs on.

    :arg main: the main.cf of the instance.
    :arg postfix: the installed Postfix; None where there is none.
    :arg folder: a directory for this user alone.
    :arg defaults: what ``postconf -dx`` prints; empty without a Postfix.
    :arg types: what ``postconf -m`` prints; empty without a Postfix.
    """
    values = {**defaults, **values_of(main)}
    return System(
        read=read_file,
        exists=os.path.exists,
        has_user=has_user,
        has_group=has_group,
        machine=this_machine(values),
        examine=lambda file, data: examine(file, data, values, postfix, folder),
        defaults=defaults,
        types=types,
    )


def values_of(main: bytes) -> dict[str, str]:
    """Return what a main.cf sets, as far as its lines can be read."""
    values = {}
    for source in split(main):
        if source.text:
            with contextlib.suppress(ConfigError):
                entry = parse_entry(source)
                values[entry.name] = fold(entry.value).decode("utf-8", "surrogateescape")
    return values


def has_user(name: str) -> bool:
    """Tell whether there is an account of this name."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def has_group(name: str) -> bool:
    """Tell whether there is a group of this name."""
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def examine(
    file: TableFile,
    data: bytes,
    settings: Mapping[str, str],
    postfix: Postfix | None,
    folder: str,
) -> Examined:
    """Look at a table and its index, and change neither.

    :raises ConfigError: Postfix cannot read the table.
    """
    spec = table_spec(file.path, table_type(file.type), file.format, settings, postfix)
    index = spec.index
    if index and file.format == "postmap" and os.path.isfile(index) and holds_files(index):
        spec = table_spec(file.path, spec.type, "postmap_files", settings, postfix)
    content = TableContent(file.path, data, spec.syntax, spec.type)
    source = os.stat(file.path) if spec.index else None
    report = TableVerifier(spec, postfix, folder).verify(content, None, source)
    return Examined(report.warnings, report.reason, report.refusal)
