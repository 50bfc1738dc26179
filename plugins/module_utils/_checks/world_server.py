# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve the world's side of checks: answer machines that ask, and Postfix about outages.

The world writes to nobody but who asks, and tells what has reached it from there.
"""

from __future__ import annotations

import argparse
import json
import re
import smtplib
import socketserver
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.arrival import judge, messages_at
from ansible_collections.labs.mail.plugins.module_utils._checks.machine import connected
from ansible_collections.labs.mail.plugins.module_utils._checks.removal import (
    WORD,
    remove_from_maildir,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.seals import seal
from ansible_collections.labs.mail.plugins.module_utils._checks.words import no_dialogue
from ansible_collections.labs.mail.plugins.module_utils._checks.world_client import (
    MOST_BYTES,
    PORT,
    REPLY_SECONDS,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.smtp import talk
from ansible_collections.labs.mail.plugins.module_utils._system.bounded import within

POLICY_PORT = 4026

SEARCH_SECONDS = 10
"""How long the world looks for a message in what has reached it."""

MOST_OUTAGE = 300
"""Seconds for which a machine may cut a domain off, as in the schema of steps."""

MOST_OUTAGES = 10
MOST_AT_ONCE = 8
"""Outages of one machine, and its requests that are answered at the same time."""


def _as_data(seen: Observation) -> dict[str, Any]:
    return {"ok": seen.ok, "text": seen.text, "missing": seen.missing}


class World:
    """What the world knows: where its mail is, its other addresses by name, and its outages.

    With a key it seals what it answers.
    """

    def __init__(self, mail: Path, sources: dict[str, str], key: str = "") -> None:
        self.mail = mail
        self.key = key
        self.sources = sources
        self.outages: dict[tuple[str, str], float] = {}
        self.verbs = {
            "smtp": self._smtp,
            "connect": self._connect,
            "arrived": self._arrived,
            "outage": self._outage,
            "forget": self._forget,
        }

    def answer(self, peer: str, request: dict[str, Any]) -> Observation:
        """Do what the machine at ``peer`` asks for."""
        what, word, given = request["what"], str(request["word"]), dict(request["given"])
        if what not in self.verbs:
            raise ValueError(f"{what} is none of {', '.join(self.verbs)}")
        return self.verbs[what](peer, word, given)

    def seal(self, peer: str, request: dict[str, Any], seen: Observation) -> dict[str, str]:
        """Return what is added to a reply, so that the controller knows whose it is."""
        if not self.key:
            return {}
        word, what, given = str(request["word"]), request["what"], request["given"]
        return {"seal": seal(self.key, peer, word, what, given, seen.ok)}

    def _smtp(self, peer: str, word: str, given: dict[str, Any]) -> Observation:
        if "source" in given:
            if given["source"] not in self.sources:
                raise CouldNotCheckError(f"no address is called {given['source']}")
            given["source"] = self.sources[given["source"]]
        given.pop("host", None)
        try:
            return talk(word, peer, given)
        except (OSError, smtplib.SMTPException) as error:
            return Observation(False, no_dialogue(error, peer, given["port"]))

    def _connect(self, peer: str, _word: str, given: dict[str, Any]) -> Observation:
        given.pop("host", None)
        return connected(peer, given)

    def _arrived(self, peer: str, word: str, given: dict[str, Any]) -> Observation:
        # The Maildir of a domain holds what is for all its addresses; virtual(8) notes which.
        recipient = given["recipient"].replace("{word}", word)
        folder = self.mail / Path(recipient.rpartition("@")[2]).name
        delivered = b"\nDelivered-To: " + recipient.lower().encode() + b"\n"
        texts = [
            text
            for text in messages_at(folder)
            if delivered.lower() in text.lower() and handed_in_by(text) == peer
        ]
        # The pattern is the machine's. One that searches without end would keep all others waiting.
        return Observation(**within(SEARCH_SECONDS, lambda: _as_data(judge(word, texts, given))))

    def _outage(self, peer: str, _word: str, given: dict[str, Any]) -> Observation:
        now = time.monotonic()
        self.outages = {key: until for key, until in self.outages.items() if until > now}
        if sum(machine == peer for machine, _domain in self.outages) >= MOST_OUTAGES:
            raise CouldNotCheckError(f"{MOST_OUTAGES} domains are out of reach already")
        self.outages[peer, given["domain"]] = now + min(given["seconds"], MOST_OUTAGE)
        return Observation(True, "")

    def _forget(self, _peer: str, word: str, _given: dict[str, Any]) -> Observation:
        """Remove the messages that bear a word, which only who made it up knows."""
        if not WORD.fullmatch(word):
            raise ValueError(f"{word!r} is no word of a check")
        for folder in self.mail.glob("*"):
            if folder.is_dir():
                remove_from_maildir(folder, word)
        return Observation(True, "")

    def policy(self, attributes: dict[str, str]) -> str:
        """Answer Postfix (SMTPD_POLICY_README): a domain that is out takes nothing from whom."""
        domain = attributes.get("recipient", "").rpartition("@")[2].lower()
        until = self.outages.get((attributes.get("client_address", ""), domain), 0)
        return "DEFER the line is down" if time.monotonic() < until else "DUNNO"


def handed_in_by(text: bytes) -> str:
    """Return the address of the client that handed a message in, as Postfix noted it on top.

    What stands below it can have been made up. A message without it has none.
    """
    found = re.search(rb"^Received: (?:[^\n]|\n[ \t])*", text, re.MULTILINE)
    client = (
        re.match(rb"Received: from \S+ \([^\n]*\[([0-9A-Fa-f:.]+)\]\)", found[0]) if found else None
    )
    return client[1].decode() if client else ""


class Server(socketserver.ThreadingTCPServer):
    """A server of the world, whose handlers know it."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, where: tuple[str, int], handler: Any, world: World) -> None:
        self.world = world
        self.asking: Counter[str] = Counter()
        self.counting = threading.Lock()
        super().__init__(where, handler)

    def ask(self, peer: str) -> int:
        """Note that a machine asks for one thing more, and return how many it asks for."""
        with self.counting:
            self.asking[peer] += 1
            return self.asking[peer]

    def asked(self, peer: str) -> None:
        """Note that a machine has its answer."""
        with self.counting:
            self.asking[peer] -= 1
            self.asking += Counter()  # forgets machines that ask for nothing


