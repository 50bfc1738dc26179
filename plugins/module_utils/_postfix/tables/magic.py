# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind of an index, by the bytes that it begins with."""

from __future__ import annotations

MAGIC = {
    (12, b"\x61\x15\x06\x00"): "hash",
    (12, b"\x00\x06\x15\x61"): "hash",
    (12, b"\x62\x31\x05\x00"): "btree",
    (12, b"\x00\x05\x31\x62"): "btree",
    (16, b"\xde\xc0\xef\xbe"): "lmdb",
    (16, b"\xbe\xef\xc0\xde"): "lmdb",
}
"""The kinds of index by bytes at an offset: DB_HASHMAGIC, DB_BTREEMAGIC, MDB_MAGIC."""


def magic(path: str) -> str | None:
    """Return the kind of index that a file is; None where it carries no known sign."""
    with open(path, "rb") as file:
        start = file.read(20)
    for (offset, sign), kind in MAGIC.items():
        if start[offset : offset + len(sign)] == sign:
            return kind
    return None
