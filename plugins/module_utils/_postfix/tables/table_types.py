# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of lookup tables: which have an index, what their lines look like, who brings them.

Source: DATABASE_README; postmap(1); Debian's packages postfix-*.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._suggest import hint


@dataclass(frozen=True)
class TableType:
    """A type of lookup table.

    ``suffix`` is what its index's name usually ends in, None for a file that is read as it is.
    ``ordered`` says whether the first line that matches counts. ``key_limit`` is the length in
    bytes of the longest key. ``package`` is the one of Debian that brings the type.
    """

    name: str
    suffix: str | None = None
    ordered: bool = False
    key_limit: int | None = None
    package: str = "postfix"


LMDB_KEY_LIMIT = 510
"""MDB_MAXKEYSIZE, 511 by default, less the NUL byte that Postfix stores with each key."""

TYPES = {
    found.name: found
    for found in (
        TableType("hash", ".db"),
        TableType("btree", ".db"),
        TableType("lmdb", ".lmdb", key_limit=LMDB_KEY_LIMIT, package="postfix-lmdb"),
        TableType("cdb", ".cdb", package="postfix-cdb"),
        TableType("texthash"),
        TableType("regexp", ordered=True),
        TableType("pcre", ordered=True, package="postfix-pcre"),
        TableType("cidr", ordered=True),
    )
}

PROGRAMS = {
    "postmap": ("postmap",),
    "postalias": ("postalias",),
    "postmap_files": ("postmap", "-F"),
}
"""What makes the index of a table, by the format of its text."""

INDEX_SUFFIXES = tuple(dict.fromkeys(found.suffix for found in TYPES.values() if found.suffix))

_CLIENT = (
    "its file holds no entries but how to ask a server",
    "write it with ansible.builtin.copy",
)
_PARAMETER = ("it has no file", "write it as {}:… in main.cf, with labs.mail.postfix_main")
_TWO_FILES = (
    "its index is two files, which cannot be replaced in one step",
    "use hash, lmdb or cdb",
)
REFUSED = {
    **dict.fromkeys(("ldap", "memcache", "mongodb", "mysql", "pgsql", "sqlite"), _CLIENT),
    **dict.fromkeys(
        ("environ", "fail", "inline", "internal", "netinfo", "nis", "pipemap", "proxy", "randmap")
        + ("socketmap", "static", "tcp", "unionmap", "unix"),
        _PARAMETER,
    ),
    **dict.fromkeys(("dbm", "sdbm"), _TWO_FILES),
}
"""Types that are no tables of entries in a file: why, and what to do instead."""


def table_type(name: str) -> TableType:
    """Return the type of this name.

    :raises ConfigError: there is none, or none whose entries stand in a file.
    """
    if name in TYPES:
        return TYPES[name]
    if name in REFUSED:
        why, instead = REFUSED[name]
        raise ConfigError(
            f"the type {name} is no file of entries: {why}", instead=instead.format(name)
        )
    raise ConfigError(f"there is no type {name!r} of lookup table", instead=hint(name, TYPES))
