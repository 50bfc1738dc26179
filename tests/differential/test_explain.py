"""What is explained of a message is what becomes of it when it is sent, on each release."""

from __future__ import annotations

import json
import random

import pytest

from tests.differential.machines import HERE, PYTHONPATH
from tests.differential.made_up_routes import ACCOUNTS, SINKS, configuration
from tests.support.amounts import LONG

CONFIGURATIONS, MESSAGES = (1250, 8) if LONG else (12, 6)
AT_ONCE = 4
MOST_UNKNOWN = 0.03


@pytest.fixture(scope="module")
def answers(machine, collection, seed):
    made_up = random.Random(seed)
    cases = [
        configuration(made_up, 3100 + 2 * (number % 200), MESSAGES)
        for number in range(CONFIGURATIONS)
    ]
    job = {"cases": cases, "accounts": ACCOUNTS, "sinks": SINKS, "at_once": AT_ONCE}
    machine.push(
        {
            "/opt/explain_session.py": (HERE / "explain_session.py").read_bytes(),
            "/opt/explain.json": json.dumps(job).encode(),
        }
    )
    command = ["python3", "/opt/explain_session.py", "/opt/explain.json"]
    result = machine.run(["env", f"PYTHONPATH={PYTHONPATH}", *command], timeout=5 * len(cases) + 60)
    assert result.code == 0, result.stderr.decode()[-2000:]
    return [
        (case, message, answer)
        for case, answered in zip(cases, json.loads(result.stdout))
        for message, answer in zip(case["messages"], answered)
    ]


def wrong(answer):
    return not answer["unknown"] and answer["seen"] != answer["told"]


def test_no_certainty_is_wrong(answers):
    found = [
        {"main": case["files"]["main.cf"], "message": message, **answer}
        for case, message, answer in answers
        if wrong(answer)
    ]
    assert not found, json.dumps(found[0], indent=1)


def test_little_is_unknown(answers):
    unknown = [answer["unknown"] for _case, _message, answer in answers if answer["unknown"]]
    assert len(unknown) <= MOST_UNKNOWN * len(answers), unknown[:5]


def test_messages_differ(answers):
    kinds = {what for _case, _message, answer in answers for _to, what, _where in answer["seen"]}
    assert {"refused", "mailbox", "relay", "deferred", "discard", "hold"} <= kinds
