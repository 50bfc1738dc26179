"""The desktop of a machine in the page: noVNC on one side, TigerVNC's server there on the other.

What goes through the WebSocket as bytes is RFB (RFC 6143), which the browser and the machine speak
and nobody in between reads. Text is ``p``, a sign of life, which is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncssh
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from .channel import UNREACHABLE, Channels, MisuseError, first_to_end, heard
from .gate import UnreachableError
from .words import WORDS

if TYPE_CHECKING:
    from .app import Page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' wss://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Pictures of the screen, and the pointer, come as data: addresses."""
MOST_SENT = 65536


def routes(page: Page) -> list[BaseRoute]:
    """Return the addresses, none where the class has no desktop."""
    if not page.settings.desktop:
        return []
    desktops = Desktops(page.gate)

    async def shown(request: Request) -> Response:
        language = request.path_params["language"]
        if language not in WORDS:
            return Response(status_code=404)
        session = page.session_of(request)
        if session is None:
            return RedirectResponse(f"/{language}/", 303)
        html = page.templates.get_template("desktop.html").render(
            language=language, words=WORDS[language], session=session
        )
        policy = POLICY.format(host=request.headers["host"])
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    async def screen(socket: WebSocket) -> None:
        session = page.session_of(socket)
        if session is None:
            await socket.close(1008)
            return
        await desktops.serve(socket, session)

    return [Route("/{language}/desktop", shown), WebSocketRoute("/desktop", screen)]


class Desktops(Channels):
    """The desktops of the class."""

    MOST = 2

    async def _between(self, socket: WebSocket, student: str, opened: Any) -> int:
        process = await self._gate.channel(opened, "desktop")
        try:
            await first_to_end(_down(process, socket), _up(socket, process))
        except (OSError, asyncssh.Error) as error:
            raise UnreachableError from error
        return UNREACHABLE


async def _down(process: Any, socket: WebSocket) -> None:
    while drawn := await process.stdout.read(MOST_SENT):
        await socket.send_bytes(drawn)


async def _up(socket: WebSocket, process: Any) -> None:
    while True:
        said = await heard(socket)
        if said == "p":
            await socket.send_text('{"alive": true}')
        elif isinstance(said, bytes) and len(said) <= MOST_SENT:
            process.stdin.write(said)
            await process.stdin.drain()
        else:
            raise MisuseError
