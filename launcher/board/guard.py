"""What stands before every page of the board: who may see it, and what browsers may do there."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from launcher.board import doorkeeper, pages
from launcher.board.doorkeeper import Doorkeeper
from launcher.language import tr


class Guard:
    """Lets through what the doorkeeper lets through, and puts his headers on every answer."""

    def __init__(self, app: Starlette, keeper: Doorkeeper) -> None:
        self.app, self.keeper = app, keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [
                    (name.lower().encode(), value.encode())
                    for name, value in doorkeeper.HEADERS.items()
                ]
                message = {**message, "headers": [*message["headers"], *given]}
            await send(message)

        refused = self._refusal(Request(scope))
        await (refused or self.app)(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        twice = len(request.headers.getlist("host")) != 1
        asked = doorkeeper.Request(request.method, headers)
        if twice or self.keeper.refusal(asked):
            return refuse(tr("This page is for this computer's browser alone."), 403)
        cookie = request.cookies.get(self.keeper.cookie_name, "")
        if request.url.path != "/enter" and not self.keeper.knows(cookie):
            return refuse(tr("Open the address that ./lab board has printed."), 403)
        return None


def refuse(text: str, code: int) -> Response:
    """Return the page that says why something is refused."""
    return HTMLResponse(pages.refused(text), code)
