"""A path as a trace of OpenTelemetry: a span for each queue id, each below the one before."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._drawing.otlp import ERROR, OK, otlp
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.render import as_data
from tests.support.amounts import EXAMPLES, LONG
from tests.support.mail_logs import FIXTURES

LOGS = sorted((FIXTURES / "mail_log").rglob("*.log"))
KEYS = {
    "traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano",
    "attributes", "events", "status",
}  # fmt: skip
"""Those of a span in opentelemetry/proto/trace/v1/trace.proto that we write."""


def paths(log):
    today = datetime.date(2026, 12, 1)
    return [
        as_data(path) for path in follow(log.read_text(errors="replace"), today, Selection()).paths
    ]


def spans(traced):
    return [
        span
        for resource in traced["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_every_log_is_a_trace(log):
    for path in paths(log):
        found = spans(json.loads(json.dumps(otlp(path))))
        assert len(found) == len(path["hops"])
        assert len({span["traceId"] for span in found}) <= 1
        ids = [span["spanId"] for span in found]
        assert len(set(ids)) == len(ids)
        for span in found:
            assert set(span) <= KEYS
            assert re.fullmatch("[0-9a-f]{32}", span["traceId"])
            assert re.fullmatch("[0-9a-f]{16}", span["spanId"])
            assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
            assert span.get("parentSpanId", ids[0]) in ids


def test_a_chain_is_one_span_below_the_other():
    log = next(log for log in LOGS if log.name == "chain-telnet.log")
    path = paths(log)[0]
    found = spans(otlp(path))
    assert [span["name"].partition(" ")[0] for span in found] == [
        "smtpd", "smtpd", "pickup", "smtpd",
    ]  # fmt: skip
    assert "parentSpanId" not in found[0]
    assert [span["parentSpanId"] for span in found[1:]] == [span["spanId"] for span in found[:-1]]
    started = datetime.datetime.fromisoformat(path["hops"][0]["time"]).timestamp()
    assert int(found[0]["startTimeUnixNano"]) // 1000 == round(started * 1_000_000)
    assert "visits clamsmtpd" in [event["name"] for event in found[0]["events"]]
    assert {span["status"]["code"] for span in found} == {OK}


def hop(**more):
    return {
        "queue_id": "ABC", "host": "mail", "time": "2026-11-25T09:00:05", "program": "smtpd",
        "client": "x[192.0.2.1]", "uid": None, "message_id": "", "size": 1, "previous": None,
        "deliveries": [], "visits": [], "actions": [], "refused": None, **more,
    }  # fmt: skip


def delivery(**more):
    return {
        "time": "2026-11-25T09:00:06", "recipient": "a@b.test", "relay": "local", "dsn": "5.1.1",
        "reply": "no", "service": "postfix/local", "status": "bounced", **more,
    }  # fmt: skip


def test_what_failed_is_an_error():
    path = {"hops": [hop(deliveries=[delivery()])], "message_ids": []}
    assert spans(otlp(path))[0]["status"] == {"code": ERROR}
    path = {"hops": [hop(deliveries=[delivery(status="sent")])], "message_ids": []}
    assert spans(otlp(path))[0]["status"] == {"code": OK}


def test_each_machine_is_a_resource():
    path = {
        "hops": [hop(), hop(host="world", queue_id="DEF", previous="ABC")],
        "message_ids": ["m"],
    }
    traced = otlp(path)
    hosts = [
        each["value"]["stringValue"]
        for resource in traced["resourceSpans"]
        for each in resource["resource"]["attributes"]
        if each["key"] == "host.name"
    ]
    assert hosts == ["mail", "world"]
    one, other = spans(traced)
    assert other["parentSpanId"] == one["spanId"]


@settings(max_examples=EXAMPLES if LONG else 300, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_hostile_strings_are_text(reply, name):
    path = {"hops": [hop(deliveries=[delivery(reply=reply)], queue_id=name)], "message_ids": [name]}
    text = json.dumps(otlp(path), ensure_ascii=False)
    assert json.loads(text.encode("utf-8"))
