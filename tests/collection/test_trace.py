"""playbooks/trace.yml, on the logs of two real machines."""

from __future__ import annotations

import json
import sys

import pytest

from tests.support.collection import ROOT

LOGS = ROOT / "tests" / "fixtures" / "mail_log" / "debian-13"


@pytest.fixture
def trace(ansible):
    """Follow messages; returns the exit code, what was printed, and what was written."""

    def trace(logs=("smtp-a", "smtp-b"), **wanted):
        report = ansible.folder / "reports" / "trace.json"
        report.unlink(missing_ok=True)
        common = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "trace_report": str(report),
            **wanted,
        }
        hosts = {
            f"student{number}": {**common, "mail_log": str(LOGS / f"{name}.log")}
            for number, name in enumerate(logs, 1)
        }
        code, output = ansible.play("labs.mail.trace", hosts)
        return code, output, json.loads(report.read_text()) if report.exists() else None

    return trace


def test_a_message_from_machine_to_machine(trace):
    # Its queue id on the second machine leads to the first one, too.
    log = (LOGS / "smtp-b.log").read_text()
    queue_id = log.partition(": client=")[0].rpartition(" ")[2]
    code, output, report = trace(queue_id=queue_id)
    assert code == 0, output
    [path] = report["paths"]
    assert [hop["host"] for hop in path["hops"]] == ["student1", "student2"]
    assert path["status"] == "sent"
    for line in path["picture"]:
        assert json.dumps(line) in output
    assert "changed=0" in output


def test_a_message_without_message_id(trace):
    code, output, report = trace(("chain-telnet", "local"), recipient="tech@beauvelo.fr")
    assert code == 0, output
    [path] = report["paths"]
    assert len(path["hops"]) == 4


def test_what_was_refused(trace):
    code, output, report = trace(("chain-refused", "local"), recipient="nobody@example.org")
    assert code == 0, output
    assert report["paths"] == []
    assert "refused: RCPT from unknown[172.17.0.1]: 554 5.7.1 <nobody@example.org>" in output


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "Name a message, such as -e queue_id=53AE9404458"),
        ({"queue_id": "0123456789"}, "No machine's log has such a message."),
    ],
)
def test_what_is_asked_for_wrongly(trace, wanted, message):
    code, output, _report = trace(**wanted)
    assert code == 2
    assert message in output
