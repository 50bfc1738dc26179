"""Who has logged in: a student's words, readable by nobody but the browser that has the cookie.

A session is a file in a directory of memory (/run) whose name is a digest of the cookie and whose
content is sealed by another. So it is there again after a restart of the server, what the directory
holds is of no use without the browsers, and a cookie that was logged out is a word like any other.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

SECONDS = 12 * 3600
"""How long a session lasts."""
MOST = 500
LONGEST_TOKEN = 100


@dataclass(frozen=True)
class Session:
    """A student who is logged in."""

    token: str
    student: str
    words: str

    @property
    def csrf(self) -> str:
        """What a request that does something repeats, which another site cannot know."""
        return _digest("csrf", self.token).hex()


class Sessions:
    """The sessions, in a directory of their own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def begin(self, student: str, words: str) -> Session | None:
        """Keep a student's words; None where there are too many sessions."""
        self._forget()
        if len(list(self._directory.iterdir())) >= MOST:
            return None
        session = Session(secrets.token_urlsafe(32), student, words)
        sealed = _seal(session.token).encrypt(json.dumps([student, words]).encode())
        path = self._path(session.token)
        path.touch(mode=0o600)
        path.write_bytes(sealed)
        return session

    def find(self, token: str) -> Session | None:
        """Return the session of a cookie."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        try:
            sealed = self._path(token).read_bytes()
            student, words = json.loads(_seal(token).decrypt(sealed, ttl=SECONDS))
        except (OSError, InvalidToken, ValueError):
            return None
        return Session(token, student, words)

    def end(self, session: Session) -> None:
        """Forget a session."""
        self._path(session.token).unlink(missing_ok=True)

    def _path(self, token: str) -> Path:
        return self._directory / _digest("name", token).hex()

    def _forget(self) -> None:
        oldest = time.time() - SECONDS
        for path in self._directory.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _digest(purpose: str, token: str) -> bytes:
    return hashlib.sha256(f"{purpose} {token}".encode("utf-8", "replace")).digest()


def _seal(token: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_digest("seal", token)))
