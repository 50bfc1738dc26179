# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the lookup tables that a configuration names: their type, file, index and rows.

Source: DATABASE_README; dict_open() in src/util/dict_open.c.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.answers import use_of
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.inline import check_inline
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    Setting,
    TableFile,
    finding,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.restrictions import (
    ARGUMENTS,
    TABLE,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.rows import check_rows
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.servers import (
    endpoint_problem,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.settings import (
    DOMAINS,
    SPLIT_TABLE,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.syntax import NETWORKS
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.transports import TRANSPORTS
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import ParameterTypes
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.quotations import (
    without_quotations,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import (
    INDEX_SUFFIXES,
    PROGRAMS,
    REFUSED,
    TYPES,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

CLIENTS = frozenset(("ldap", "memcache", "mongodb", "mysql", "pgsql", "sqlite"))
"""Types whose file says how to ask a server."""

PACKAGES = {**{name: f"postfix-{name}" for name in CLIENTS}, "mongodb": "postfix-mongodb"}

NOT_TO_BE_THERE = re.compile(
    r".*_cache_(?:map|database)|.*_sasl_auth_cache_name|address_verify_map|proxy_(read|write)_maps"
)
"""Parameters whose tables Postfix makes itself, or that name tables of other parameters."""

SERVERS = frozenset({"inet", "unix", "local", "smtp", "lmtp", "relay", "virtual", "dev", "egd"})
"""Words that stand before a colon where no table is named."""

OF_FILES = frozenset({"tls_server_sni_maps"})
"""Parameters whose tables name files, of which the index holds the contents (postmap -F)."""

NAMED = re.compile(
    r"(?:proxy:|(?<![\w:$(])(?<!\$\{))([a-z]+):((?:[/$]|\$\{)[^\s,{}]*(?:\{\w+\}[^\s,{}]*)?)"
)
"""A type and a path within a word, which may be a unionmap of several."""

SOCKETMAP = re.compile(r"(?:inet:(?:\[[^\]]*\]|[^:]+):[^:]+|unix:[^:]+):.+")

OF_UNIX = ("passwd.byname", "group.byname")
"""The tables of the type unix."""

OTHER_MARK = re.compile(r"!?(?:proxy:)?([a-z]+)(?:[=;.]/|/)(.*)")
"""A type and a path with something else between them than a colon."""

TABLES_ALONE = re.compile(
    r"(?!proxy_).*(?:_maps?|_checks|_reply_filter|_command_filter|_per_site)|tlsproxy_client_policy"
)
"""Parameters whose words are tables alone."""

IN_BRACES = frozenset(
    {"inline", "static", "cidr", "pcre", "regexp", "pipemap", "unionmap", "randmap"}
)
"""Types whose entries, or tables, may stand in braces."""

FAULTS = {
    "missing": ("error", "has no index, and Postfix cannot open it"),
    "stale": ("error", "was changed after its index was made, and Postfix reads the old entries"),
    "contents": ("error", "says something else than its index, which Postfix reads"),
    "type": ("error", "has an index of another type, and Postfix cannot open it"),
    "corrupt": ("error", "has an index that cannot be read"),
    "mode": ("warning", "has another mode than its index"),
    "owner": ("warning", "has another owner than its index"),
}
"""What ``visible_fault`` and a comparison find wrong with an index, as a finding says it."""


@dataclass
class Named:
    """A table, where it was first named, and what for."""

    file: TableFile
    setting: Setting
    offset: int
    uses: set[str] = field(default_factory=set)

    @property
    def secret(self) -> bool:
        """Whether its values are passwords, which no finding may quote."""
        return self.setting.name.endswith("_password_maps")


def _without_quotations(found: Finding) -> Finding:
    message, instead = map(without_quotations, (found.message, found.instead))
    return replace(found, message=message, instead=instead)


def check_tables(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the tables that the settings name; each table is looked at once."""
    aliases = {
        path
        for setting in context.settings
        if setting.name in ("alias_maps", "alias_database")
        for _word, _at, _type, path in _tables(setting, context)
    }
    found: dict[TableFile, Named] = {}
    for setting in context.settings:
        if setting.name in TRANSPORTS or setting.name.endswith("_environment"):
            continue
        yield from _spelled(setting, context)
        yield from check_inline(setting, context)
        for before, at, name, path in _tables(setting, context):
            if not _may_be_table(setting, name, before, context):
                continue
            wrong = _wrong_type(name, context)
            if wrong:
                yield setting.find("error", f"{name}:{path}: {wrong[0]}", wrong[1], at)
            else:
                indexed = name in TYPES and TYPES[name].suffix
                table_format = "postalias" if indexed and path in aliases else "postmap"
                if setting.name in OF_FILES:
                    table_format = "postmap_files"
                file = TableFile(name, path, table_format)
                use = use_of(setting.name, before, context)
                found.setdefault(file, Named(file, setting, at)).uses.update({use} if use else ())
    for named in found.values():
        for each in _check(named, context):
            yield _without_quotations(each) if named.secret else each


def _tables(setting: Setting, context: Context) -> Iterator[tuple[str, int, str, str]]:
    """Yield the word before each table, the table's offset, its type and its path."""
    before = ""
    for word, offset in setting.words():
        # A type may be referred to as well, such as $default_database_type:/etc/aliases.
        # Its beginning, with the path of a directory, may be one of one's own.
        referred = re.match(r"(?:proxy:)?\$(?:[^:]*:|(?:\{\w+\}|\w+\b)[^\s:$,])", word)
        for match in NAMED.finditer(context.expand(word) if referred else word):
            if match[2].endswith("/"):
                continue  # a beginning, of which others are made
            path = posixpath.join(context.config_directory, context.expand(match[2]))
            yield before, offset + (0 if referred else match.start(1)), match[1], path
        before = word.lower()


def _spelled(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding for a word that is no table as Postfix spells it."""
    alone = TABLES_ALONE.fullmatch(setting.name) and setting.name in context.system.defaults
    listed = setting.name in context.restriction_lists
    types = ParameterTypes(context.system.defaults)
    before = ""
    for word, offset in () if SPLIT_TABLE.search(setting.value) else setting.words():
        expected = listed and ARGUMENTS.get(before, TABLE) == TABLE
        before = word.lower()
        name, colon, path = re.sub("^!?(?:proxy:)*", "", word).partition(":")
        if word[0] in "[${:" or "$" in name:
            continue
        wrong = None
        other = OTHER_MARK.fullmatch(word)
        if other and other[1] in {*TYPES, *REFUSED} and not alone:
            if NETWORKS.fullmatch(setting.name) or setting.name in DOMAINS:
                wrong = f"{word} has no colon behind {other[1]}", f"{other[1]}:/{other[2]}"
        elif not colon and alone and not word.startswith("/"):
            wrong = f"{word} is no table, and Postfix's programs die of it", "type:/path"
        elif colon and (
            alone
            or expected
            or NETWORKS.fullmatch(setting.name)
            or ("." in name and setting.name in DOMAINS)
            or (not name.isascii() and (setting.name in DOMAINS or path[:1] in ("/", "$")))
            or (path.startswith("{") and name.isalpha() and types.is_list(setting.name))
            or (name in TYPES and not NAMED.search(word))
        ):
            wrong = _path_problem(name, path, context)
        if wrong:
            yield setting.find("error", *wrong, offset)
            return


def _path_problem(name: str, path: str, context: Context) -> tuple[str, str] | None:
    """Say what is wrong with what stands behind the type of a table; None if nothing is."""
    again = path.partition(":")[0]
    if name not in TYPES and name not in REFUSED:
        # A type in small letters and a path are looked at wherever they stand.
        plain = re.fullmatch("[a-z]+", name) and path[:1] in ("/", "$")
        return None if plain or name in SERVERS else _wrong_type(name, context)
    if name == "tcp":
        problem = endpoint_problem(f"inet:{path}", context.system.machine.port)
        return (problem, "tcp:host:port") if problem else None
    if name == "socketmap" and "$" not in path and not SOCKETMAP.fullmatch(path):
        return f"socketmap:{path} is no server and map", "socketmap:inet:host:port:name"
    if not path:
        return f"{name}: has nothing behind it, and Postfix's programs die of it", "type:/path"
    if name == "unix" and path not in OF_UNIX and "$" not in path:
        return f"there is no table unix:{path}", f"unix:{nearest(path, OF_UNIX) or OF_UNIX[0]}"
    if path.startswith("{") and name not in IN_BRACES:
        return f"{name} takes no entries in braces", "inline, or a file"
    if name in TYPES and again in TYPES:
        return f"{name}:{path} has two types", path
    if name in TYPES and path[:1] not in ("/", "$", "{"):
        message = f"{name}:{path} is no absolute path, and is looked for in the queue directory"
        return message, f"{name}:/etc/postfix/{path.rpartition('/')[2]}"
    return None


def _may_be_table(setting: Setting, name: str, before: str, context: Context) -> bool:
    """Tell whether a word such as unix:/path is a table here, and not a server."""
    if name in TYPES or name in CLIENTS or name in ("dbm", "sdbm"):
        return True
    if name in REFUSED or name in SERVERS or name in context.transports:
        return False
    if ARGUMENTS.get(before) == TABLE or setting.name.endswith(("_maps", "_checks")):
        return True
    if setting.name in context.restriction_lists:
        return ARGUMENTS.get(before) is None
    is_list = ParameterTypes(context.system.defaults).kind(setting.name) == "list"
    others = (TABLES_ALONE, NETWORKS, NOT_TO_BE_THERE)
    return is_list or any(names.fullmatch(setting.name) for names in others)


def _check(named: Named, context: Context) -> Iterator[Finding]:
    file, setting = named.file, named.setting
    shown = f"{file.type}:{file.path}"
    if "$" in file.path or NOT_TO_BE_THERE.fullmatch(setting.name):
        return
    try:
        data = context.system.read(file.path)
        if data is None and _has_index(file, context):
            return  # Postfix reads the index alone
        if data is None:
            instead = "one that is there, or create it"
            yield setting.find("error", f"there is no table {shown}", instead, named.offset)
        elif file.type in TYPES:
            yield from _examine(named, data, shown, context)
    except ConfigError as error:
        error.path = error.path or file.path
        yield finding(error)


def _has_index(file: TableFile, context: Context) -> bool:
    """Tell whether there is an index of a table, whose text need not be there."""
    indexed = file.type in TYPES and TYPES[file.type].suffix
    return bool(indexed) and any(context.system.exists(file.path + s) for s in INDEX_SUFFIXES)


def _examine(named: Named, data: bytes, shown: str, context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the rows and the index of a table that is there."""
    file = named.file
    rows = list(check_rows(file, data, named.uses, context))
    yield from rows
    seen = {row.line for row in rows}
    examined = context.system.examine(file, data)
    yield from (finding(p, "warning") for p in examined.problems if p.line not in seen)
    if examined.refusal:
        yield finding(examined.refusal)
    elif examined.reason:
        severity, message = FAULTS[examined.reason]
        instead = f"nothing else, and run {' '.join(PROGRAMS[file.format])} {shown}"
        yield named.setting.find(severity, f"{shown} {message}", instead, named.offset)


def _wrong_type(name: str, context: Context) -> tuple[str, str] | None:
    """Say why Postfix cannot open a table of this type, and what to write instead."""
    if name not in TYPES and name not in REFUSED:
        near = nearest(name, [*TYPES, *REFUSED], 0.5)
        return f"there is no type {name}", near or "one of those that postconf -m lists"
    if context.system.types and name not in context.system.types:
        package = TYPES[name].package if name in TYPES else PACKAGES.get(name)
        instead = f"hash, or install the package {package}" if package else "hash"
        return f"the type {name} is not installed", instead
    return None
