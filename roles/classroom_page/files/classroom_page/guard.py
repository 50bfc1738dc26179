"""What stands before every request: who may ask, by which name, from which page, and how much."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from .settings import Settings

App = Callable[[Any, Any, Any], Awaitable[None]]

MOST_BYTES = 4096
"""The largest body of a request."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=86400",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

SILENT = {"GET", "HEAD"}
"""Methods that change nothing."""


class Guard:
    """Refuses what a page of ours would not ask, before anything else looks at it."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        status = self._refused(scope)
        if scope["type"] == "websocket":
            if status:
                # Before it is accepted: the server answers 403.
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self._app(scope, receive, send)
            return
        guarded = _with_headers(send)
        if status:
            await _refuse(guarded, status)
        elif scope["method"] in SILENT:
            await self._app(scope, receive, guarded)
        else:
            await self._with_body(scope, receive, guarded)

    def _refused(self, scope: Any) -> int:
        """Return the status by which a request is refused, or 0."""
        headers = Headers(scope=scope)
        client = (scope.get("client") or ("",))[0]
        if self._settings.refuses(client):
            return 403
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        # One name, and one that is ours: another's leads here by a name server that lies.
        if len(hosts) != 1 or hosts[0].lower() not in self._settings.hosts:
            return 421
        is_silent = scope["type"] == "http" and scope["method"] in SILENT
        if not (is_silent and not origins) and origins != [f"https://{hosts[0].lower()}"]:
            return 403
        site = headers.get("sec-fetch-site", "same-origin")
        is_visit = headers.get("sec-fetch-mode") == "navigate" and is_silent
        if site not in ("same-origin", "none") and not is_visit:
            return 403
        return 0

    async def _with_body(self, scope: Any, receive: Any, send: Any) -> None:
        """Read all of a body first, as far as it is small, and pass it on."""
        headers = Headers(scope=scope)
        if headers.get("content-type", "").lower() != "application/json":
            await _refuse(send, 415)
            return
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MOST_BYTES:
                await _refuse(send, 413)
                return
        whole = {"type": "http.request", "body": body, "more_body": False}
        parts = [whole]

        async def given() -> Any:
            return parts.pop() if parts else await receive()

        await self._app(scope, given, send)


def _with_headers(send: Any) -> Any:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


async def _refuse(send: Any, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
