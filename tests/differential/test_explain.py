"""What is explained of a message is what becomes of it when it is sent, on each release."""

from __future__ import annotations

import json
import random

import pytest

from tests.differential.machines import HERE, PYTHONPATH
from tests.differential.made_up_routes import ACCOUNTS, SINKS, configuration
from tests.differential.routes_by_hand import OWN_ADDRESS, PORTS, ROUTES, case, mutant
from tests.support.amounts import LONG

CONFIGURATIONS, MESSAGES = (1250, 8) if LONG else (25, 10)
"""For each of the two releases: 500 messages in all, or 20,000."""

MUTANTS = 250 if LONG else 12
"""Configurations by hand with a slip in each, for each of the two releases."""

AT_ONCE = 4
MOST_UNKNOWN = 0.03


@pytest.fixture(scope="module")
def answers(machine, collection, seed):
    made_up = random.Random(seed)
    cases = [
        configuration(made_up, 3100 + 2 * (number % 200), MESSAGES)
        for number in range(CONFIGURATIONS)
    ]
    return answered(machine, cases)


def answered(machine, cases):
    """Return each message with its case, what became of it, and what was explained of it."""
    job = {"cases": cases, "accounts": ACCOUNTS, "sinks": SINKS, "at_once": AT_ONCE}
    machine.push(
        {
            "/opt/explain_session.py": (HERE / "explain_session.py").read_bytes(),
            "/opt/explain.json": json.dumps(job).encode(),
        }
    )
    given = machine.run(["ip", "address", "replace", f"{OWN_ADDRESS}/32", "dev", "lo"])
    assert given.code == 0, given.stderr.decode()
    command = ["python3", "/opt/explain_session.py", "/opt/explain.json"]
    result = machine.run(["env", f"PYTHONPATH={PYTHONPATH}", *command], timeout=5 * len(cases) + 60)
    assert result.code == 0, result.stderr.decode()[-2000:]
    return [
        (each, message, answer)
        for each, answers in zip(cases, json.loads(result.stdout))
        for message, answer in zip(each["messages"], answers)
    ]


@pytest.fixture(scope="module")
def by_hand(machine, collection):
    cases = {name: case(name, 3100 + PORTS * number) for number, name in enumerate(ROUTES)}
    found = answered(machine, list(cases.values()))
    return {
        name: [(mail, answer) for each, mail, answer in found if each is cases[name]]
        for name in ROUTES
    }


@pytest.mark.parametrize("name", ROUTES)
def test_a_configuration_by_hand(by_hand, name):
    unknown = ROUTES[name].get("unknown", "")
    for message, answer in by_hand[name]:
        if unknown:
            assert any(unknown in said for said in answer["unknown"]), message
            continue
        assert not answer["unknown"], message
        assert answer["told"] == answer["seen"], message


def test_no_certainty_about_a_slip_is_wrong(machine, collection, seed):
    made_up = random.Random(seed)
    cases = [mutant(made_up, 3100 + PORTS * (number % 200)) for number in range(MUTANTS)]
    found = [
        {"name": each["name"], "main": each["files"]["main.cf"], "message": message, **answer}
        for each, message, answer in answered(machine, cases)
        if wrong(answer)
    ]
    assert not found, json.dumps(found[0], indent=1)


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


ROWS = """\
asks.example reject_rbl_client list.example
unknown.example reject_unknown_sender_domain
refused.example REJECT
"""
ASK = """
import json, os, re
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import explain
from ansible_collections.labs.mail.plugins.module_utils._explain.question import question

def sent():
    lines = [line.split() for line in open("/proc/net/snmp") if line.startswith("Udp:")]
    return int(lines[1][lines[0].index("OutDatagrams")])

configuration, found = Configuration("/opt/rows"), {}
for domain in ("asks", "unknown", "refused", "other"):
    before = sent()
    asked = question(f"a@{domain}.example", ["root@localhost"], "203.0.113.9")
    end = explain(configuration, asked).ends[0]
    found[domain] = [end.verdict, sent() - before]
print(json.dumps(found))
"""
MAIN = """\
compatibility_level = 3.6
mydestination = localhost
smtpd_sender_restrictions = check_sender_access texthash:/opt/rows/rows
"""


def test_what_a_row_asks_is_unknown_and_no_dns_is_asked(machine, collection):
    machine.push(
        {
            "/opt/rows/main.cf": MAIN.encode(),
            "/opt/rows/rows": ROWS.encode(),
            "/opt/ask.py": ASK.encode(),
        }
    )
    prepare = "cp /usr/share/postfix/master.cf.dist master.cf; touch -d '1 hour ago' main.cf rows"
    assert machine.run(["sh", "-ec", f"cd /opt/rows; {prepare}"]).code == 0
    result = machine.run(["env", f"PYTHONPATH={PYTHONPATH}", "python3", "/opt/ask.py"], timeout=60)
    assert result.code == 0, result.stderr.decode()[-2000:]
    found = json.loads(result.stdout)
    assert found["asks"] == ["unknown", 0]
    assert found["unknown"] == ["unknown", 0]
    assert found["refused"] == ["refused", 0]
    assert found["other"][0] not in ("unknown", "refused")
