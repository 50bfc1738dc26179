# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a journal that take several lines each, made one line each.

So write ``journalctl --output=`` export, json-pretty and verbose. Export counts the bytes of a
field that is no text or has several lines; it is therefore read before the bytes are decoded.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator

_EXPORT = re.compile(rb"\s*__CURSOR=")
_PRETTY = re.compile(rb'\s*\{\n[ \t]+"')
_VERBOSE = re.compile(rb"(?:-- [^\n]* --\n)?\w{3} \d{4}-\d\d-\d\d [^\n]*\[s=[0-9a-f]+;")
_HEAD = re.compile(rb"^(\w{3} \d{4}-\d\d-\d\d \S+ \S+) \[s=[^\n]*\]$", re.M)
_FIELD = re.compile(rb"^    (\w+)=(.*(?:\n {5,}.*)*)$", re.M)
_ENTRY = re.compile(r"^\{", re.M)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_Entry = dict[bytes, bytes]


def one_line_each(data: bytes) -> bytes:
    """Return a log with one line for each entry; one that has that already as it is."""
    if _EXPORT.match(data):
        entries = _of_export(data)
    elif _PRETTY.match(data):
        entries = _of_json(data)
    elif _VERBOSE.match(data):
        entries = _of_verbose(data)
    else:
        return data
    return b"".join(map(_line, entries))


def _line(entry: _Entry) -> bytes:
    """Return an entry as ``journalctl --output=short-iso-precise`` or short-full writes it."""
    name = entry.get(b"SYSLOG_IDENTIFIER") or entry.get(b"_COMM")
    time = entry.get(b"time") or _time(entry.get(b"__REALTIME_TIMESTAMP", b""))
    if not name or not time or b"MESSAGE" not in entry:
        return b""
    host = entry.get(b"_HOSTNAME", b"localhost")
    pid = entry.get(b"SYSLOG_PID") or entry.get(b"_PID")
    tag = b"%s[%s]" % (name, pid) if pid else name
    # As rsyslog writes a line break.
    text = entry[b"MESSAGE"].rstrip(b"\n").replace(b"\n", b"#012")
    return b"%s %s %s: %s\n" % (time, host, tag, text)


def _time(microseconds: bytes) -> bytes:
    try:
        return (_EPOCH + datetime.timedelta(microseconds=int(microseconds))).isoformat().encode()
    except (ValueError, OverflowError):
        return b""


def _of_export(data: bytes) -> Iterator[_Entry]:
    entry: _Entry = {}
    place = 0
    while place < len(data):
        end = data.find(b"\n", place)
        line = data[place : end if end >= 0 else len(data)]
        place += len(line) + 1
        name, equals, value = line.partition(b"=")
        if not line:
            yield entry
            entry = {}
        elif not equals:
            size = int.from_bytes(data[place : place + 8], "little")
            value = data[place + 8 : place + 8 + size]
            place += 8 + size + 1
        entry.setdefault(name, value)
    yield entry


def _of_json(data: bytes) -> Iterator[_Entry]:
    text, place = data.decode("utf-8", "backslashreplace"), 0
    decoder = json.JSONDecoder()
    while match := _ENTRY.search(text, place):
        try:
            found, place = decoder.raw_decode(text, match.end() - 1)
        except (ValueError, RecursionError):
            return  # cut off
        if isinstance(found, dict):
            yield {name.encode(): _value(value) for name, value in found.items()}


def _value(value: object) -> bytes:
    if isinstance(value, list):
        try:
            return bytes(value)  # what is no text
        except (TypeError, ValueError):
            value = value[0] if value else ""  # a field that stands several times
    return str(value).encode("utf-8", "backslashreplace")


def _of_verbose(data: bytes) -> Iterator[_Entry]:
    heads = [*_HEAD.finditer(data)]
    for head, following in zip(heads, [*heads[1:], None]):
        end = following.start() if following else len(data)
        entry = {b"time": head[1]}
        for field in _FIELD.finditer(data, head.end(), end):
            entry.setdefault(field[1], re.sub(rb"\n +", b"\n", field[2]))
        yield entry
