# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speak with an Incus or LXD daemon: HTTP over its socket, or over TLS.

What both daemons understand alike is used: https://linuxcontainers.org/incus/docs/main/rest-api/
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError

SOCKETS = {
    "incus": ("INCUS_SOCKET", "INCUS_DIR", "/var/lib/incus"),
    "lxd": ("LXD_SOCKET", "LXD_DIR", "/var/lib/lxd"),
}
"""By which variables of the environment a daemon's socket is known, and its directory."""

ANSWER_SECONDS = 300
OPERATION_SECONDS = 120
UPLOAD_SECONDS = 600
WAIT_SECONDS = 60
RETRY_SECONDS = 30
PAUSE_SECONDS = 0.5
DONE = 200
GOES_ON = 103

NOT_YET = (
    "isn't ready yet",
    "is starting up",
    "no available cowsql leader",
    "no available dqlite leader",
    "peer node",
    "missing event connection",
    "database is locked",
)
"""What a daemon answers for some seconds, after it or another member has started or died."""


NO_QUORUM = ("no available cowsql leader", "no available dqlite leader")
"""What a member of a cluster answers as long as most of the others do not."""


class NotThereError(EngineError):
    """The daemon knows nothing of that name."""


@dataclass(frozen=True)
class Endpoint:
    """Where a daemon listens: at the path of a socket, or at a URL, by certificates then."""

    place: str
    certificate: str = ""
    key: str = ""
    server_certificate: str = ""


def socket_of(engine: str) -> str:
    """Return the path of the socket of incus or lxd on this computer."""
    by_socket, by_directory, usual = SOCKETS[engine]
    directory = os.environ.get(by_directory) or usual
    return os.environ.get(by_socket) or str(Path(directory) / "unix.socket")


class Client:
    """One daemon, asked about one project. Each call has a connection of its own."""

    def __init__(self, endpoint: Endpoint, project: str = "default") -> None:
        self.endpoint = endpoint
        self.project = project

    def of(self, project: str) -> Client:
        """Return a client that asks about another project."""
        return Client(self.endpoint, project)

    def get(self, path: str, **query: Any) -> Any:
        """Return what the daemon knows. Raises NotThereError, EngineError."""
        return self.ask("GET", path, **query)

    def find(self, path: str, **query: Any) -> Any:
        """Return what the daemon knows, None where there is nothing of that name."""
        try:
            return self.get(path, **query)
        except NotThereError:
            return None

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        patience: float = OPERATION_SECONDS,
        retried: float | None = None,
        **query: Any,
    ) -> Any:
        """Ask for something and wait until it is done; return what was answered.

        ``patience`` is how many seconds it may take once it was begun, and ``retried`` for how many
        it is asked again where the daemon is not ready for it.

        :raises EngineError: the daemon does not answer, or refused
        :raises NotThereError: it knows nothing of that name
        """
        deadline = time.monotonic() + (RETRY_SECONDS if retried is None else retried)
        while True:
            try:
                return self._ask(method, path, body, patience, query)
            except NotThereError:
                raise
            except EngineError as error:
                said = str(error).lower()
                if not any(words in said for words in NOT_YET) or time.monotonic() > deadline:
                    if any(words in said for words in NO_QUORUM):
                        raise EngineError(
                            "most hosts of the cluster do not answer, so that nothing can be "
                            "created, reset or removed; machines that run go on. Start the hosts "
                            f"that are off, or incus on them ({error})"
                        ) from error
                    raise
            time.sleep(PAUSE_SECONDS)

    def _ask(
        self, method: str, path: str, body: Any, patience: float, query: Mapping[str, Any]
    ) -> Any:
        data = None if body is None else json.dumps(body).encode()
        reply = self._reply(method, path, data, {"Content-Type": "application/json"}, query)
        return self._outcome(reply, patience)

    def _outcome(self, reply: Mapping[str, Any], patience: float) -> Any:
        """Return what came of what was asked, once it is done."""
        if reply.get("type") != "async":
            return reply["metadata"]
        wait = f"/operations/{reply['metadata']['id']}/wait"
        deadline = time.monotonic() + patience
        while True:
            asked = {"timeout": max(1, min(WAIT_SECONDS, int(deadline - time.monotonic())))}
            done = self._reply("GET", wait, None, {}, asked)["metadata"]
            if done["status_code"] == DONE:
                return done
            if done["status_code"] != GOES_ON:
                raise EngineError(done["err"])
            if time.monotonic() > deadline:
                raise EngineError(f"{done['description']}: not done within {patience:.0f} s")

    def _reply(
        self,
        method: str,
        path: str,
        data: Any,
        headers: Mapping[str, str],
        query: Mapping[str, Any],
    ) -> dict[str, Any]:
        with self._connection() as connection:
            connection.request(method, self._url(path, query), data, dict(headers))
            reply = json.loads(connection.getresponse().read())
        if reply["type"] == "error":
            refused = NotThereError if reply["error_code"] == 404 else EngineError
            raise refused(str(reply["error"]))
        return reply

    def download(self, path: str, **query: Any) -> bytes:
        """Return what is at a path as it is, such as the output of a command."""
        with self._connection() as connection:
            connection.request("GET", self._url(path, query))
            return connection.getresponse().read()

    def upload(self, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        """Send something as it is, such as an image; return what came of it."""
        return self._outcome(self._reply("POST", path, body, headers, {}), UPLOAD_SECONDS)

    @contextmanager
    def upgraded(self, path: str, protocol: str) -> Iterator[socket.socket]:
        """Yield the connection once it speaks another protocol, such as sftp."""
        with self._connection() as connection:
            headers = {"Connection": "Upgrade", "Upgrade": protocol}
            connection.request("GET", self._url(path, {}), headers=headers)
            # http.client would close the socket along with an answer without a body.
            stream = connection.sock
            answer = bytearray()
            while not answer.endswith(b"\r\n\r\n"):
                byte = stream.recv(1)
                if not byte:
                    break
                answer += byte
            status = bytes(answer).partition(b"\r\n")[0].decode("ascii", "replace")
            if " 101 " not in status:
                raise EngineError(f"{path}: {status or 'the connection was closed'}")
            yield stream

    def _url(self, path: str, query: Mapping[str, Any]) -> str:
        # LXD refuses to be asked about one project and about all of them.
        asked = dict(query) if "all-projects" in query else {"project": self.project, **query}
        return f"/1.0{urllib.parse.quote(path)}?{urllib.parse.urlencode(asked)}"

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        connection = _connect(self.endpoint)
        try:
            yield connection
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EngineError(f"{self.endpoint.place} does not answer: {error}") from error
        finally:
            connection.close()


class _Socket(http.client.HTTPConnection):
    """HTTP over a socket of this computer."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connect(endpoint: Endpoint) -> http.client.HTTPConnection:
    if not endpoint.place.startswith("https://"):
        return _Socket(endpoint.place)
    where = urllib.parse.urlsplit(endpoint.place)
    try:
        # The daemon's certificate is its own; it is known by itself, not by a name in it.
        context = ssl.create_default_context(cafile=endpoint.server_certificate or None)
        context.check_hostname = False
        context.load_cert_chain(endpoint.certificate, endpoint.key or None)
    except OSError as error:
        raise EngineError(f"the certificates for {endpoint.place}: {error}") from error
    return http.client.HTTPSConnection(
        where.hostname or "", where.port or 8443, timeout=ANSWER_SECONDS, context=context
    )
