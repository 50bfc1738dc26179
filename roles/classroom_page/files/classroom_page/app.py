"""The page's addresses, and what each answers."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import jinja2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from ansible_collections.labs.mail.plugins.module_utils._classroom.events import (
    MOST_CHECKS,
    EventError,
)

from . import desktop
from .answers import (
    LANGUAGES,
    AnswerError,
    assignment_of,
    check_of,
    exercise_of,
    hint_of,
    picture_of,
)
from .gate import Gate, RefusedError, UnreachableError
from .guard import Guard
from .journal import Journal
from .limits import Limit
from .sessions import Session, Sessions
from .settings import Settings
from .terminal import Terminals
from .words import WORDS

HERE = Path(__file__).parent
COOKIE = "__Host-class"
"""By this prefix browsers take it over TLS alone, for this host alone, and never from a script."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; "
    "connect-src 'self' wss://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PICTURE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
CHECK_SECONDS, SECONDS = 180, 30

MOST_ASKED = 2
"""Questions to a student's machine at once."""

Handler = Callable[["Page", Request, Session], Awaitable[Response]]


class TooManyError(Exception):
    """The student asks faster than the machine answers."""


class Page:
    """What the addresses have in common."""

    def __init__(self, settings: Settings, gate: Gate) -> None:
        self.settings, self.gate = settings, gate
        self.sessions = Sessions(Path(settings.sessions))
        self.journal = Journal(Path(settings.events))
        self.terminals = Terminals(gate, self.journal)
        self.coming_from = Limit(60, 1)
        self.guessing = Limit(8, 5)
        self.asking = Limit(10, 3)
        self.raising = Limit(10, 2)
        self.asked: Counter[str] = Counter()
        loader = jinja2.FileSystemLoader(HERE / "templates")
        self.templates = jinja2.Environment(loader=loader, autoescape=True)

    def session_of(self, request: Any) -> Session | None:
        """Return who asks; nobody where the account is no longer of the class."""
        session = self.sessions.find(request.cookies.get(COOKIE, ""))
        return session if session and session.student in self.settings.students else None


def application(settings: Settings, gate: Gate | None = None) -> Starlette:
    """Return the application."""
    page = Page(settings, gate or Gate(settings))
    routes = [
        Route("/", _front(page)),
        Route("/{language}/", _shown(page)),
        Route("/api/login", _login(page), methods=["POST"]),
        Route("/api/logout", _own(page, logout), methods=["POST"]),
        Route("/api/assignment", _own(page, assignment)),
        Route("/api/check", _own(page, check), methods=["POST"]),
        Route("/api/hint", _own(page, hint), methods=["POST"]),
        Route("/api/hand", _own(page, hand), methods=["POST"]),
        Route("/api/picture/{language}", _own(page, picture)),
        WebSocketRoute("/terminal", _terminal(page)),
        *desktop.routes(page),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, settings=settings)])


def _front(page: Page) -> Any:
    async def front(request: Request) -> Response:
        return RedirectResponse(f"/{language_of(request.headers.get('accept-language', ''))}/", 303)

    return front


def _shown(page: Page) -> Any:
    async def shown(request: Request) -> Response:
        language = request.path_params["language"]
        if language not in LANGUAGES:
            return Response(status_code=404)
        session = page.session_of(request)
        template = page.templates.get_template("class.html" if session else "login.html")
        nonce = secrets.token_hex(16)
        html = template.render(
            language=language,
            other=next(each for each in LANGUAGES if each != language),
            words=WORDS[language],
            session=session,
            nonce=nonce,
            desktop=page.settings.desktop,
            hand=session is not None and page.journal.hand(session.student),
        )
        host = request.headers["host"]
        policy = POLICY.format(nonce=nonce, host=host)
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    return shown


def _login(page: Page) -> Any:
    async def login(request: Request) -> Response:
        held = await _object(request)
        student, words = held.get("student"), held.get("words")
        if not _short(student) or not _short(words):
            return JSONResponse({"said": "refused"}, 400)
        student, words = student.strip().lower(), words.strip().lower()
        client = request.client.host if request.client else ""
        if not page.coming_from.take(client) or not page.guessing.take((client, student)):
            return JSONResponse({"said": "too_many"}, 429)
        try:
            if student not in page.settings.students or not await page.gate.knows(student, words):
                return JSONResponse({"said": "refused"}, 403)
        except UnreachableError:
            return JSONResponse({"said": "unreachable"}, 503)
        page.guessing.give_back((client, student))
        session = page.sessions.begin(student, words)
        if session is None:
            return JSONResponse({"said": "too_many"}, 429)
        page.journal.tell(student, "login")
        answer = JSONResponse({"said": "welcome"})
        answer.set_cookie(COOKIE, session.token, secure=True, httponly=True, samesite="strict")
        return answer

    return login


