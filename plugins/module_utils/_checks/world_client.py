# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask the world to do something for a check: one request and one reply, each a line of JSON."""

from __future__ import annotations

import json
import socket
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.words import both
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
)

PORT = 4025
"""Where the world answers checks."""

REPLY_SECONDS = 120
MOST_BYTES = 1_000_000


def ask(context: CheckContext, what: str, given: dict[str, Any]) -> Observation:
    """Have the world do something for this machine; returns what it saw."""
    if context.world is None:
        raise CouldNotCheckError(
            both("no world: this check needs one", "cette vérification a besoin du monde extérieur")
        )
    host, port = context.world
    request = json.dumps({"what": what, "word": context.word, "given": given}).encode() + b"\n"
    if len(request) > MOST_BYTES:
        raise CouldNotCheckError(
            both(
                f"a message from outside may have up to {MOST_BYTES:_} bytes".replace("_", ","),
                f"un message de l'extérieur peut avoir jusqu'à {MOST_BYTES:_} octets".replace(
                    "_", " "
                ),
            )
        )
    try:
        with socket.create_connection((host, port), REPLY_SECONDS) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as answer:
                reply = json.loads(answer.readline(MOST_BYTES))
    except (OSError, ValueError) as error:
        raise CouldNotCheckError(
            both(
                f"the world, {host} port {port}, does not answer: {error}",
                f"le monde extérieur, {host} port {port}, ne répond pas : {error}",
            )
        ) from error
    if "problem" in reply:
        raise CouldNotCheckError(
            both(f"the world: {reply['problem']}", f"le monde extérieur : {reply['problem']}")
        )
    context.seal = str(reply.get("seal", ""))
    return Observation(reply["ok"], reply["text"], missing=reply.get("missing", False))
