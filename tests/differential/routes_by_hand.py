"""Configurations as administrators write them, and what slips make of them, as jobs."""

from __future__ import annotations

import random as randomness
import re
import zlib
from typing import Any

import yaml

from tests.differential.machines import HERE
from tests.differential.made_up_routes import MAIN, MASTER

COMMON = "mydestination = mail.here.test, here.test, localhost\nmynetworks = 127.0.0.1/32\n"
OWN_ADDRESS = "198.51.100.7"
"""An address that the machine is given, see RFC 5737."""

PORTS = 3
"""So many ports a route takes."""

ROUTES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "routes_by_hand.yml").read_text())


def case(name: str, port: int) -> dict[str, Any]:
    """Return a route as explain_session.py takes it, on ports from one on."""
    route = ROUTES[name]
    signs = {"{port}": str(port), "{second}": str(port + 1), "{third}": str(port + 2)}
    signs["{own}"] = OWN_ADDRESS

    def filled(text: str) -> str:
        for sign, value in signs.items():
            text = text.replace(sign, value)
        return text

    master = MASTER.format(port=port, second=port + 1, overrides="") + route.get("master", "")
    main = MAIN + COMMON + route.get("main", "")
    files = {"main.cf": main, "master.cf": master, **route.get("files", {})}
    return {
        "port": port,
        "files": {each: filled(text) for each, text in files.items()},
        "secret": route.get("secret", False),
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


def mutant(random: randomness.Random, port: int) -> dict[str, Any]:
    """Return a route with one or two of its lines or rows changed, and more messages to try."""
    name = random.choice(list(ROUTES))
    made = case(name, port)
    for _each in range(random.choice([1, 1, 2])):
        file = random.choice([each for each in made["files"] if each != "master.cf"])
        common = len(logical(MAIN)) if file == "main.cf" else 0
        lines = logical(made["files"][file])
        random.choice(MUTATIONS)(random, lines, common, port)
        made["files"][file] = "".join(lines)
    for message in made["messages"]:
        message["id"] = message["id"].replace("@", f".{port}@")
    others = [each for route in ROUTES.values() for each in route["messages"]]
    made["messages"] = [
        _message(f"{number}.{random.getrandbits(60)}@case.test", mail)
        for number, mail in enumerate([*ROUTES[name]["messages"], *random.sample(others, 4)])
    ]
    return {**made, "name": name}


def logical(text: str) -> list[str]:
    """Return logical lines: one that begins with a space goes on from the one before."""
    return re.findall(r"[^\n]*\n(?:[ \t][^\n]*\n)*", text)


def _drop(random: randomness.Random, lines: list[str], first: int, _port: int) -> None:
    if len(lines) > first + 1:
        del lines[random.randrange(first, len(lines))]


def _swap(random: randomness.Random, lines: list[str], first: int, _port: int) -> None:
    """Swap two words of a list, or else two lines."""
    at = random.randrange(first, len(lines))
    head, equals, tail = lines[at].partition("=")
    words = tail.strip().split(", ")
    if equals and len(words) > 1:
        one, other = random.sample(range(len(words)), 2)
        words[one], words[other] = words[other], words[one]
        lines[at] = f"{head}{equals} {', '.join(words)}\n"
    else:
        other = random.randrange(first, len(lines))
        lines[at], lines[other] = lines[other], lines[at]


WORDS = (
    ("REJECT", "OK"),
    ("OK", "REJECT"),
    ("permit_mynetworks", "reject_unauth_destination"),
    ("reject_unauth_destination", "permit"),
    ("here.test", "far.test"),
    ("far.test", "here.test"),
    ("tech", "prof"),
    ("127.0.0.1", "127.0.0.2"),
    ("inline:", "texthash:"),
    ("FILTER", "REDIRECT"),
    ("HOLD", "DISCARD"),
    ("smtp:", "relay:"),
    ("yes", "no"),
    ("=", "= x"),
    (":400", ":"),
)
"""What is written in the place of something."""


def _replace(random: randomness.Random, lines: list[str], first: int, _port: int) -> None:
    at = random.randrange(first, len(lines))
    found = [pair for pair in WORDS if pair[0] in lines[at]]
    if found:
        lines[at] = lines[at].replace(*random.choice(found), 1)


def _add(random: randomness.Random, lines: list[str], first: int, port: int) -> None:
    """Add a line of another route."""
    if first:
        route = case(random.choice(list(ROUTES)), port)
        others = logical(route["files"]["main.cf"])[first:]
        lines.append(random.choice(others))


MUTATIONS = (_drop, _swap, _replace, _add)
