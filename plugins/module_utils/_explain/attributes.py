# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The language in which Postfix's programs speak to each other: names and values, NUL between them.

Source: attr_print0.c and attr_scan0.c in Postfix's src/util.
"""

from __future__ import annotations

import socket

MOST_BYTES = 1 << 20
"""No program says more at a time."""


class SpeechError(Exception):
    """What a program says is no list of names and values, or ends too early."""


def write(*pairs: tuple[str, str]) -> bytes:
    """Return a list of names and values as it is sent."""
    parts = [part for pair in pairs for part in pair]
    return b"".join(part.encode("utf-8", "surrogateescape") + b"\0" for part in parts) + b"\0"


class Reader:
    """Reads lists from a connection, and keeps what it has read as it came."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.rest = b""

    def read(self) -> tuple[list[tuple[str, str]], bytes]:
        """Return the next list, and its bytes; both are empty where the other side has hung up.

        :raises SpeechError: it ends within a list, or never.
        """
        parts: list[bytes] = []
        start = at = 0
        while True:
            end = self.rest.find(b"\0", at)
            if end < 0:
                more = self.connection.recv(65536)
                if not more and not self.rest:
                    return [], b""
                if not more or len(self.rest) > MOST_BYTES:
                    raise SpeechError("a list of names and values has no end")
                self.rest += more
            elif end == at and len(parts) % 2 == 0:
                raw, self.rest = self.rest[start : end + 1], self.rest[end + 1 :]
                words = [part.decode("utf-8", "surrogateescape") for part in parts]
                return list(zip(words[::2], words[1::2])), raw
            else:
                parts.append(self.rest[at:end])
                at = end + 1
