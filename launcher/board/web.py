"""The web server of the board: it reads the file of events, and writes orders into the queue."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher import gradebook
from launcher.board import doorkeeper, event_file, pages, view
from launcher.board.doorkeeper import Doorkeeper
from launcher.board.events import Event, event_of
from launcher.board.orders import (
    ACTIONS,
    ALL,
    MOST_ORDERS,
    Order,
    OrderError,
    line_of,
    order_of,
)
from launcher.board.pages import Parts, changes
from launcher.board.state import State, apply, fold
from launcher.language import language, tr

LOOK = 0.2
"""How many seconds lie between two looks at the file."""

TICK = 5.0
"""How many seconds until pages are made again where nothing happens: times go on."""

MOST_FORM = 4096
MOST_STREAMS = 64

FILES = {"board.css": "text/css", "board.js": "text/javascript"}


class Board:
    """The class as it is now, and those who look at it."""

    def __init__(
        self,
        directory: Path,
        machines: list[str],
        people: Mapping[str, str],
        began: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.began = began
        self.tail = event_file.Tail(directory / "events.jsonl")
        self.queue = directory / "queue.jsonl"
        self.machines, self.people, self.clock = machines, people, clock
        self.course = view.course()
        self.events: list[Event] = []
        self.state = State(self.course)
        self.changed = asyncio.Condition()
        self.version = 0
        self.streams = 0
        self.orders: deque[float] = deque(maxlen=MOST_ORDERS)
        self.made: dict[str, tuple[int, Parts]] = {}
        self.look()

    def look(self) -> bool:
        """Take what is new in the file; tell whether there was anything."""
        lines = self.tail.new()
        for event in filter(self._is_of_this_lab, filter(None, map(event_of, lines))):
            self.events.append(event)
            apply(self.state, event)
        return bool(lines)

    def _is_of_this_lab(self, event: Event) -> bool:
        return event.time >= self.began and event.machine in (*self.machines, ALL)

    async def watch(self) -> None:
        """Look at the file again and again, and tell those who wait."""
        told = self.clock()
        while True:
            if self.look() or self.clock() - told >= TICK:
                told = self.clock()
                async with self.changed:
                    self.version += 1
                    self.changed.notify_all()
            await asyncio.sleep(LOOK)

    def parts(self, name: str) -> Parts:
        """Return the parts of a page, which all who look at it share."""
        version, found = self.made.get(name, (-1, Parts({})))
        if version != self.version:
            found = self._parts(name)
            self.made[name] = (self.version, found)
        return found

    def _parts(self, name: str) -> Parts:
        now = self.clock()
        if name == "board":
            return pages.board_parts(self.state, now, self.people)
        if name == "projector":
            return pages.projector_parts(self.state, now)
        return pages.seat_parts(self.state, now, name.removeprefix("seat/"))

    def at(self, number: int) -> State:
        """Return the class as it was after so many events."""
        return fold(self.events[:number], self.course)

    def has(self, machine: str) -> bool:
        """Tell whether there is such a seat."""
        return machine in self.state.seats

    def may_order(self) -> bool:
        """Tell whether another order may be given now."""
        now = self.clock()
        if len(self.orders) == MOST_ORDERS and now - self.orders[0] < 10:
            return False
        self.orders.append(now)
        return True


def application(board: Board, keeper: Doorkeeper, say: Callable[[str], None]) -> Guard:
    """Return the application.

    :arg say: is given each new token, for the terminal.
    """

    async def enter(request: Request) -> Response:
        cookie = keeper.let_in(request.query_params.get("token", ""))
        if cookie is None:
            return _refuse(tr("This address is used up: take the last one of the terminal."), 403)
        say(keeper.token)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            keeper.cookie_name, cookie, max_age=doorkeeper.LASTS, httponly=True, samesite="strict"
        )
        return answer

    def word(request: Request) -> str:
        return keeper.form_word(request.cookies.get(keeper.cookie_name, ""))

    async def home(request: Request) -> Response:
        return HTMLResponse(pages.board(board.state, board.clock(), board.people, word(request)))

    async def seat(request: Request) -> Response:
        machine = request.path_params["machine"]
        if not board.has(machine):
            return _refuse(tr("There is no such machine."), 404)
        now = board.clock()
        return HTMLResponse(pages.seat(board.state, now, machine, board.people, word(request)))

    async def projector(_request: Request) -> Response:
        return HTMLResponse(pages.projector(board.state, board.clock()))

    async def replay(request: Request) -> Response:
        most = len(board.events)
        return HTMLResponse(pages.replay(board.at(_at(request, most)), most, board.people))

    async def replay_part(request: Request) -> Response:
        state = board.at(_at(request, len(board.events)))
        return Response(_json(pages.replay_parts(state, board.people).whole), media_type=JSON)

    async def table(_request: Request) -> Response:
        lang = language()
        rows = (list(row) for row in view.table(board.state, board.people))
        headers = {"Content-Disposition": 'attachment; filename="board.csv"'}
        return Response(gradebook.as_csv(rows, lang), media_type="text/csv", headers=headers)

    async def stream(request: Request) -> Response:
        name = request.path_params["name"]
        known = name in ("board", "projector") or (
            name.startswith("seat/") and board.has(name.removeprefix("seat/"))
        )
        if not known:
            return _refuse(tr("There is no such page."), 404)
        if board.streams >= MOST_STREAMS:
            return _refuse(tr("Too many look at the board already."), 503)
        return StreamingResponse(_told(board, name), media_type="text/event-stream")

    async def order(request: Request) -> Response:
        form = await _form(request)
        if form is None:
            return _refuse(tr("That is no form of this page."), 400)
        cookie = request.cookies.get(keeper.cookie_name, "")
        if not keeper.wrote_form(cookie, form.get("word", "")):
            return _refuse(tr("That is no form of this page."), 403)
        try:
            given = _order(form, board.machines)
        except OrderError as error:
            return _refuse(str(error), 400)
        if not board.may_order():
            return _refuse(tr("Too many orders at once: wait a moment."), 429)
        event_file.append(board.queue, [line_of(given)])
        back = request.headers.get("referer", "").endswith(f"/seat/{given.machine}")
        return RedirectResponse(f"/seat/{given.machine}" if back else "/", 303)

    async def icon(_request: Request) -> Response:
        return Response(status_code=204)

    def file(name: str) -> Route:
        content = (pages.DIRECTORY / name).read_bytes()

        async def send(_request: Request) -> Response:
            return Response(content, media_type=FILES[name])

        return Route(f"/{name}", send)

    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(board.watch())
        try:
            yield
        finally:
            watching.cancel()

    app = Starlette(
        routes=[
            Route("/enter", enter),
            Route("/", home),
            Route("/seat/{machine}", seat),
            Route("/projector", projector),
            Route("/replay", replay),
            Route("/replay/part", replay_part),
            Route("/board.csv", table),
            Route("/stream/{name:path}", stream),
            Route("/order", order, methods=["POST"]),
            Route("/favicon.ico", icon),
            *map(file, FILES),
        ],
        lifespan=life,
    )
    return Guard(app, keeper)


JSON = "application/json"


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
            return _refuse(tr("This page is for this computer's browser alone."), 403)
        cookie = request.cookies.get(self.keeper.cookie_name, "")
        if request.url.path != "/enter" and not self.keeper.knows(cookie):
            return _refuse(tr("Open the address that ./lab board has printed."), 403)
        return None


def _refuse(text: str, code: int) -> Response:
    return HTMLResponse(pages.refused(text), code)


def _json(parts: Mapping[str, str]) -> str:
    return json.dumps({name: str(part) for name, part in parts.items()}, ensure_ascii=False)


async def _told(board: Board, name: str) -> AsyncIterator[str]:
    """Yield what changes of a page, as server-sent events; first all of it."""
    board.streams += 1
    shown: Parts | None = None
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
