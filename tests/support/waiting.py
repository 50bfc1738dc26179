"""Wait for what is to be seen, with a deadline."""

import contextlib
import time

DEADLINE_SECONDS = 30


def until(look, holds=bool, seconds=DEADLINE_SECONDS):
    """Look until what is seen holds, and return it; fails with what was seen last."""
    deadline = time.monotonic() + seconds
    while not holds(seen := look()):
        assert time.monotonic() < deadline, f"after {seconds} s there was only: {seen!r}"
        time.sleep(0.1)
    return seen


def answer(connection, text=b""):
    """Send text and return what comes back, up to its length or else until the other side ends.

    A connection that is closed without an answer gives nothing.
    """
    received = b""
    with contextlib.suppress(ConnectionError):
        connection.sendall(text)
        while (not text or len(received) < len(text)) and (some := connection.recv(4096)):
            received += some
    return received
