# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a queue file says: the message as cleanup(8) has left it, and the filter that it goes to.

Source: rec_type.h, record.c and cleanup_out.c in Postfix's src/global and src/cleanup.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Queued:
    """A message in the queue.

    ``content`` has its header and body with lines that end in a newline, ``filter`` what stands
    for it after FILTER or content_filter; empty where there is none.
    """

    content: bytes = b""
    filter: str = ""


def read(data: bytes) -> Queued:
    """Return what a queue file holds; as far as it can be read where it ends too early."""
    content, found, inside = bytearray(), "", False
    for kind, text in _records(data):
        if kind == b"M":
            inside = True
        elif kind == b"X":
            inside = False
        elif inside and kind == b"N":
            content += text + b"\n"
        elif inside and kind == b"L":
            # A line that is too long for a record goes on in the next one.
            content += text
        elif kind == b"L":
            found = text.decode("utf-8", "surrogateescape")
        elif kind == b"E":
            break
    return Queued(bytes(content), found)


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and text of each record, in the order in which pointers put them.

    A pointer may lead back; whoever comes by one a second time goes round in circles.
    """
    at = 0
    followed = set()
    while True:
        begin = at
        kind, at, length, shift = data[at : at + 1], at + 1, 0, 0
        while at < len(data):
            length |= (data[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 128:
                break
        text = data[at : at + length]
        if not kind or len(text) < length:
            return
        at += length
        if kind == b"p":
            if begin in followed:
                return
            followed.add(begin)
            target = int(text) if text.strip().isdigit() else 0
            at = target or at
            continue
        yield kind, text
