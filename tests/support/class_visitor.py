"""Whoever asks a class's page over the network, with or without what a browser sends."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from dataclasses import dataclass

from tests.support.classroom import SECONDS, Student


@dataclass
class Visitor:
    """Whoever asks the page, with what a browser that has logged in knows."""

    host: str
    cookie: str = ""
    csrf: str = ""

    @property
    def origin(self) -> str:
        """Where its requests come from."""
        return f"https://{self.host}"

    def ask(
        self, method: str, path: str, body: bytes = b"", **changed: str | None
    ) -> tuple[int, str]:
        """Return the status and the text of an answer; a header that is None is not sent."""
        known: dict[str, str | None] = {
            "Host": self.host,
            "Origin": self.origin,
            "Cookie": self.cookie,
        }
        headers = {**known, "X-CSRF-Token": self.csrf, "Content-Type": "application/json"}
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        address, _colon, port = self.host.partition(":")
        # The certificate is compared in test_page.py.
        context = ssl._create_unverified_context()
        asking = http.client.HTTPSConnection(address, int(port), timeout=SECONDS, context=context)
        try:
            asking.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                if value:
                    asking.putheader(name, value)
            asking.endheaders(body)
            answer = asking.getresponse()
            cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
            return answer.status, cookie or answer.read().decode("utf-8", "replace")
        finally:
            asking.close()

    def log_in(self, student: Student) -> Visitor:
        """Come in by the words of a card."""
        held = json.dumps({"student": student.account, "words": student.words}).encode()
        status, self.cookie = self.ask("POST", "/api/login", held)
        assert status == 200, self.cookie
        found = re.search(r'data-csrf="([0-9a-f]+)"', self.ask("GET", "/en/")[1])
        assert found
        self.csrf = found[1]
        return self
