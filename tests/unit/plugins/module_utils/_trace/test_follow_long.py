"""One message, or what looks like one, of thousands of lines: the time grows as the lines do."""

from __future__ import annotations

import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import decode
from ansible_collections.labs.mail.plugins.module_utils._trace.render import as_data
from tests.support.mail_logs import LATEST

pytestmark = pytest.mark.slow

LINES = 10_000
SECONDS = 20.0
"""Of the processor. A second is enough; where each hop was compared with all others, it took more
than ten minutes."""

DELIVERED = "delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent"


def queue_id(number):
    return f"{0xA0000000 + number:X}"


def hop(number, arrival, delivery, message_id="<a@b>"):
    """Return the lines of a queue id; a * stands for the next one."""
    mine = queue_id(number)
    return [
        f"{arrival[0]}[1]: {mine}: {arrival[1]}",
        f"cleanup[2]: {mine}: message-id={message_id}",
        f"qmgr[3]: {mine}: from=<a@b>, size=300, nrcpt=1 (queue active)",
        f"{delivery[0]}[4]: {mine}: to=<c@d>, {delivery[1].replace('*', queue_id(number + 1))}",
        f"qmgr[3]: {mine}: removed",
    ]


BY_SMTP = ("smtpd", "client=localhost[127.0.0.1]")
BY_PICKUP = ("pickup", "uid=99 from=<a@b>")
HERE = "relay=127.0.0.1[127.0.0.1]:25"
ROUND = ("smtp", f"{HERE}, {DELIVERED} (250 2.0.0 Ok: queued as *)")
FILTERED = ("pipe", f"relay=filter, {DELIVERED} (delivered via filter service)")
TRIED = f"relay=127.0.0.1[127.0.0.1]:10025, {DELIVERED} (250 ok)"


def loop():
    return [line for n in range(LINES // 5) for line in hop(n, BY_SMTP, ROUND)]


def filtered_again_and_again():
    return [line for n in range(LINES // 5) for line in hop(n, BY_PICKUP, FILTERED)]


def without_message_id():
    return [line for n in range(LINES // 5) for line in hop(n, BY_PICKUP, FILTERED, "<>")]


def many_recipients():
    start, end = hop(0, BY_SMTP, ROUND)[:3], ["qmgr[3]: A0000000: removed"]
    return [*start, *(f"smtp[4]: A0000000: to=<c{n}@d>, {TRIED}" for n in range(LINES)), *end]


def many_refused():
    start = hop(0, BY_SMTP, ROUND)
    text = "reject: RCPT from x[192.0.2.1]: 550 5.1.1 <n@d>: unknown; from=<a@b> to=<n%d@d>"
    return [start[0], *(f"smtpd[1]: A0000000: {text}" % n for n in range(LINES)), *start[1:]]


def many_visits():
    lines = hop(0, BY_SMTP, ROUND)[:3]
    for number in range(LINES // 3):
        lines += [
            f"pipe[4]: A0000000: to=<c{number}@d>, {FILTERED[1]}",
            "spamd: processing message <a@b> for u:1000",
            "spamd: result: . 0 - X scantime=0.1,uid=1000,mid=<a@b>",
        ]
    return lines


def one_message_id():
    """Return lines of one message's new queue ids, each of which seems to lead to the next."""
    return [f"cleanup[1]: {queue_id(number)}: message-id=<x>" for number in range(LINES)]


def long_first_cell():
    """Return lines of which one has a program's name that no other row leaves room for."""
    start, *lines = many_recipients()
    return [start, f"{'p' * 15_000}[4]: A0000000: to=<c@d>, {TRIED}", *lines]


STATUSES = {
    loop: "looping",
    filtered_again_and_again: "looping",
    many_recipients: "sent",
    many_refused: "sent",
    many_visits: "sent",
}


MOST_DRAWN = 200
"""Characters of the table for each line of the log, beside those of the line itself."""


def text_of(lines):
    """Return lines as a log, forty in each second."""
    texts = []
    for number, line in enumerate(lines):
        minute, second = divmod(number // 40, 60)
        prefix = "spamd[7]: " if line.startswith("spamd") else "postfix/"
        texts.append(f"Mar 26 16:{minute:02}:{second:02} mx {prefix}{line}\n")
    return decode("".join(texts).encode())


def followed(lines):
    """Follow all messages of a log; fails where that takes too long."""
    text = text_of(lines)
    start = time.process_time()
    found = follow(text, LATEST, Selection())
    data = [as_data(path) for path in found.paths]
    assert time.process_time() - start < SECONDS
    assert len(found.lines) >= LINES
    return data


@pytest.mark.parametrize("shape", STATUSES)
def test_one_message_of_thousands_of_lines(shape):
    assert [path["status"] for path in followed(shape())] == [STATUSES[shape]]


@pytest.mark.parametrize("shape", [*STATUSES, one_message_id, long_first_cell])
def test_its_table_grows_as_the_lines_do(shape):
    for path in followed(shape()):
        lines = path["lines"]
        drawn = sum(map(len, path["picture"]))
        assert drawn < sum(map(len, lines)) + MOST_DRAWN * len(lines)


def test_thousands_that_cannot_be_told_apart():
    data = followed(without_message_id())
    assert len(data) > 1
    # Some that it may have come of, or that may have come of it, are enough.
    assert all(len(path["unlinked"]) < 300 for path in data)


def test_a_long_loop_is_one_loop_with_all_its_queue_ids():
    [path] = follow(text_of(loop()), LATEST, Selection()).paths
    [found] = path.loops
    assert found["queue_ids"] == [queue_id(number) for number in range(LINES // 5)]