def _own(page: Page, handler: Handler) -> Any:
    """Return an endpoint for who has logged in; what does something says it by the own page."""

    async def own(request: Request) -> Response:
        session = page.session_of(request)
        if session is None:
            return JSONResponse({"said": "logged_out"}, 401)
        if request.method == "POST" and request.headers.get("x-csrf-token") != session.csrf:
            return JSONResponse({"said": "refused"}, 403)
        try:
            return await handler(page, request, session)
        except RefusedError:
            page.sessions.end(session)
            return JSONResponse({"said": "logged_out"}, 401)
        except TooManyError:
            return JSONResponse({"said": "too_many"}, 429)
        except UnreachableError:
            return JSONResponse({"said": "unreachable"}, 503)
        except (AnswerError, EventError):
            return JSONResponse({"said": "strange"}, 502)

    return own


async def logout(page: Page, _request: Request, session: Session) -> Response:
    """End the session."""
    page.sessions.end(session)
    page.journal.tell(session.student, "logout")
    answer = JSONResponse({"said": "bye"})
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
    return answer


async def assignment(page: Page, _request: Request, session: Session) -> Response:
    """Answer what is to be done."""
    return JSONResponse(assignment_of(await _answer(page, session, "text")))


async def check(page: Page, _request: Request, session: Session) -> Response:
    """Have the machine check itself, and answer each result as it comes: the student's claim."""
    answered = _asked(page, session, "check", CHECK_SECONDS)
    async for first in answered:
        exercise = exercise_of(first)
        if not exercise:
            return JSONResponse({})
        told = _results(page, session.student, exercise, answered)
        return StreamingResponse(told, media_type="application/x-ndjson")
    raise AnswerError("nothing")


async def _results(
    page: Page, student: str, exercise: str, answered: AsyncIterator[bytes]
) -> AsyncIterator[str]:
    """Yield lines of JSON: the exercise, each result, and how it ended."""
    outcomes: dict[str, str] = {}
    yield _line({"exercise": exercise})
    try:
        async for line in answered:
            found = check_of(line)
            if found["name"] in outcomes or len(outcomes) == MOST_CHECKS:
                raise AnswerError("too many results")
            outcomes[found["name"]] = found["outcome"]
            yield _line({"check": found})
        page.journal.tell(student, "check", exercise=exercise, outcomes=outcomes)
    except UnreachableError:
        yield _line({"said": "unreachable"})
    except (AnswerError, EventError):
        yield _line({"said": "strange"})
    else:
        yield _line({"done": True})


def _line(held: dict[str, Any]) -> str:
    return json.dumps(held, ensure_ascii=False) + "\n"


async def hint(page: Page, request: Request, session: Session) -> Response:
    """Give the next hint."""
    language = (await _object(request)).get("language")
    if language not in LANGUAGES:
        return JSONResponse({"said": "refused"}, 400)
    found = hint_of(await _answer(page, session, f"hint {language}"))
    if found:
        page.journal.tell(session.student, "hint", **found)
    return JSONResponse(found)


async def hand(page: Page, request: Request, session: Session) -> Response:
    """Raise the hand, or lower it."""
    is_up = (await _object(request)).get("up")
    if not isinstance(is_up, bool):
        return JSONResponse({"said": "refused"}, 400)
    if not page.raising.take(session.student):
        return JSONResponse({"said": "too_many"}, 429)
    if is_up != page.journal.hand(session.student) and not page.journal.tell(
        session.student, "hand", up=is_up
    ):
        return JSONResponse({"said": "too_many"}, 429)
    return JSONResponse({"up": is_up})


async def picture(page: Page, request: Request, session: Session) -> Response:
    """Answer the picture of the last message; it is an image, of which no script runs."""
    language = request.path_params["language"]
    if language not in LANGUAGES:
        return Response(status_code=404)
    drawn = picture_of(await _answer(page, session, f"picture {language}"))
    if not drawn:
        return Response(status_code=404)
    headers = {"Content-Security-Policy": PICTURE}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


async def _asked(
    page: Page, session: Session, words: str, seconds: float = SECONDS
) -> AsyncIterator[bytes]:
    """Yield the lines that the student's machine answers."""
    student = session.student
    if page.asked[student] >= MOST_ASKED or not page.asking.take(student):
        raise TooManyError
    page.asked[student] += 1
    try:
        async for line in page.gate.answer(student, session.words, words, seconds):
            yield line
    finally:
        page.asked[student] -= 1


async def _answer(page: Page, session: Session, words: str) -> bytes:
    """Return what the student's machine answers."""
    return b"\n".join([line async for line in _asked(page, session, words)])


def _terminal(page: Page) -> Any:
    async def terminal(socket: WebSocket) -> None:
        session = page.session_of(socket)
        if session is None:
            await socket.close(1008)
            return
        await page.terminals.serve(socket, session)

    return terminal


async def _object(request: Request) -> dict[str, Any]:
    try:
        held = json.loads(await request.body())
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _short(held: Any) -> bool:
    return isinstance(held, str) and 0 < len(held) <= 100 and held.isprintable()


def language_of(accepted: str) -> str:
    """Return which of the languages a browser prefers (RFC 9110, Accept-Language)."""
    for each in accepted.split(","):
        if each.strip()[:2].lower() in LANGUAGES:
            return each.strip()[:2].lower()
    return "fr"
