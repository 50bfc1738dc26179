# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look through a Postfix configuration as a whole: main.cf, master.cf, and the tables they name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Callable, TypeVar

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    LogicalLine,
    decode,
    matched,
    refuse_nul,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.domains import check_domains
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.indentation import (
    AT_THE_MARGIN,
    check_first_line,
    check_main_cf,
    check_master_cf,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    Setting,
    System,
    finding,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.relations import (
    check_relations,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.restrictions import (
    check_classes,
    check_guard,
    check_restrictions,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.services import (
    check_collisions,
    check_pipe_needs,
    check_reader,
    check_service,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.settings import check_setting
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.standard_services import (
    check_standard,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.tables import check_tables
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import parser as main_cf
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import (
    parser as master_cf,
)

Found = TypeVar("Found", main_cf.Entry, master_cf.Entry)


def lint(config_directory: str, system: System) -> list[Finding]:
    """Return what is wrong with the configuration of an instance, in the order of the files.

    :raises ConfigError: main.cf or master.cf is missing, or holds a NUL byte.
    """
    paths = [posixpath.join(config_directory, name) for name in ("main.cf", "master.cf")]
    texts = [_read(path, system) for path in paths]
    findings: list[Finding] = []
    sources = [split(text) for text in texts]
    parameters = _entries(sources[0], paths[0], main_cf.parse_entry, findings)
    services = _entries(sources[1], paths[1], master_cf.parse_entry, findings)
    settings = [_setting(entry, paths[0]) for entry in parameters]
    for entry in services:
        settings += _options(entry, paths[1])
    master = texts[1].decode("utf-8", "replace")
    context = Context(config_directory, settings, services, master, system)
    for lines, path in zip(sources, paths):
        findings += check_first_line(lines, path)
    names = {*system.defaults, *context.values}
    for source in sources[0]:
        findings += check_main_cf(source, paths[0], names if system.defaults else ())
    for source in sources[1]:
        findings += check_master_cf(source, paths[1])
    joined = {f.line for f in findings if f.path == paths[0] and f.instead == AT_THE_MARGIN}
    findings += _findings(context, paths[1], joined)
    findings += check_standard(context, sources[1], paths[1])
    order = {path: number for number, path in enumerate(paths)}
    return sorted(
        dict.fromkeys(findings),
        key=lambda f: (order.get(f.path, 2), f.path, f.line or 0, f.column or 0),
    )


def _findings(context: Context, master_path: str, joined: set[int | None]) -> Iterator[Finding]:
    """Yield what the checks find.

    :arg joined: lines of main.cf that became part of the parameter before, of whose value nothing
        else is of interest.
    """
    for entry in context.services:
        yield from check_service(entry, context, master_path)
    yield from check_collisions(context, master_path)
    yield from _repeated(context.settings)
    for setting in context.settings:
        if setting.service is None and joined.intersection(setting.line_numbers()):
            continue
        yield from check_setting(setting, context)
        if setting.service:
            yield from check_reader(setting, setting.service, context)
        yield from check_classes(setting, context)
        if setting.name in context.restriction_lists:
            yield from check_restrictions(setting, context)
            yield from check_guard(setting, context)
    yield from check_tables(context)
    yield from check_relations(context)
    yield from check_domains(context)
    for entry in context.services:
        yield from check_pipe_needs(entry, context, master_path)


def _read(path: str, system: System) -> bytes:
    data = system.read(path)
    if data is None:
        raise ConfigError(
            "there is no such file", path, instead="write the directory of an instance"
        )
    refuse_nul(data, path)
    return data


def _entries(
    sources: list[LogicalLine],
    path: str,
    parse: Callable[[LogicalLine, str], Found],
    findings: list[Finding],
) -> list[Found]:
    """Return the entries of a file; what is none becomes a finding, and the rest is read on."""
    found = []
    for source in sources:
        if source.text:
            try:
                found.append(parse(source, path))
            except ConfigError as error:
                findings.append(finding(error))
    return found


def _setting(entry: main_cf.Entry, path: str) -> Setting:
    start = len(matched(main_cf.HEAD, entry.source.text))
    return Setting(entry.name, decode(entry.value), path, entry.source, 0, start)


def _options(entry: master_cf.Entry, path: str) -> Iterator[Setting]:
    """Yield the options of a service that set something."""
    for option in entry.options:
        token = option.tokens[-1]
        before_name = matched(rb"(?:-o)?[{\s]*", token.text)
        before_value = matched(rb"[^=]*=\s*", token.text)
        if before_value:
            yield Setting(
                option.name,
                option.value,
                path,
                entry.source,
                token.start + len(before_name),
                token.start + len(before_value),
                entry,
            )


def _repeated(settings: list[Setting]) -> Iterator[Finding]:
    """Yield a finding for each setting that takes the place of one with another value."""
    first: dict[tuple[str, int | None], Setting] = {}
    for setting in settings:
        key = (setting.name, setting.service.source.number if setting.service else None)
        other = first.setdefault(key, setting)
        if other.value != setting.value:
            line = other.source.place(other.name_at)[0]
            message = f"it has another value on line {line}, and the last one counts"
            yield setting.find_name("warning", message, "one of them")
