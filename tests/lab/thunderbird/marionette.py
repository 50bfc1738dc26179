"""Marionette's protocol, by which Mozilla's programs are driven (remote/marionette in its source).

A message is JSON behind its length. What it may ask for are WebDriver's commands and a few more.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Any

DEADLINE_SECONDS = 120


class MarionetteError(Exception):
    """What the driven program could not do, in its own words."""


class Marionette:
    """A session with a program that was started with --marionette, in its own windows."""

    def __init__(self, port: int) -> None:
        self.number = 0
        self._connect(port)
        self.command("WebDriver:NewSession", capabilities={})
        # The program's windows, not the pages that it shows in them.
        self.command("Marionette:SetContext", value="chrome")

    def _connect(self, port: int) -> None:
        """Connect; a tunnel closes connections at once until the program listens."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            try:
                address = ("127.0.0.1", port)
                self.connection = socket.create_connection(address, timeout=DEADLINE_SECONDS)
                self.stream = self.connection.makefile("rb")
                self._receive()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            byte = self.stream.read(1)
            if not byte:
                raise ConnectionError("the program has closed the connection")
            length += byte
        return json.loads(self.stream.read(int(length[:-1])))

    def command(self, name: str, **parameters: Any) -> Any:
        """Have a command carried out, and return its result."""
        self.number += 1
        text = json.dumps([0, self.number, name, parameters]).encode()
        self.connection.sendall(b"%d:%s" % (len(text), text))
        _kind, _number, error, result = self._receive()
        if error:
            raise MarionetteError(f"{name}: {error['error']}: {error['message']}")
        return result.get("value", result) if isinstance(result, dict) else result

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the current window with all that the program itself may do."""
        return self.command(
            "WebDriver:ExecuteScript", script=script, args=list(arguments), sandbox="system"
        )
