"""Cards: one for each student, with the machine, its address, accounts and passwords."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._text import one_line
from launcher import classroom, grades, keys, playbook, settings
from launcher.attempts import shown
from launcher.inventory import KEYS
from launcher.language import language, tr
from launcher.machines import chosen
from launcher.paper.typesetting import compiler, pdf, words_in

PATH = settings.ROOT / "reports" / "cards.pdf"


def cards(given: Namespace, console: Console) -> int:
    """Write the cards of machines, with the names of the class list where there is one."""
    lab = settings.needed()
    machines = chosen(given.machines or ["all"], lab.names)
    listed = Path(given.list).expanduser() if given.list else grades.CLASS
    people = grades.read_class(listed) if given.list or listed.exists() else {}
    known = playbook.run("passwords", limit=machines).summary["stats"]
    gate = classroom.opened()
    compiler()
    found = [
        card(
            machine,
            people.get(machine, ""),
            lab.address_of(machine),
            known[machine]["passwords"],
            keys.fingerprint(KEYS / keys.HOST_KEYS / f"{machine}.pub"),
            way_in(gate, known[machine]["words"]) if gate else None,
        )
        for machine in machines
    ]
    content = pdf("cards", cards_of(found, language()))
    PATH.parent.mkdir(parents=True, exist_ok=True)
    # Passwords are on it.
    PATH.touch(mode=0o600)
    PATH.chmod(0o600)
    PATH.write_bytes(content)
    text = tr("{number} cards in {path}; they hold passwords.")
    console.print(text.format(number=len(found), path=shown(PATH)), soft_wrap=True)
    return 0


@dataclass(frozen=True)
class WayIn:
    """How a student comes in from the own computer, where a class is open."""

    address: str
    port: int
    words: str
    fingerprint: str
    page: str = ""
    """Where a browser finds the class's page, where it has one."""
    certificate: str = ""
    """The fingerprint of the page's certificate."""


def way_in(gate: classroom.Class, words: str) -> WayIn:
    """Return the way in of a student with these words."""
    certificate = classroom.page_fingerprint(gate)
    page = gate.page if certificate else ""
    fingerprint = classroom.gate_fingerprint()
    return WayIn(gate.class_address, gate.class_port, words, fingerprint, page, certificate)


def card(
    machine: str,
    name: str,
    address: str,
    passwords: Mapping[str, str],
    fingerprint: str,
    gate: WayIn | None = None,
) -> dict[str, Any]:
    """Return what cards.typ sets of one student."""
    link = f"ssh://{next(iter(passwords), 'root')}@{address}"
    if gate:
        link = gate.page or f"ssh://{machine}@{gate.address}:{gate.port}"
    return {
        "login": f"ssh -p {gate.port} {machine}@{gate.address}" if gate else "",
        "words": gate.words if gate else "",
        "page": gate.page if gate else "",
        # In two lines, as it has no blank at which it could be broken.
        "certificate": [gate.certificate[:48], gate.certificate[48:]] if gate else [],
        "machine": machine,
        "name": one_line(name, 60),
        "address": address,
        "accounts": [{"name": account, "password": word} for account, word in passwords.items()],
        # Of what answers a student.
        "fingerprint": gate.fingerprint if gate else fingerprint,
        "link": link,
        "code": import_module("segno").make(link, error="m").svg_inline(border=1),
    }


def cards_of(found: list[dict[str, Any]], language: str) -> dict[str, Any]:
    """Return what cards.typ sets."""
    words = words_in(language)
    return {"lang": language, "words": words, "title": words["card"], "footer": "", "cards": found}
