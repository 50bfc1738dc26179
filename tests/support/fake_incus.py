"""A daemon of Incus in memory, behind a socket: what a lab asks of it, and what it was asked."""

from __future__ import annotations

import itertools
import json
import shutil
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.fake_sftp import Server

KINDS = ("projects", "networks", "network-acls", "storage-pools")


class Daemon:
    """What the daemon has. ``asked`` are the requests that change something, in their order.

    With ``members`` it is one of a cluster; these are statuses by their names, and ``targets`` the
    members that were named of each thing that was made.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.asked: list[str] = []
        self.refuse: dict[str, list[str]] = {}
        self.things: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self.aliases: dict[str, str] = {}
        self.images: dict[str, dict[str, Any]] = {}
        self.instances: dict[str, dict[str, Any]] = {}
        self.snapshots: dict[str, dict[str, Path]] = {}
        self.commands: list[dict[str, Any]] = []
        self.outcome = (0, b"done\n")
        self.server_name = "incus"
        self.members: dict[str, str] = {}
        self.targets: dict[str, list[str]] = {}
        self.socket = str(directory / "unix.socket")
        self.server = _Unix(self.socket, type("Bound", (Handler,), {"daemon": self}))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()

    def root(self, name: str) -> Path:
        """Return where the files of a machine are."""
        return self.directory / "machines" / name

    def answer(self, method: str, path: str, body: Any, target: str = "") -> tuple[int, Any]:
        """Return the code of an error or 200, and what is answered."""
        parts = [unquote(part) for part in path.split("/")[2:]]
        if method != "GET":
            self.asked.append(f"{method} /{'/'.join(parts)}")
        for words, texts in self.refuse.items():
            if words in f"{method} /{'/'.join(parts)}" and texts:
                return 500, texts.pop(0)
        if not parts or parts == [""]:
            return 200, {"environment": {"server": self.server_name}}
        if parts[0] == "cluster":
            return self._cluster(method, parts[1:])
        if target:
            self.targets.setdefault(body["name"], []).append(target)
        if parts[0] in KINDS:
            return self._thing(method, parts, body, target)
        if parts[:2] == ["images", "aliases"]:
            name = "/".join(parts[2:])
            known = {"name": name, "target": self.aliases.get(name)}
            return (200, known) if name in self.aliases else (404, "not found")
        if parts[0] == "instances":
            return self._instance(method, parts[1:], body)
        return 404, f"not found: {path}"

    def _cluster(self, method: str, parts: list[str]) -> tuple[int, Any]:
        if not parts:
            return 200, {"enabled": bool(self.members), "server_name": next(iter(self.members), "")}
        if method == "DELETE":
            del self.members[parts[1]]
            gone = [n for n, each in self.instances.items() if each["location"] == parts[1]]
            for name in gone:
                del self.instances[name], self.snapshots[name]
                shutil.rmtree(self.root(name))
            return 200, {}
        return 200, [
            {"server_name": name, "url": f"https://{name}.example:8443", "status": status}
            for name, status in self.members.items()
        ]

    def _thing(self, method: str, parts: list[str], body: Any, target: str) -> tuple[int, Any]:
        known = self.things[parts[0]]
        name = parts[1] if len(parts) > 1 else body["name"]
        if target:
            defined = known.setdefault(name, {**body, "status": "Pending", "defined": []})
            if target in defined["defined"]:
                return 500, f"The network is already defined on member {target!r}"
            defined["defined"].append(target)
            return 200, {}
        if method in ("POST", "PUT"):
            known[name] = body
        elif name not in known:
            return 404, "not found"
        elif method == "DELETE":
            del known[name]
        return 200, known.get(name)

    def _instance(self, method: str, parts: list[str], body: Any) -> tuple[int, Any]:
        if not parts:
            return self._instances(method, body)
        name, rest = parts[0], parts[1:]
        if name not in self.instances:
            return 404, "Instance not found"
        known = self.instances[name]
        if rest[:1] == ["snapshots"]:
            return self._snapshot(method, name, rest[1:], body)
        if rest == ["state"]:
            known["status"] = "Stopped" if body["action"] == "stop" else "Running"
        elif rest == ["exec"]:
            self.commands.append(body)
            code, printed = self.outcome
            (self.directory / "log").write_bytes(printed)
            output = {"1": f"/1.0/instances/{name}/logs/exec-output/x?project=lab"}
            return 200, {"return": code, "output": output}
        elif method == "PUT" and "restore" in body:
            shutil.rmtree(self.root(name))
            shutil.copytree(self.snapshots[name][body["restore"]], self.root(name), symlinks=True)
        elif method == "PUT":
            known.update(body)
        elif method == "PATCH":
            known["config"].update(body["config"])
            known["devices"].update(body["devices"])
        elif method == "POST":
            new = body["name"]
            self.instances[new] = {**self.instances.pop(name), "name": new}
            self.snapshots[new] = self.snapshots.pop(name)
            self.root(name).rename(self.root(new))
        elif method == "DELETE" and not rest:
            if known["status"] != "Stopped":
                return 400, "The instance is currently running"
            del self.instances[name], self.snapshots[name]
            shutil.rmtree(self.root(name))
        return 200, known

    def _instances(self, method: str, body: Any) -> tuple[int, Any]:
        if method == "GET":
            silent = {name for name, status in self.members.items() if status == "Offline"}
            return 200, [
                {**each, "status": "Error", "config": None, "devices": None}
                if each["location"] in silent
                else each
                for each in self.instances.values()
            ]
        name = body["name"]
        if name in self.instances:
            return 409, "This instance already exists"
        source = body["source"]
        config = self._born(source, body["config"])
        config["volatile.idmap.base"] = config.get("security.idmap.base", "65536")
        place = self.targets.get(name, ["none"])[-1]
        self.instances[name] = {
            "description": "",
            **body,
            "config": config,
            "status": "Stopped",
            "location": place,
        }
        self.snapshots[name] = {}
        for part in ("root", "etc"):
            (self.root(name) / part).mkdir(parents=True, exist_ok=True)
        if source["type"] == "copy":
            owner, _slash, snapshot = source["source"].partition("/")
            there = self.snapshots[owner][snapshot] if snapshot else self.root(owner)
            shutil.copytree(there, self.root(name), symlinks=True, dirs_exist_ok=True)
        return 200, {}

    def _born(self, source: dict[str, Any], config: dict[str, str]) -> dict[str, str]:
        """Return the configuration of a machine that is made from an image, or a copy."""
        if source["type"] == "image":
            return {**config, "volatile.base_image": self.aliases[source["alias"]]}
        return {**self.instances[source["source"].partition("/")[0]]["config"], **config}

    def _snapshot(self, method: str, name: str, rest: list[str], body: Any) -> tuple[int, Any]:
        known = self.snapshots[name]
        if method == "GET":
            return 200, [f"/1.0/instances/{name}/snapshots/{each}?project=x" for each in known]
        if method == "POST":
            copy = self.directory / "snapshots" / name / body["name"]
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(self.root(name), copy, symlinks=True)
            known[body["name"]] = copy
            return 200, {}
        if rest[0] not in known:
            return 404, "not found"
        del known[rest[0]]
        return 200, {}


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 50


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP: what changes something is an operation, which is waited for."""

    daemon: Daemon
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        asked = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        if self.headers.get("Upgrade") == "sftp":
            self._sftp(unquote(asked.path).split("/")[3])
            return
        if "/operations/" in asked.path:
            self._json(200, {"type": "sync", "metadata": json.loads(OPERATIONS.pop(asked.path))})
            return
        if "/logs/" in asked.path:
            self._raw((self.daemon.directory / "log").read_bytes())
            return
        body = json.loads(raw) if raw else None
        target = parse_qs(asked.query).get("target", [""])[0]
        code, answer = self.daemon.answer(self.command, asked.path, body, target)
        if code != 200:
            self._json(code, {"type": "error", "error": answer, "error_code": code})
        elif self.command == "GET":
            self._json(200, {"type": "sync", "metadata": answer})
        else:
            # Several machines are asked for at a time.
            number = f"/1.0/operations/{next(NUMBERS)}/wait"
            done = {"status_code": 200, "err": "", "description": "", "metadata": answer}
            OPERATIONS[number] = json.dumps(done, default=str)
            operation = {"id": number.split("/")[3]}
            self._json(202, {"type": "async", "metadata": operation})

    def _json(self, code: int, answer: Any) -> None:
        self._raw(json.dumps(answer, default=str).encode(), code, "application/json")

    def _raw(self, body: bytes, code: int = 200, kind: str = "text/plain") -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _sftp(self, name: str) -> None:
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: sftp\r\n\r\n")
        self.wfile.flush()
        Server(self.connection, self.daemon.root(name)).serve()
        self.close_connection = True

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """Return the client's address, of which a socket knows nothing."""
        return "socket"


OPERATIONS: dict[str, str] = {}
NUMBERS = itertools.count(1)

for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    setattr(Handler, f"do_{verb}", Handler._handle)
