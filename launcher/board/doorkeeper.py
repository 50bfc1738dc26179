"""Who may use the page: who has the address that the terminal printed, from this computer alone.

The token of an address is good once; a signed cookie takes its place. Its key is kept in a file, so
that a board that was killed and started again lets the same browser in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

LASTS = 12 * 3600
"""How many seconds a browser is let in after it came by a token."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With no-referrer a browser would not say either which page a form is of.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer has: a browser loads nothing from outside, and runs no text."""


def key_in(path: Path) -> bytes:
    """Return the key of a file, which is made where there is none."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return bytes.fromhex(path.read_text(encoding="ascii"))


@dataclass(frozen=True)
class Request:
    """What a request says of where it comes from; names of headers are small letters."""

    method: str
    headers: Mapping[str, str]
    cookie: str = ""


class Doorkeeper:
    """Lets a browser in by a token, and knows it again by its cookie."""

    def __init__(self, key: bytes, port: int, clock: Callable[[], float]) -> None:
        self.key, self.port, self.clock = key, port, clock
        self.token = ""
        self.renew()

    @property
    def cookie_name(self) -> str:
        """The cookie's name: browsers do not tell ports of an address apart."""
        return f"lab_board_{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser that was sent here calls this server."""
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    def renew(self) -> None:
        """Make another token; the one before is good no more."""
        self.token = secrets.token_urlsafe(24)

    def let_in(self, token: str) -> str | None:
        """Return a cookie for a token, which is good no more then; None where it is another."""
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self.renew()
        name = f"{int(self.clock())}.{secrets.token_hex(16)}"
        return f"{name}.{self._sign('session', name)}"

    def knows(self, cookie: str) -> bool:
        """Tell whether a cookie was given here, and is not too old."""
        name, _dot, signature = cookie.rpartition(".")
        began = name.partition(".")[0]
        if not hmac.compare_digest(signature.encode(), self._sign("session", name).encode()):
            return False
        return 0 <= self.clock() - int(began) < LASTS

    def form_word(self, cookie: str) -> str:
        """Return the word that a form of this browser's has (against CSRF)."""
        return self._sign("form", cookie)

    def refusal(self, request: Request) -> str:
        """Return why a request is refused before anything of it is read; empty where it is not."""
        host = request.headers.get("host", "")
        if host not in self.hosts:
            return "host"
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return "site"
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return "origin"
        if request.method == "POST" and origin is None:
            return "origin"
        if request.method not in ("GET", "HEAD", "POST"):
            return "method"
        return ""

    def wrote_form(self, cookie: str, word: str) -> bool:
        """Tell whether a form is one of this browser's."""
        return hmac.compare_digest(word.encode(), self.form_word(cookie).encode())

    def _sign(self, what: str, text: str) -> str:
        return hmac.new(self.key, f"{what}:{text}".encode(), hashlib.sha256).hexdigest()
