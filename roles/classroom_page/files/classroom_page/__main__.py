"""Serve the page: python3 -m classroom_page SETTINGS, at the socket that systemd hands over."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn

from .app import application
from .settings import read

FIRST_SOCKET = 3
"""The number of the first file that systemd hands over (sd_listen_fds(3))."""


def main() -> None:
    """Serve until the end."""
    settings = read(Path(sys.argv[1]))
    config = uvicorn.Config(
        application(settings),
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.private_key,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=400,
        timeout_keep_alive=10,
        ws="wsproto",
        ws_max_size=128 * 1024,
        http="h11",
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=FIRST_SOCKET)])


main()
