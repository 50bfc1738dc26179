"""The web server of the board: it reads the file of events, and writes orders into the queue."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher.board import doorkeeper, event_file, pages, pictures, view
from launcher.board.doorkeeper import Doorkeeper
from launcher.board.guard import Guard, refuse
from launcher.board.live import Board
from launcher.board.orders import ACTIONS, Order, OrderError, line_of, order_of
from launcher.board.pages import Parts, changes
from launcher.language import language, tr
from launcher.spreadsheet import as_csv

MOST_FORM = 4096
MOST_STREAMS = 64

AGAIN = 300
"""After how many milliseconds a browser asks again that was cut off; by itself after 3,000."""

FILES = {"board.css": "text/css", "board.js": "text/javascript"}
JSON = "application/json"


def application(board: Board, keeper: Doorkeeper, say: Callable[[str], None]) -> Guard:
    """Return the application.

    :arg say: is given each new token, for the terminal.
    """
    site = Site(board, keeper, say)

    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(board.watch())
        try:
            yield
        finally:
            watching.cancel()

    return Guard(Starlette(routes=site.routes(), lifespan=life), keeper)


class Site:
    """What each address of the board answers."""

    def __init__(self, board: Board, keeper: Doorkeeper, say: Callable[[str], None]) -> None:
        self.board, self.keeper, self.say = board, keeper, say

    def routes(self) -> list[Route]:
        """Return all addresses."""
        return [
            Route("/enter", self.enter),
            Route("/", self.home),
            Route("/seat/{machine}", self.seat),
            Route("/picture/{machine}", self.picture),
            Route("/projector", self.projector),
            Route("/replay", self.replay),
            Route("/replay/part", self.replay_part),
            Route("/board.csv", self.table),
            Route("/stream/{name:path}", self.stream),
            Route("/order", self.order, methods=["POST"]),
            Route("/favicon.ico", self.icon),
            *map(_file, FILES),
        ]

    async def enter(self, request: Request) -> Response:
        """Let in who brings the token of the terminal."""
        cookie = self.keeper.let_in(request.query_params.get("token", ""))
        if cookie is None:
            return refuse(tr("This address is used up: take the last one of the terminal."), 403)
        self.say(self.keeper.token)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            self.keeper.cookie_name,
            cookie,
            max_age=doorkeeper.LASTS,
            httponly=True,
            samesite="strict",
        )
        return answer

    async def home(self, request: Request) -> Response:
        """Answer the board."""
        return HTMLResponse(
            pages.board(
                self.board.state, self.board.clock(), self.board.people, self._word(request)
            )
        )

    async def seat(self, request: Request) -> Response:
        """Answer the page of a machine."""
        machine = request.path_params["machine"]
        if not self.board.has(machine):
            return refuse(tr("There is no such machine."), 404)
        now = self.board.clock()
        return HTMLResponse(
            pages.seat(self.board.state, now, machine, self.board.people, self._word(request))
        )

    async def picture(self, request: Request) -> Response:
        """Answer the picture of a machine's last message: what a stranger drew, as an image."""
        machine = request.path_params["machine"]
        path = pictures.path_of(self.board.queue.parent, machine)
        if not self.board.has(machine) or not path.is_file():
            return refuse(tr("There is no such page."), 404)
        return Response(path.read_bytes(), media_type="image/svg+xml")

    async def projector(self, _request: Request) -> Response:
        """Answer the view without names."""
        return HTMLResponse(pages.projector(self.board.state, self.board.clock()))

    async def replay(self, request: Request) -> Response:
        """Answer the lesson as it was, at a moment."""
        most = len(self.board.events)
        return HTMLResponse(
            pages.replay(self.board.at(_at(request, most)), most, self.board.people)
        )

    async def replay_part(self, request: Request) -> Response:
        """Answer what changes of the replay at another moment."""
        state = self.board.at(_at(request, len(self.board.events)))
        return Response(_json(pages.replay_parts(state, self.board.people).whole), media_type=JSON)

    async def table(self, _request: Request) -> Response:
        """Answer the board as a table for a spreadsheet."""
        lang = language()
        rows = (list(row) for row in view.table(self.board.state, self.board.people))
        headers = {"Content-Disposition": 'attachment; filename="board.csv"'}
        return Response(as_csv(rows, lang), media_type="text/csv", headers=headers)

    async def stream(self, request: Request) -> Response:
        """Tell what changes of a page, as server-sent events."""
        name = request.path_params["name"]
        known = name in ("board", "projector") or (
            name.startswith("seat/") and self.board.has(name.removeprefix("seat/"))
        )
        if not known:
            return refuse(tr("There is no such page."), 404)
        if self.board.streams >= MOST_STREAMS:
            return refuse(tr("Too many look at the board already."), 503)
        return StreamingResponse(_told(self.board, name), media_type="text/event-stream")

    async def order(self, request: Request) -> Response:
        """Write the order of a form into the queue."""
        form = await _form(request)
        if form is None:
            return refuse(tr("That is no form of this page."), 400)
        cookie = request.cookies.get(self.keeper.cookie_name, "")
        if not self.keeper.wrote_form(cookie, form.get("word", "")):
            return refuse(tr("That is no form of this page."), 403)
        try:
            given = _order(form, self.board.machines)
        except OrderError as error:
            return refuse(str(error), 400)
        if not self.board.may_order():
            return refuse(tr("Too many orders at once: wait a moment."), 429)
        event_file.append(self.board.queue, [line_of(given)])
        back = request.headers.get("referer", "").endswith(f"/seat/{given.machine}")
        return RedirectResponse(f"/seat/{given.machine}" if back else "/", 303)

    async def icon(self, _request: Request) -> Response:
        """Answer that there is none."""
        return Response(status_code=204)

    def _word(self, request: Request) -> str:
        return self.keeper.form_word(request.cookies.get(self.keeper.cookie_name, ""))


