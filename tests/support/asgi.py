"""Requests and WebSockets to an application of ASGI, without a server and a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

HOST = "192.0.2.7:8443"
ORIGIN = f"https://{HOST}"
SECONDS = 10


@dataclass(frozen=True)
class Answer:
    """What an application answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def held(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        """The body, read as lines of JSON."""
        return [json.loads(line) for line in self.body.splitlines()]

    def header(self, name: str) -> str:
        """Return a header, nothing where it is not there."""
        return next((value for key, value in self.headers if key == name), "")


def scope_of(
    kind: str, path: str, headers: Mapping[str, str], client: str, **more: Any
) -> dict[str, Any]:
    """Return what a server tells of a request."""
    path, _mark, query = path.partition("?")
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "https" if kind == "http" else "wss",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": (client, 40000),
        "server": ("192.0.2.7", 443),
        **more,
    }


def ask(
    app: Any,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    client: str = "192.0.2.50",
    heard: Callable[[bytes], object] = bool,
    gone: bool = False,
) -> Answer:
    """Ask, and return what is answered.

    :arg heard: is told each part of the body when it comes.
    :arg gone: who asks goes away once the answer begins.
    """
    parts: list[dict[str, Any]] = []
    given = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if given:
            return given.pop()
        await (begun if gone else asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        parts.append(message)
        begun.set()
        heard(message.get("body", b""))

    begun = asyncio.Event()
    asyncio.run(app(scope_of("http", path, headers, client, method=method), receive, send))
    told = [(name.decode().lower(), value.decode()) for name, value in parts[0]["headers"]]
    content = b"".join(part.get("body", b"") for part in parts[1:])
    return Answer(parts[0]["status"], told, content)


class Socket:
    """The browser's end of a WebSocket."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def say(self, text: str) -> None:
        """Send a text."""
        self.said.put_nowait({"type": "websocket.receive", "text": text})

    async def hear(self) -> Any:
        """Return what comes next: text read as JSON, bytes, or the code by which it is closed."""
        message = await asyncio.wait_for(self.heard.get(), SECONDS)
        if message["type"] == "websocket.close":
            return message.get("code", 1000)
        return message.get("bytes") or json.loads(message["text"])


def talk(
    app: Any,
    path: str,
    headers: Mapping[str, str],
    conversation: Callable[[Socket], Awaitable[None]],
) -> None:
    """Open a WebSocket, talk, and go."""

    async def run() -> None:
        socket = Socket()
        socket.said.put_nowait({"type": "websocket.connect"})
        scope = scope_of("websocket", path, headers, "192.0.2.50", subprotocols=[])
        serving = asyncio.ensure_future(app(scope, socket.said.get, socket.heard.put))
        first = await asyncio.wait_for(socket.heard.get(), SECONDS)
        if first["type"] != "websocket.accept":
            socket.heard.put_nowait(first)
        try:
            await conversation(socket)
        finally:
            socket.said.put_nowait({"type": "websocket.disconnect", "code": 1001})
            await asyncio.wait_for(serving, SECONDS)

    asyncio.run(run())
