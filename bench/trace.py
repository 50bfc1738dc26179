"""A message followed through 100,000 lines of log, and postfix-collate, which sorts them."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench.inside import Inside, in_turn
from bench.machines import machines
from bench.row import Row
from tests.differential.machines import PYTHONPATH

RELEASE = os.environ.get("DEBIAN", "12")
ROUNDS = 7
LINES = 100_000
COURSE = Path(__file__).parent.parent / "tests" / "fixtures" / "course" / "mail.log"
LOG = "/opt/mail.log"
FLOOR_IS = "postfix-collate on the same lines"

ENGINE = "ansible_collections.labs.mail.plugins.module_utils"
FOLLOW = f"""
import datetime, sys
from {ENGINE}._trace.log_lines import decode
from {ENGINE}._trace.follow import Selection, follow
from {ENGINE}._trace.render import picture

text = decode(open({LOG!r}, "rb").read())
for path in follow(text, datetime.date.today(), Selection(tuple(sys.argv[1:]))).paths:
    print(*picture(path), sep="\\n")
"""


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    log, queue_id = made_up()
    with machines(["trace"], RELEASE, console):
        inside = Inside("trace", RELEASE)
        inside.machine.push({LOG: log, "/opt/follow.py": FOLLOW.encode()})

        def collate():
            return inside.cost(["sh", "-c", f"postfix-collate {LOG} > /dev/null"])

        def follow(*queue_ids):
            script = f'env PYTHONPATH={PYTHONPATH} python3 /opt/follow.py "$@" > /dev/null'
            return inside.cost(["sh", "-c", script, "follow", *queue_ids])

        module = inside.module("mail_trace_info", {"path": LOG, "queue_id": [queue_id]})
        whole, ours, as_module, waited, floor = in_turn(
            ROUNDS,
            follow,
            lambda: follow(queue_id),
            lambda: module("true", False),
            lambda: follow("0123456789A"),
            collate,
        )
    lines = f"of {LINES:,} lines"
    yield Row(f"one message {lines}", ours.seconds, floor.seconds, FLOOR_IS, 1.0)
    yield Row("the same by the module", as_module.seconds, floor.seconds, FLOOR_IS)
    yield Row("one that waited over all of them", waited.seconds, floor.seconds, FLOOR_IS)
    yield Row(f"every message {lines}", whole.seconds, floor.seconds, FLOOR_IS)
    yield Row("one message: memory", ours.megabytes, floor.megabytes, FLOOR_IS, unit="MB")


def made_up() -> tuple[bytes, str]:
    """Return a log with the course's message again and again, and a queue id in its middle."""
    text = COURSE.read_text()
    course, names = text.splitlines(), set(re.findall(r"\]: ([0-9A-F]+): ", text))
    numbers = random.Random(1)
    lines: list[tuple[float, str]] = []
    for number in range(LINES // len(course) + 1):
        new = {name: f"{numbers.getrandbits(44):011X}" for name in sorted(names)}
        new |= {"1001D1": f"{number + 0x100000:06X}", "pvaniet@": f"user{numbers.randrange(40)}@"}
        # A few messages at once, each with processes of its own.
        new |= {f"{program}[": f"{program}[{number % 5 + 1}" for program in ("smtpd", "spamd")}
        when = number * 2 + numbers.random() * 3
        for line in course:
            for name, value in new.items():
                line = line.replace(name, value)
            when += numbers.random() / 10
            lines.append((when, line[15:]))
    lines.sort()
    texts = [f"{stamp(when)}{rest}\n" for when, rest in lines[: LINES - 2]]
    waiting = " ubuntu postfix/qmgr[11239]: 0123456789A: "
    texts.insert(0, f"{texts[0][:15]}{waiting}from=<a@b.test>, size=1, nrcpt=1 (queue active)\n")
    texts.append(f"{texts[-1][:15]}{waiting}removed\n")
    middle = next(text for text in texts[LINES // 2 :] if ": client=" in text)
    return "".join(texts).encode(), re.findall(r"\]: ([0-9A-F]+): ", middle)[0]


def stamp(seconds: float) -> str:
    """Return a time of a log without years."""
    whole = int(seconds)
    return (
        f"Mar {26 + whole // 86400} {whole // 3600 % 24:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    )
