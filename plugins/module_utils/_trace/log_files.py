# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of one log: what logrotate and ``postfix logrotate`` put aside, and compressed."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterable

from ansible_collections.labs.mail.plugins.module_utils._trace.journal_entries import one_line_each
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import decode

_ASIDE = re.compile(r"(?:\.(\d{1,5})|[.-](\d{8}(?:-\d+)?))?(\.gz|\.xz|\.bz2|\.zst)?", re.A)
_CHUNK = 1 << 20
MOST_BYTES = 64 << 20
"""Of a log with all its files, unpacked."""


def in_order(name: str, others: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the files of a log, the oldest first, and those that are compressed otherwise.

    :arg name: the file that is written to, such as ``mail.log``.
    :arg others: the names of the files beside it; ``mail.log.2.gz`` and ``mail.log-20260307`` are
        the log's, ``mail.log.old`` is not. What is there compressed and plain is taken plain.
    """
    found: dict[tuple[int, int, str], str] = {}
    unread = []
    for other in sorted(set(others) | {name}):
        match = _ASIDE.fullmatch(other[len(name) :]) if other.startswith(name) else None
        if not match or match[0] in (".gz", ".xz", ".bz2", ".zst"):
            continue
        number, date, packed = match.groups()
        # Dates grow with time, and numbers with age; the file that is written to is the youngest.
        age = (0, 0, date) if date else (1, -int(number), "") if number else (2, 0, "")
        if packed in (None, ".gz"):
            found.setdefault(age, other)
        else:
            unread.append(other)
    return [found[age] for age in sorted(found)], unread


def unpack(name: str, data: bytes, most: int = MOST_BYTES) -> tuple[str, str | None]:
    """Return a file of a log as text, and what is wrong with it: what can be read of it counts.

    :arg most: how many bytes may come of it; whoever can write the log can pack any number.
    """
    if not name.endswith(".gz"):
        return _text(data[:most]), _too_long(len(data), most)
    parts = []
    length = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            while length <= most and (part := file.read(_CHUNK)):
                parts.append(part)
                length += len(part)
    except (OSError, EOFError, zlib.error) as error:
        return _text(b"".join(parts)), f"it is no gzip file to its end ({error})"
    return _text(b"".join(parts)[:most]), _too_long(length, most)


def _text(data: bytes) -> str:
    return decode(one_line_each(data))


def _too_long(length: int, most: int) -> str | None:
    return (
        f"a log may have {most >> 20} MiB, with what was rotated of it" if length > most else None
    )
