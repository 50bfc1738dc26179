"""The table at the end of `make lab`: what was seen on each machine, and what to type next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from launcher import positions
from launcher.language import tr
from launcher.providers import Provider
from launcher.settings import Settings

COLUMNS = {
    "smtp": "SMTP",
    "pop3": "POP3",
    "imap": "IMAP",
    "local": "local",
    "remote": "from peer",
}

SHORTEST = 0.1
WIDEST = 1000

LEGEND = """\
SMTP: the code it greets with. POP3, IMAP: which of how many messages was read.
Local, from peer: how long after it was sent a message could be read, one from
the same machine and one from another.\
"""


def show(settings: Settings, proof: Path, console: Console) -> None:
    """Print the table of what the proof saw, and below it what was not as it should be."""
    rows: dict[str, dict[str, Any]] = json.loads(proof.read_text(encoding="utf-8"))
    table = plain_table(tr("machine"), tr("address"), *map(tr, COLUMNS.values()))
    for name, seen in rows.items():
        cells = [cell(kind, seen[kind]) for kind in COLUMNS]
        table.add_row(f"{settings.lab}-{name}", settings.address_of(name), *cells)
    console.print()
    print_whole(table, console)
    console.print(tr(LEGEND), style="dim", soft_wrap=True)
    for name, row in rows.items():
        for kind, seen in row.items():
            if not seen["ok"]:
                place = f"[red]{name}, {tr(COLUMNS[kind])}:[/]"
                console.print(f"{place} {escape(seen['text'])}", soft_wrap=True)


def plain_table(*titles: str) -> Table:
    """Return a table without lines, of which no cell is broken."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, no_wrap=True)
    return table


def print_whole(table: Table, console: Console) -> None:
    """Print a table as wide as it is: only a terminal that is too narrow breaks its lines."""
    wide = console.options.update(width=WIDEST)
    needed = Measurement.get(console, wide, table).maximum
    console.print(table, width=needed, crop=False, overflow="ignore")


def cell(kind: str, seen: dict[str, Any]) -> str:
    """Return what was seen in a few words; the reason of a failure stands below the table."""
    if not seen["ok"]:
        return "[red]✗[/]"
    if kind == "smtp":
        text = seen["text"].split()[0]
    elif kind in ("local", "remote"):
        # Not 0.0 s, which reads like "never".
        text = f"{seen['seconds']:.1f} s" if seen["seconds"] >= SHORTEST else f"<{SHORTEST} s"
    else:
        number, _of, count = seen["text"].removeprefix("message ").partition(" of ")
        text = tr("{number} of {count}", number=number, count=count)
    return f"[green]✓[/] {escape(text)}"


def left_alone(names: list[str], settings: Settings, console: Console) -> None:
    """Say where the machines are that were left as they are, and how they are changed."""
    if not names:
        return
    known = positions.read()
    table = plain_table(tr("machine"), tr("address"), tr("exercise"))
    for name in names:
        where = positions.where(name, known)
        note = "" if where.lab_reached else tr(" (not reached: its run failed)")
        table.add_row(f"{settings.lab}-{name}", settings.address_of(name), f"{where}{note}")
    console.print()
    print_whole(table, console)
    text = tr(
        "These machines were left as they are. To configure one again where it is: make lab "
        "MEND={name}; to bring it to an exercise: ./lab begin EXERCISE {name}"
    )
    console.print(text.format(name=names[0]), style="dim", soft_wrap=True)


def next_steps(settings: Settings, provider: Provider, console: Console) -> None:
    """Say what to type next."""
    # Nothing on several hosts is reached from this computer but by way of the world.
    there = "./lab shell world " if settings.hosts else ""
    steps = {
        "./lab shell student1": tr("work on student1"),
        f"{there}telnet {settings.address(11)} 25": tr("SMTP; 110 is POP3, 143 IMAP"),
        "./lab begin blacklist student1": tr("bring student1 to an exercise"),
        "./lab check": tr("check the exercises of all"),
        "./lab reset student1": tr("reset student1"),
        "./lab stop": tr("stop it; make lab starts it again"),
        "make down": tr("remove it all"),
    }
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True)
    for command, meaning in steps.items():
        table.add_row(command, meaning)
    console.print()
    print_whole(table, console)
    text = tr("Accounts on every machine: tech and prof; ./lab passwords shows their passwords.")
    console.print(f"\n{text}", soft_wrap=True)
    console.print(tr(provider.trust), soft_wrap=True)
