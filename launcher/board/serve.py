"""The process of the web server: it is given what it may touch, and ends with whoever started it.

python -m launcher.board.serve DIRECTORY PORT < of the board: names as JSON, and then nothing
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import uvicorn

from launcher.board.doorkeeper import Doorkeeper, key_in
from launcher.board.live import Board
from launcher.board.web import application
from launcher.language import tr


def main(directory: Path, port: int) -> None:
    """Serve the board on this computer's own address until the standard input ends."""
    given = json.loads(sys.stdin.readline())
    keeper = Doorkeeper(key_in(directory / "key"), port, time.time)

    def say(token: str) -> None:
        address = f"http://127.0.0.1:{port}/enter?token={token}"
        print(tr("For one browser: {address}", address=address), flush=True)

    board = Board(directory, given["machines"], given["people"], given["began"])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    config = uvicorn.Config(
        application(board, keeper, say),
        host="127.0.0.1",
        port=port,
        http="h11",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=200,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=16_384,
    )
    say(keeper.token)
    uvicorn.Server(config).run()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
