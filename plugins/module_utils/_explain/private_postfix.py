# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's own programs, run beside master(8) on an empty queue of their own.

They read the configuration as it is now, and say what they would do. Who would take a message out
of the queue is asked in the way of ``sendmail -bv``, which delivers nothing; smtp(8) and lmtp(8),
which would ask another host, are never started. What any of them logs comes here and nowhere else.

master(8) gives its children a listening socket as descriptor 6, its own ear as 5, and a pipe as 3
and 4 (master_proto.h); so does this.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import re
import selectors
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.labs.mail.plugins.module_utils._explain.attributes import (
    Reader,
    SpeechError,
    write,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.log_reading import (
    lines_of,
    stuck,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.no_network import without_dns
from ansible_collections.labs.mail.plugins.module_utils._explain.processes import (
    Spawned,
    in_directory,
    with_rights_of,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.queue_file import Queued, read
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

UNPRIVILEGED = ("cleanup", "trivial-rewrite", "qmgr", "oqmgr", "nqmgr", "anvil", "proxymap")
"""Programs that are asked as they are; none of them reaches outside of the queue's directory."""

VERIFYING = ("local", "virtual", "pipe", "error", "discard")
"""Delivery agents that say what they would do where a request bears VERIFY, and then do nothing."""

VERIFY = 1 << 9
"""DEL_REQ_FLAG_USR_VRFY in deliver_request.h."""

REPORTING = ("bounce", "defer", "trace", "verify")
QUEUES = (
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "maildrop",
    "saved",
    "trace",
)
SECONDS = 8.0
"""Whatever has not been answered by then is not known."""

DENIED = re.compile(r"open (?:database |map )?(/[^: ]+): Permission denied")

MOST_AT_ONCE = 1000
"""Among so many last lines one is searched for that has just been written."""

AFTER_A_DEATH_SECONDS = 0.5
"""What other agents have to say is known so long after one has died."""

VERBOSE = ("cleanup", "trivial-rewrite", "virtual", "local")


@dataclass
class Request:
    """What the queue manager asks of a delivery agent: some recipients, and where they go."""

    service: str
    queue_id: str
    sender: str
    nexthop: str
    recipients: list[str]
    originals: list[str]
    queued: Queued = Queued()
    """The message as cleanup has left it."""

    def recipient_of(self, original: str) -> str:
        """Return the recipient that an original one has become; "" where it is none of these."""
        if original not in self.originals:
            return ""
        return self.recipients[self.originals.index(original)]


@dataclass
class Report:
    """What became of a recipient: by a delivery agent that verifies, or by the queue manager."""

    kind: str
    queue_id: str
    recipient: str
    original: str
    status: str
    action: str
    reason: str

    @property
    def service(self) -> str:
        """The service whose agent reports; "" where the queue manager itself does."""
        found = re.match(r"delivery via ([^:]+): ", self.reason)
        return found[1] if found else ""


@dataclass
class PrivatePostfix:
    """The programs, their directory, and all that they have said.

    :arg entries: the services of master.cf.
    :arg values: ``daemon_directory``, ``mail_owner`` and ``setgid_group``.
    :arg overrides: parameters that every program is given beside its own options.
    """

    config_directory: str
    entries: Sequence[Entry]
    values: Mapping[str, str]
    overrides: Mapping[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    deaths: int = 0
    """How often a delivery agent has said that it cannot go on, or waits for what is not there."""
    denied: str = ""
    """Why what is told is not known: root, as whom master(8) opens tables, may read one."""
    told_deaths: int = 0
    """How often one had when a message had last left the queue."""

    def __enter__(self) -> PrivatePostfix:
        """Make the directory, and open the sockets."""
        owner = pwd.getpwnam(self.values["mail_owner"])
        self.owner = (owner.pw_uid, owner.pw_gid)
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="explain-"))
        os.chmod(self.folder, 0o755)
        for name in (*QUEUES, "pid", "private", "public", "data"):
            os.mkdir(os.path.join(self.folder, name), 0o755)
            os.chown(os.path.join(self.folder, name), *self.owner)
        self.changed = threading.Condition()
        self.children: dict[str, Spawned] = {}
        self.sockets: dict[str, socket.socket] = {}
        self.agents: dict[str, Entry] = {}
        self.ended = threading.Event()
        ear, mouth = os.pipe()
        # A child's descriptors 3 to 6 are its master's; ours have to be others.
        self.flow = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 30) for end in (ear, mouth)]
        os.close(ear)
        os.close(mouth)
        for end in self.flow:
            os.set_blocking(end, False)
        self.heard, self.status = socket.socketpair()
        self.heard.setblocking(False)
        self._open()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End the programs, and leave nothing behind."""
        self.ended.set()
        self.thread.join(SECONDS)
        for child in list(self.children.values()):
            child.end()
        for each in (*self.sockets.values(), self.heard, self.status):
            each.close()
        for end in self.flow:
            os.close(end)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self) -> None:
        """Open a socket for the log and for each service of master.cf on a socket of its own."""
        log = self._socket("public/postlog", socket.SOCK_DGRAM)
        log.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        for entry in self.entries:
            if entry.type not in ("unix", "fifo"):
                continue
            columns = entry.values()
            place = "public" if columns["private"] == "n" else "private"
            self._socket(f"{place}/{entry.name}", socket.SOCK_STREAM)
            self.agents[f"{place}/{entry.name}"] = entry
            if columns["command"] in VERIFYING:
                self._socket(f"private/really-{entry.name}", socket.SOCK_STREAM)
                self.agents[f"private/really-{entry.name}"] = entry

    def _socket(self, name: str, kind: int) -> socket.socket:
        path = os.path.join(self.folder, name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        if name in self.sockets:
            self.sockets[name].close()
        found = socket.socket(socket.AF_UNIX, kind)
        found.bind(path)
        os.chmod(path, 0o666)
        if kind == socket.SOCK_STREAM:
            found.listen(20)
        self.sockets[name] = found
        return found

    def _serve(self) -> None:
        """Start each program when somebody speaks to it, and be all the others."""
        selector = selectors.DefaultSelector()
        selector.register(self.heard, selectors.EVENT_READ, "")
        for name, each in self.sockets.items():
            selector.register(each, selectors.EVENT_READ, name)
        asleep: dict[str, socket.socket] = {}
        while not self.ended.is_set():
            for key, _events in selector.select(0.02):
                name = key.data
                if not name:
                    self.heard.recv(65536)
                elif name == "public/postlog":
                    self._note(self.sockets[name].recv(65536))
                elif self._runs_really(name):
                    self.children[name] = self._start(name)
                    asleep[name] = self.sockets[name]
                    selector.unregister(self.sockets[name])
                else:
                    connection = self.sockets[name].accept()[0]
                    connection.settimeout(SECONDS)
                    threading.Thread(
                        target=self._answer, args=(name, connection), daemon=True
                    ).start()
            for name in [name for name in asleep if self.children[name].poll()]:
                selector.register(asleep.pop(name), selectors.EVENT_READ, name)
        selector.close()

    def _note(self, data: bytes) -> None:
        line = data.decode("utf-8", "replace").rstrip("\n")
        with self.changed:
            self.lines.append(line)
            self.deaths += bool(stuck([line], *VERIFYING))
            if not self.denied and DENIED.search(line):
                self.denied = self._denial(line)
            self.changed.notify_all()

    @staticmethod
    def _denial(line: str) -> str:
        """Return what a line says of a table that Postfix's user may not read, root but may."""
        found = next(lines_of([line], "smtpd", *UNPRIVILEGED), None)
        match = DENIED.search(found[1]) if found else None
        return f"only root may read {match[1]}" if match else ""

    def _runs_really(self, name: str) -> bool:
        command = self.agents[name].values()["command"]
        return command in UNPRIVILEGED or name.startswith("private/really-")

    def options(self, entry: Entry) -> Iterator[str]:
        """Yield the words that give a program its service's options and ours."""
        given = {**entry.option_values(), **self.overrides, **self.own_overrides}
        for name, value in given.items():
            yield from ("-o", f"{name}={value}")

    @property
    def own_overrides(self) -> dict[str, str]:
        """What every program has to be told, so that it stays by itself."""
        return {
            "queue_directory": self.folder,
            "data_directory": f"{self.folder}/data",
            "maillog_file": "/var/log/explained",
            "maillog_file_prefixes": "/var",
            "postlog_service_name": "postlog",
            "in_flow_delay": "0s",
            "address_verify_map": "",
            "queue_minfree": "0",
        }

    def environment(self) -> dict[str, str]:
        """Return the environment of a program."""
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        zone = {name: os.environ[name] for name in ("TZ",) if name in os.environ}
        return {"PATH": path, "LC_ALL": "C", "MAIL_CONFIG": self.config_directory, **zone}

    def program(self, command: str) -> str:
        """Return the path of a program."""
        return os.path.join(self.values["daemon_directory"], command)

    @property
    def as_owner(self) -> dict[str, Any]:
        """What has a process run with the rights of ``mail_owner`` alone."""
        return {"user": self.owner[0], "group": self.owner[1], "extra_groups": []}

    def _start(self, name: str) -> Spawned:
        entry = self.agents[name]
        command = entry.values()["command"]
        words = [self.program(command), "-n", entry.name, "-t", "unix"]
        words += ["-l"] if command in ("qmgr", "oqmgr", "nqmgr", "anvil") else []
        words += ["-z"] if command == "cleanup" else []
        words += ["-v"] if command in VERBOSE else []
        words += [*self.options(entry), *(token for token in entry.arguments() if token != "-v")]
        if command in UNPRIVILEGED:
            words = with_rights_of(*self.owner, words)
        words = in_directory(self.folder, words)
        ears = [*self.flow, self.status.fileno(), self.sockets[name].fileno()]
        far = [fcntl.fcntl(ear, fcntl.F_DUPFD_CLOEXEC, 40) for ear in ears]

        def start() -> Spawned:
            return Spawned(words, self.environment(), dict(enumerate(far, 3)))

        try:
            return without_dns(start) if command in UNPRIVILEGED else start()
        finally:
            for ear in far:
                os.close(ear)

    def _answer(self, name: str, connection: socket.socket) -> None:
        """Be a program that is not run."""
        entry = self.agents[name]
        command = entry.values()["command"]
        try:
            with connection:
                if command in REPORTING:
                    self._take_report(entry.name, connection)
                elif command == "flush":
                    connection.sendall(write(("protocol", "queue_flush_protocol")))
                    Reader(connection).read()
                    connection.sendall(write(("status", "0")))
                elif command in VERIFYING:
                    self._verify(entry, connection)
                elif command in ("smtp", "lmtp"):
                    connection.sendall(write(("protocol", "delivery_request_protocol")))
                    self._take_request(entry, Reader(connection))
                    connection.sendall(_DELIVERED)
                    connection.recv(1)
        except (OSError, SpeechError):
            return

    def _take_report(self, kind: str, connection: socket.socket) -> None:
        connection.sendall(write(("protocol", "delivery_status_protocol")))
        said = dict(Reader(connection).read()[0])
        with self.changed:
            if "recipient" in said:
                self.reports.append(
                    Report(
                        kind,
                        said.get("queue_id", ""),
                        said["recipient"],
                        said.get("original_recipient", ""),
                        said.get("status", ""),
                        said.get("action", ""),
                        said.get("reason", ""),
                    )
                )
            self.changed.notify_all()
        connection.sendall(write(("status", "0")))

    def _take_request(
        self, entry: Entry, reader: Reader
    ) -> list[tuple[list[tuple[str, str]], bytes]]:
        """Read a request, and keep it."""
        blocks = [reader.read()]
        head = dict(blocks[0][0])
        blocks += [reader.read() for _each in range(int(head.get("recipient_count", "0")))]
        people = [dict(block[0]) for block in blocks[1:]]
        queued = self._queued(head.get("queue_id", ""))
        with self.changed:
            self.requests.append(
                Request(
                    entry.name,
                    head.get("queue_id", ""),
                    head.get("sender", ""),
                    head.get("nexthop", ""),
                    [each.get("recipient", "") for each in people],
                    [each.get("original_recipient", "") for each in people],
                    queued,
                )
            )
            self.changed.notify_all()
        return blocks

    def _queued(self, queue_id: str) -> Queued:
        """Return what the queue holds under an id while it is delivered."""
        path = os.path.join(self.folder, "active", os.path.basename(queue_id))
        with contextlib.suppress(OSError), open(path, "rb") as file:
            return read(file.read())
        return Queued()

    def _verify(self, entry: Entry, client: socket.socket) -> None:
        """Pass a request on to the agent itself, as one to verify."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            agent.settimeout(SECONDS)
            agent.connect(os.path.join(self.folder, "private", f"really-{entry.name}"))
            from_agent, from_client = Reader(agent), Reader(client)
            client.sendall(from_agent.read()[1])
            (head, _raw), *people = self._take_request(entry, from_client)
            flags = int(dict(head).get("flags", "0")) | VERIFY
            changed = [(name, str(flags) if name == "flags" else text) for name, text in head]
            agent.sendall(write(*changed) + b"".join(raw for _pairs, raw in people))
            client.sendall(from_agent.read()[1])
            client.recv(1)

    def settle(self, queue_id: str) -> bool:
        """Wait until a message has left the queue and all is known; tell whether it has.

        One whose agent dies stays there, and the queue manager tries again only much later.
        """
        places = [os.path.join(self.folder, name, queue_id) for name in ("incoming", "active")]
        before = self.told_deaths
        self.wait(lambda: not any(map(os.path.exists, places)) or self.deaths > before)
        died = self.deaths > before
        seconds = AFTER_A_DEATH_SECONDS if died else 0
        left = self.wait(lambda: not any(map(os.path.exists, places)), seconds)
        mark = f"explained-{queue_id}-{len(self.lines)}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.sendto(mark.encode(), os.path.join(self.folder, "public/postlog"))
        heard = self.wait(lambda: mark in self.lines[-MOST_AT_ONCE:])
        self.told_deaths = self.deaths
        return heard and left

    def wait(self, done: Callable[[], bool], seconds: float = SECONDS) -> bool:
        """Wait until something is so; tell whether it is."""
        end = time.monotonic() + seconds
        with self.changed:
            while not done():
                left = end - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    return done()
        return True


_DELIVERED = write(
    ("status", "2.0.0"),
    ("diag_type", ""),
    ("diag_text", ""),
    ("mta_type", ""),
    ("mta_mname", ""),
    ("action", ""),
    ("reason", ""),
)[:-1] + write(("status", "0"))
