"""What the real Postfix logs of refusals, holds and milters, read by the trace."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, trace
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import read
from tests.differential.machines import Case

SESSION = Path(__file__).with_name("log_session.py")


@pytest.fixture(scope="module")
def log(machine):
    case = Case({"session.py": SESSION.read_bytes()}, [["python3", "session.py", "{dir}/it"]])
    [answer] = machine.ask([case], timeout=120)
    [result] = answer.results
    assert result.code == 0, result.stderr.decode()
    return result.stdout.decode()


@pytest.fixture(scope="module")
def seen(log):
    return trace(read(log, datetime.date.today() + datetime.timedelta(days=1)), Selection())


def paths(seen, sender):
    return [path for path in seen.paths if path.sender == sender]


def test_every_line_is_read(seen):
    assert not seen.unread
    assert len(seen.lines) > 100


@pytest.mark.parametrize(
    ("sender", "status"),
    [
        ("two@x.test", "sent"),
        ("hold@x.test", "deleted"),
        ("discard@x.test", "discarded"),
        ("redirect@x.test", "sent"),
        ("tried@x.test", "sent"),
        ("filter@x.test", "sent"),
        ("data@x.test", "rejected"),
        ("end@x.test", "rejected"),
        ("s-hold@x.test", "sent"),
        ("later@x.test", "held"),
        ("s-refuse@x.test", "rejected"),
        ("s-discard@x.test", "discarded"),
        ("s-warn@x.test", "sent"),
        ("s-spam@x.test", "rejected"),
        ("data-reject@x.test", "rejected"),
        ("data-tempfail@x.test", "rejected"),
        ("data-discard@x.test", "discarded"),
        ("end-reject@x.test", "rejected"),
        ("end-tempfail@x.test", "rejected"),
        ("end-discard@x.test", "discarded"),
        ("rcpt-discard@x.test", "discarded"),
    ],
)
def test_what_became_of_a_message(seen, sender, status):
    assert [path.status for path in paths(seen, sender)] == [status]


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("a@x.test", "far@away.test"),
        ("two@x.test", "nobody@mx.test"),
        ("p@x.test", "root@mx.test"),
        *[(f"rcpt-{answer}@x.test", "root@mx.test") for answer in ("reject", "tempfail")],
        *[(f"mail-{answer}@x.test", None) for answer in ("reject", "tempfail")],
    ],
)
def test_a_refusal_names_sender_and_recipient(seen, sender, recipient):
    found = [each for each in seen.refusals if each.sender == sender]
    assert [each.recipient for each in found] == [recipient]


def test_what_was_tried_or_told_is_no_refusal(seen):
    done = {each.action for each in seen.actions if not each.refuses}
    assert {"hold", "redirect", "warn", "warning", "filter", "delete", "release"} <= done
