"""The table at the end of `make lab`: what was seen on each machine, and what to type next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from launcher.inventory import KEYS
from launcher.settings import Settings

COLUMNS = {
    "smtp": "SMTP",
    "pop3": "POP3",
    "imap": "IMAP",
    "local": "local",
    "remote": "from peer",
}

LEGEND = """\
SMTP: the code it greets with. POP3, IMAP: which of how many messages was read. Local, from peer:
how long after sending a message could be read, from the same machine and from another one.\
"""


def show(settings: Settings, proof: Path, console: Console) -> None:
    """Print the table of what the proof saw, and below it what was not as it should be."""
    rows: dict[str, dict[str, Any]] = json.loads(proof.read_text())
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("machine", no_wrap=True)
    table.add_column("address", no_wrap=True)
    for title in COLUMNS.values():
        table.add_column(title)
    for number, (name, seen) in enumerate(rows.items(), 1):
        cells = [cell(kind, seen[kind]) for kind in COLUMNS]
        table.add_row(f"{settings.lab}-{name}", settings.address(10 + number), *cells)
    console.print()
    console.print(table)
    console.print(LEGEND, style="dim")
    for name, row in rows.items():
        for kind, seen in row.items():
            if not seen["ok"]:
                console.print(f"[red]{name}, {COLUMNS[kind]}:[/] {escape(seen['text'])}")


def cell(kind: str, seen: dict[str, Any]) -> str:
    """Return what was seen in a few words; the reason of a failure stands below the table."""
    if not seen["ok"]:
        return "[red]✗[/]"
    if kind == "smtp":
        text = seen["text"].split()[0]
    elif kind in ("local", "remote"):
        text = f"{seen['seconds']:.1f} s"
    else:
        text = seen["text"].removeprefix("message ")
    return f"[green]✓[/] {escape(text)}"


def next_steps(settings: Settings, console: Console) -> None:
    """Say what to type next."""
    machine = f"{settings.lab}-student1"
    steps = {
        f"docker exec -it {machine} bash": "work on student1",
        f"telnet {settings.address(11)} 25": "SMTP; 110 is POP3, 143 IMAP",
        ".venv/bin/ansible-playbook playbooks/proof.yml": "check all again",
        ".venv/bin/ansible-playbook playbooks/reset.yml -l student1": "reset student1",
        "make down": "remove it all",
    }
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    for command, meaning in steps.items():
        table.add_row(command, meaning)
    console.print()
    console.print(table)
    made = KEYS / "accounts_password"
    password = "that of your inventory"
    if made.exists():
        password = f"[bold]{escape(made.read_text().split()[0])}[/]"
    console.print(f"\nAccounts on every machine: tech and prof, password {password}")
