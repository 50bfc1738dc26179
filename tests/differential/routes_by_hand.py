"""Configurations as administrators write them, as jobs for explain_session.py."""

from __future__ import annotations

import zlib
from typing import Any

import yaml

from tests.differential.machines import HERE
from tests.differential.made_up_routes import MAIN, MASTER

COMMON = "mydestination = mail.here.test, here.test, localhost\nmynetworks = 127.0.0.1/32\n"
PORTS = 3
"""So many ports a route takes."""

ROUTES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "routes_by_hand.yml").read_text())


def case(name: str, port: int) -> dict[str, Any]:
    """Return a route as explain_session.py takes it, on ports from one on."""
    route = ROUTES[name]
    ports = {"{port}": str(port), "{second}": str(port + 1), "{third}": str(port + 2)}

    def filled(text: str) -> str:
        for sign, number in ports.items():
            text = text.replace(sign, number)
        return text

    master = MASTER.format(port=port, second=port + 1, overrides="") + route.get("master", "")
    main = MAIN + COMMON + route.get("main", "")
    files = {"main.cf": main, "master.cf": master, **route.get("files", {})}
    return {
        "port": port,
        "files": {each: filled(text) for each, text in files.items()},
        "indexed": [each.split() for each in route.get("indexed", ())],
        "messages": [
            _message(f"{number}.{zlib.crc32(name.encode())}@case.test", mail)
            for number, mail in enumerate(route["messages"])
        ],
    }


def _message(message_id: str, mail: dict[str, str]) -> dict[str, Any]:
    header, body = mail.get("header", "Subject: hello"), mail.get("body", "text")
    return {
        "id": message_id,
        "client": mail.get("client", "127.0.0.2"),
        "helo": mail.get("helo", "pc.test"),
        "sender": mail["from"],
        "recipients": mail["to"].split(","),
        "content": f"Message-ID: <{message_id}>\nFrom: a@b.test\n{header}\n\n{body}\n",
    }
