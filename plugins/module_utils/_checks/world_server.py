# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check asks of the world: to write to the machine, and what has reached it from there.

One request and one reply, each a line of JSON. The world writes to nobody but who asks.
"""

from __future__ import annotations

import json
import re
import smtplib
import socket
import socketserver
import time
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.machine import connected
from ansible_collections.labs.mail.plugins.module_utils._mail_client.inbox import judge, messages_at
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Lab,
    Seen,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.smtp import reason, talk

PORT = 4025
"""Where the world answers checks."""

REPLY_SECONDS = 120
MOST_BYTES = 1_000_000


def ask(lab: Lab, what: str, given: dict[str, Any]) -> Seen:
    """Have the world do something for this machine; returns what it saw."""
    if lab.world is None:
        raise CouldNotCheckError("no world: this check needs one")
    host, port = lab.world
    request = json.dumps({"what": what, "word": lab.word, "given": given})
    try:
        with socket.create_connection((host, port), REPLY_SECONDS) as connection:
            connection.sendall(request.encode() + b"\n")
            with connection.makefile("rb") as answer:
                reply = json.loads(answer.readline(MOST_BYTES))
    except (OSError, ValueError) as error:
        raise CouldNotCheckError(f"world, {host} port {port}: {error}") from error
    if "problem" in reply:
        raise CouldNotCheckError(f"world: {reply['problem']}")
    return Seen(reply["ok"], reply["text"])


class World:
    """What the world knows: where its mail is, its other addresses by name, and its outages."""

    def __init__(self, mail: Path, sources: dict[str, str]) -> None:
        self.mail = mail
        self.sources = sources
        self.outages: dict[tuple[str, str], float] = {}

    def answer(self, peer: str, request: dict[str, Any]) -> Seen:
        """Do what the machine at ``peer`` asks for."""
        what, word, given = request["what"], str(request["word"]), dict(request["given"])
        return getattr(self, f"_{what}")(peer, word, given)

    def _smtp(self, peer: str, word: str, given: dict[str, Any]) -> Seen:
        if "source" in given:
            if given["source"] not in self.sources:
                raise CouldNotCheckError(f"no address is called {given['source']}")
            given["source"] = self.sources[given["source"]]
        given.pop("host", None)
        try:
            return talk(word, peer, given)
        except (OSError, smtplib.SMTPException) as error:
            return Seen(False, reason(error, peer, given.get("port", 25)))

    def _connect(self, peer: str, _word: str, given: dict[str, Any]) -> Seen:
        given.pop("host", None)
        return connected(peer, given)

    def _arrived(self, _peer: str, word: str, given: dict[str, Any]) -> Seen:
        # The Maildir of a domain holds what is for all its addresses; virtual(8) notes which.
        folder = self.mail / Path(given["recipient"].rpartition("@")[2]).name
        delivered = b"\nDelivered-To: " + given["recipient"].lower().encode() + b"\n"
        texts = [text for text in messages_at(folder) if delivered.lower() in text.lower()]
        return judge(word, texts, given)

    def _outage(self, peer: str, _word: str, given: dict[str, Any]) -> Seen:
        self.outages[peer, given["domain"]] = time.monotonic() + given["seconds"]
        return Seen(True, "")

    def policy(self, attributes: dict[str, str]) -> str:
        """Answer Postfix (SMTPD_POLICY_README): a domain that is out takes nothing from whom."""
        domain = attributes.get("recipient", "").rpartition("@")[2].lower()
        until = self.outages.get((attributes.get("client_address", ""), domain), 0)
        return "DEFER the line is down" if time.monotonic() < until else "DUNNO"


class Server(socketserver.ThreadingTCPServer):
    """A server of the world, whose handlers know it."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, where: tuple[str, int], handler: Any, world: World) -> None:
        self.world = world
        super().__init__(where, handler)


class Checks(socketserver.StreamRequestHandler):
    """Answers a machine's check."""

    timeout = REPLY_SECONDS

    def handle(self) -> None:
        """Answer one request."""
        try:
            request = json.loads(self.rfile.readline(MOST_BYTES))
            seen = self.server.world.answer(self.client_address[0], request)
            reply = {"ok": seen.ok, "text": seen.text}
        except CouldNotCheckError as error:
            reply = {"problem": str(error)}
        except (AttributeError, KeyError, TypeError, ValueError, re.error) as error:
            reply = {"problem": f"request not understood: {type(error).__name__}: {error}"}
        self.wfile.write(json.dumps(reply).encode() + b"\n")


class Policy(socketserver.StreamRequestHandler):
    """Answers Postfix's questions of policy, any number on a connection."""

    def handle(self) -> None:
        """Answer until Postfix goes."""
        attributes: dict[str, str] = {}
        for line in self.rfile:
            name, _equals, value = line.decode("utf-8", "replace").rstrip("\n").partition("=")
            attributes[name] = value
            if not name:
                action = self.server.world.policy(attributes)
                self.wfile.write(f"action={action}\n\n".encode())
                attributes = {}
