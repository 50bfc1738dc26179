"""Servers on loopback, for the rooms that speak to one."""

from __future__ import annotations

import socket

import pytest

from tests.support.mail_servers import SmtpServer


@pytest.fixture
def smtp():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