def _file(name: str) -> Route:
    """Return the address of a file that never changes while the server runs."""
    content = (pages.DIRECTORY / name).read_bytes()

    async def send(_request: Request) -> Response:
        return Response(content, media_type=FILES[name])

    return Route(f"/{name}", send)


def _json(parts: Mapping[str, str]) -> str:
    return json.dumps({name: str(part) for name, part in parts.items()}, ensure_ascii=False)


async def _told(board: Board, name: str) -> AsyncIterator[str]:
    """Yield what changes of a page, as server-sent events; first all of it."""
    board.streams += 1
    shown: Parts | None = None
    yield f"retry: {AGAIN}\n\n"
    try:
        while True:
            version = board.version
            parts = board.parts(name)
            if found := changes(shown, parts):
                yield f"data: {_json(found)}\n\n"
            shown = parts
            async with board.changed:
                while board.version == version:
                    await board.changed.wait()
    finally:
        board.streams -= 1


def _at(request: Request, most: int) -> int:
    """Return the number of events that a replay is to show."""
    text = request.query_params.get("at", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else most
    return min(number, most)


async def _form(request: Request) -> dict[str, str] | None:
    """Return the fields of a form, each once; None where it is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        return None
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_FORM:
            return None
    try:
        fields = parse_qs(content.decode(), errors="strict", max_num_fields=10)
    except ValueError:
        return None
    if any(len(values) != 1 for values in fields.values()):
        return None
    return {name: values[0] for name, values in fields.items()}


def _order(form: Mapping[str, str], machines: list[str]) -> Order:
    """Return the order that a form gives. Raises OrderError."""
    action, _blank, machine = form.get("order", "").partition(" ")
    known = ACTIONS.get(action)
    if known and known.loses_work and form.get("sure") != "yes":
        raise OrderError(tr("Say that you want it: what was done on the machine is lost."))
    given = Order(
        secrets.token_hex(16),
        action,
        machine,
        form.get("exercise", "") if action == "start" else "",
        form.get("text", "").strip() if action == "note" else "",
    )
    # Whoever runs it validates it again.
    return order_of(line_of(given), machines, catalogue())