class Checks(socketserver.StreamRequestHandler):
    """Answers a machine's check."""

    server: Server
    timeout = REPLY_SECONDS

    def handle(self) -> None:
        """Answer one request."""
        peer = self.client_address[0]
        try:
            if self.server.ask(peer) > MOST_AT_ONCE:
                raise CouldNotCheckError(f"{MOST_AT_ONCE} requests are being answered already")
            request = json.loads(self.rfile.readline(MOST_BYTES))
            seen = self.server.world.answer(peer, request)
            reply = {**_as_data(seen), **self.server.world.seal(peer, request, seen)}
        except CouldNotCheckError as error:
            reply = {"problem": str(error)}
        except (KeyError, RecursionError, TimeoutError, TypeError, ValueError, re.error) as error:
            reply = {"problem": f"request not understood: {type(error).__name__}: {error}"}
        finally:
            self.server.asked(peer)
        self.wfile.write(json.dumps(reply).encode() + b"\n")


class Policy(socketserver.StreamRequestHandler):
    """Answers Postfix's questions of policy, any number on a connection."""

    server: Server

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


def main(argv: list[str] | None = None) -> None:
    """Run until the process is ended."""
    parser = argparse.ArgumentParser("check-server", description=__doc__)
    parser.add_argument("--address", default="0.0.0.0", help="address to serve machines at")
    parser.add_argument("--port", type=int, default=PORT, help="port to serve machines at")
    parser.add_argument(
        "--policy-port", type=int, default=POLICY_PORT, help="port at 127.0.0.1 for Postfix"
    )
    parser.add_argument("--mail", type=Path, required=True, help="directory of the world's mail")
    parser.add_argument(
        "--source", action="append", default=[], metavar="NAME=ADDRESS", help="one more address"
    )
    parser.add_argument("--key-file", type=Path, help="file with the key of seals")
    asked = parser.parse_args(argv)
    key = asked.key_file.read_text().strip() if asked.key_file else ""
    world = World(asked.mail, dict(each.split("=", 1) for each in asked.source), key)
    policy = Server(("127.0.0.1", asked.policy_port), Policy, world)
    threading.Thread(target=policy.serve_forever, daemon=True).start()
    Server((asked.address, asked.port), Checks, world).serve_forever()
