# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand a message to cleanup(8) as pickup(8) and local(8) do, which have no client outside.

Source: pickup_copy() in Postfix's pickup.c, forward_send() in forward.c, rec_put() in record.c.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence

from ansible_collections.labs.mail.plugins.module_utils._explain.attributes import (
    Reader,
    SpeechError,
    write,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import (
    SECONDS,
    PrivatePostfix,
)

BOUNCE, FILTER, BCC, MAP = 1, 2, 16, 32
OF_PICKUP = BOUNCE | FILTER | BCC | MAP
OF_LOCAL = BOUNCE | MAP
"""What cleanup is told to do (cleanup_user.h)."""

RECEIVE_OVERRIDES = {"no_header_body_checks": FILTER, "no_address_mappings": BCC | MAP}


def record(kind: str, text: bytes = b"") -> bytes:
    """Return a record of a queue file: its kind, its length in groups of seven bits, its text."""
    length, head = len(text), b""
    while True:
        more = length >> 7
        head += bytes([length & 127 | (128 if more else 0)])
        if not more:
            return kind.encode() + head + text
        length = more


def hand_in(
    postfix: PrivatePostfix,
    cleanup: str,
    flags: int,
    sender: str,
    recipients: Sequence[str],
    content: bytes,
    content_filter: str = "",
) -> tuple[str, int]:
    """Hand in a message; returns its queue id and cleanup's status, 0 for one that is taken.

    :raises SpeechError: cleanup does not answer.
    """
    body = record("T", str(int(time.time())).encode())
    body += record("L", content_filter.encode()) if content_filter else b""
    body += record("A", b"rewrite_context=local")
    body += record("S", sender.encode("utf-8", "surrogateescape"))
    for each in recipients:
        body += record("R", each.encode("utf-8", "surrogateescape"))
    body += record("M")
    for line in content.rstrip(b"\n").split(b"\n"):
        body += record("N", line)
    body += record("X") + record("E")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        try:
            connection.connect(os.path.join(postfix.folder, "public", cleanup))
            reader = Reader(connection)
            said = dict(reader.read()[0])
            if "queue_id" not in said:
                said.update(reader.read()[0])
            connection.sendall(write(("flags", str(flags))) + body)
            status = dict(reader.read()[0])
        except OSError as error:
            raise SpeechError(f"cleanup does not answer: {error}") from error
    return said.get("queue_id", ""), int(status.get("status", "-1"))
