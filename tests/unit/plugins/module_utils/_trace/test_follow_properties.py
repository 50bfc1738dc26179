"""What holds of any log: with messages among each other, lines missing, cut off, or no lines."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import decode
from ansible_collections.labs.mail.plugins.module_utils._trace.render import (
    action_as_data,
    as_data,
)
from tests.support.amounts import many
from tests.support.mail_logs import COURSE, LATEST, LOGS, traced

NAMES = [
    "debian-12/chain-clean", "debian-12/chain-two", "debian-12/chain-eicar", "debian-12/bounce",
    "debian-12/loop", "debian-12/long", "debian-12/dovecot-lmtp", "debian-12/requeue",
    "debian-13/forward-b", "debian-13/deferred", "debian-13/chain-gtube",
]  # fmt: skip
SAMPLES = {**{name: LOGS[name] for name in NAMES}, "course": COURSE}
IDS = re.compile(r"\b(?=[0-9A-Za-z]*\d)[0-9A-F]{11}\b|\b4j[0-9A-Za-z]{13}\b")


def another(data, number):
    """The same log of other messages: other ids, addresses and processes."""
    text = IDS.sub(lambda match: match[0][:-2] + f"{number:02}", data.decode())
    # clamsmtpd's ids have no number beside them.
    text = re.sub(r"(clamsmtpd: )1", rf"\g<1>{number % 10}", text)
    text = re.sub(r"\[(\d+)\]: ", lambda match: f"[{number}{match[1]}]: ", text)
    text = re.sub(r"((?:lmtp|lda)\((?:tech\)<)?)(\d+)", rf"\g<1>{number}\g<2>", text)
    text = re.sub(r"\b(prof|tech|pvaniet|nosuch|fwd)@", rf"\g<1>{number}@", text)
    return re.sub(r"(clean|two|eicar|gtube|requeue)\.", rf"\g<1>{number}.", text).splitlines()


@st.composite
def interleaved(draw):
    """Several logs, and one with the lines of all of them, each log's lines in their order."""
    names = draw(st.lists(st.sampled_from(sorted(SAMPLES)), min_size=1, max_size=4))
    logs = [another(SAMPLES[name], number) for number, name in enumerate(names, 11)]
    order = [place for place, log in enumerate(logs) for _line in log]
    rests = [iter(log) for log in logs]
    return logs, [next(rests[place]) for place in draw(st.permutations(order))]


def paths(lines):
    return [as_data(path) for path in traced("\n".join(lines).encode()).paths]


def by_first_line(found):
    return sorted(found, key=lambda path: (path["hops"][0]["queue_id"], path["lines"]))


@settings(max_examples=many(40))
@given(interleaved())
def test_messages_among_each_other_are_told_apart(drawn):
    logs, together = drawn
    alone = [path for log in logs for path in paths(log)]
    found = paths(together)
    assert [path["picture"] for path in by_first_line(found)] == [
        path["picture"] for path in by_first_line(alone)
    ]
    assert [path["lines"] for path in by_first_line(found)] == [
        path["lines"] for path in by_first_line(alone)
    ]


@settings(max_examples=many(60))
@given(interleaved(), st.data())
def test_with_lines_missing_no_messages_are_mixed(drawn, data):
    logs, together = drawn
    left = [line for line in together if data.draw(st.integers(0, 4))]
    owner = {line: number for number, log in enumerate(logs) for line in log}
    found = traced("\n".join(left).encode())
    for path in found.paths:
        assert len({owner[line.raw] for line in path.lines}) == 1
    # And every line is either part of a path or said to be none's.
    numbers = {line.number for path in found.paths for line in path.lines}
    assert numbers.isdisjoint(line.number for line in found.loose)
    assert len(numbers) + len(found.loose) == len(left)


@settings(max_examples=many(60))
@given(interleaved(), st.data())
def test_lines_that_are_cut_off(drawn, data):
    _logs, together = drawn
    for _time in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(together) - 1))
        together[place] = together[place][: data.draw(st.integers(0, len(together[place])))]
    json.dumps(paths(together))


@settings(max_examples=many(40))
@given(interleaved(), st.data())
def test_one_message_is_followed_as_among_all(drawn, data):
    _logs, together = drawn
    text = "\n".join(together)
    path = data.draw(st.sampled_from(paths(together)))
    queue_id = data.draw(st.sampled_from([hop["queue_id"] for hop in path["hops"]]))
    found = follow(text, LATEST, Selection(queue_ids=(queue_id,))).paths
    assert [as_data(other) for other in found] == [path]


PIECES = st.sampled_from(
    [
        "Mar 26 16:11:02 mx postfix/smtpd[1]: ", "Mar 26 16:11:02 mx postfix/qmgr[1]: ",
        "2026-03-26T16:11:02Z mx postfix/pipe[1]: ", "Mar 26 16:11:02 mx spamd[1]: spamd: ",
        "Mar 26 16:11:02 mx clamsmtpd: ", "Mar 26 16:11:02 mx dovecot: ", "ABCDEF: ", "ABCDE0: ",
        "client=a[1]", "orig_queue_id=ABCDEF", "orig_id=ABCDE0", "message-id=<", "m@a>", "to=<",
        "a@b>, ", "from=<", "delays=1/2.3.4//", "delay=1.2.3, ", "status=sent (queued as ABCDEF)",
        "status=deferred", "removed", "notification: ABCDEF", "sender non-delivery ",
        "processing message <m@a> for a:1", "result: ", "connection from", "accepted connection",
        "to=a, status=CLEAN", "lda(a)<1><b>: msgid=<m@a>: saved", "\n", "\n", "\n", "\r", "\0",
        "\udc80", ", size=99999999999999999999999999", "uid=0 ", "<22>1 ", "é",
    ]
)  # fmt: skip
BYTES = st.lists(PIECES, max_size=60).map(
    lambda parts: "".join(parts).encode("utf-8", "surrogateescape")
)


@settings(max_examples=many(200))
@given(BYTES | st.binary())
def test_no_bytes_are_too_bad(data):
    found = traced(data)
    json.dumps([as_data(path) for path in found.paths]).encode()
    json.dumps([action_as_data(refusal) for refusal in found.refusals]).encode()
    for path in found.paths:
        for hop in path.hops:
            follow(decode(data), LATEST, Selection(queue_ids=(hop.entry.queue_id,)))
