"""A question to the explainer, straight and through a filter, and the course's chain drawn."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._drawing.of_data import of_path
from ansible_collections.labs.mail.plugins.module_utils._drawing.svg import draw
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.render import as_data
from bench.inside import Inside, in_turn
from bench.machines import machines
from bench.row import Row
from tests.differential.machines import PYTHONPATH

RELEASE = os.environ.get("DEBIAN", "12")
ROUNDS = 9
SECONDS, MILLISECONDS, KILOBYTES = 0.3, 50, 30
THE_GOAL = "what it may take"
COURSE = Path(__file__).parent.parent / "tests" / "fixtures" / "course" / "mail.log"

ASK = """
import sys
from ansible_collections.labs.mail.plugins.module_utils._explain.command import main
main(sys.argv[1:], "en")
"""
CONFIGURE = """
cp /usr/share/postfix/main.cf.debian /etc/postfix/main.cf
postconf -e mydomain=example.test myhostname=mail.example.test 'mydestination=$mydomain'
postconf -e 'smtpd_sender_restrictions=check_sender_access inline:{bad@example.org=REJECT}'
postconf -M 2525/inet='2525 inet n - n - - smtpd -o content_filter='
id prof >/dev/null 2>&1 || useradd -m prof
"""


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    with machines(["explain"], RELEASE, console):
        inside = Inside("explain", RELEASE)
        inside.shell(CONFIGURE)
        inside.machine.push({"/opt/ask.py": ASK.encode()})
        message = ["--from", "ami@example.org", "--to", "prof@example.test"]
        ask = ["env", f"PYTHONPATH={PYTHONPATH}", "python3", "/opt/ask.py", *message]
        filtered = "postconf -e 'content_filter=smtp:[127.0.0.1]:2525'"
        straight, through = in_turn(
            ROUNDS,
            lambda: inside.cost([*ask], "postconf -X content_filter"),
            lambda: inside.cost([*ask], filtered),
        )
    yield Row("a question", straight.seconds, SECONDS, THE_GOAL, 1.0)
    yield Row("the same through a filter", through.seconds, 1.0, THE_GOAL, 1.0)
    milliseconds, kilobytes = drawn()
    yield Row("the course's chain drawn", milliseconds, MILLISECONDS, THE_GOAL, 1.0, "ms")
    yield Row("its picture", kilobytes, KILOBYTES, THE_GOAL, 1.0, "kB")


def drawn() -> tuple[float, float]:
    """Return the milliseconds that the largest picture of the course's log takes, and its size."""
    found = []
    for path in follow(COURSE.read_text(), date(2026, 12, 1), Selection()).paths:
        data = as_data(path)
        began = time.perf_counter()
        picture = draw(of_path(data, data["picture"][0]))
        found.append((1000 * (time.perf_counter() - began), len(picture.encode()) / 1000))
    return max(found, key=lambda each: each[1])
