"""Machines are waited for until sshd greets; servers of the test stand in for them."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._provider import sshd as provider
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError


@pytest.fixture
def sshd(monkeypatch):
    """Servers that greet with given words, one for each machine; returns how they are asked."""
    servers = []

    def sshd(**greetings):
        addresses = {}
        for name, greeting in greetings.items():
            server = socket.create_server(("127.0.0.1", 0))
            servers.append(server)
            addresses[name] = server.getsockname()
            threading.Thread(target=greet, args=(server, greeting), daemon=True).start()
        # The real ones listen on port 22 of an address of their own.
        connect = socket.create_connection
        monkeypatch.setattr(
            provider.socket,
            "create_connection",
            lambda address, timeout: connect(addresses[address[0]], timeout),
        )
        return {name: name for name in greetings}

    yield sshd
    for server in servers:
        server.close()


def greet(server, greeting):
    while True:
        try:
            connection, _address = server.accept()
        except OSError:
            return
        with connection:
            connection.sendall(greeting)


def test_machines_are_waited_for_until_sshd_greets(sshd):
    provider.wait_for_sshd(sshd(one=b"SSH-2.0-OpenSSH_9.2\r\n", two=b"SSH-2.0-x\r\n"), timeout=10)


def test_which_machine_does_not_answer_and_what_was_seen(sshd):
    addresses = sshd(one=b"SSH-2.0-x\r\n", two=b"", three=b"220 mail ESMTP\r\n")
    started = time.monotonic()
    with pytest.raises(EngineError) as caught:
        provider.wait_for_sshd(addresses, timeout=0)
    assert time.monotonic() - started < 5
    assert str(caught.value) == (
        "sshd did not answer within 0 s: three: 220 mail ESMTP; "
        "two: the connection was closed without a greeting"
    )
