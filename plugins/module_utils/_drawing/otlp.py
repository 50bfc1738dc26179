# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message's path as a trace of OpenTelemetry, in the JSON that collectors and Jaeger read.

A span stands for each queue id, an event of it for each delivery, scan and action. OpenTelemetry
names no attributes for mail; those here begin with ``mail.``.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

OK, ERROR = 1, 2
"""Codes of a span's status (opentelemetry/proto/trace/v1/trace.proto)."""

SERVER = 2
"""The kind of a span that takes what another sends."""

Data = Mapping[str, Any]


def otlp(path: Data) -> dict[str, Any]:
    """Return a TracesData message.

    :arg path: as the module mail_trace_info returns it.
    """
    hops = path["hops"]
    named = "|".join(path["message_ids"]) or "|".join(_name(hop) for hop in hops)
    trace = _digest(named, 32)
    spans = {_name(hop): _digest(f"{named} {_name(hop)}", 16) for hop in hops}
    by_queue_id = {hop["queue_id"]: spans[_name(hop)] for hop in hops}
    hosts = list(dict.fromkeys(hop["host"] for hop in hops))
    return {
        "resourceSpans": [
            {
                "resource": {
                    "attributes": [
                        _attribute("service.name", "postfix"),
                        _attribute("host.name", host),
                    ]
                },
                "scopeSpans": [
                    {
                        "scope": {"name": "labs.mail"},
                        "spans": [
                            _span(hop, trace, spans[_name(hop)], by_queue_id)
                            for hop in hops
                            if hop["host"] == host
                        ],
                    }
                ],
            }
            for host in hosts
        ]
    }


def _span(hop: Data, trace: str, own: str, by_queue_id: Mapping[str, str]) -> dict[str, Any]:
    events = sorted(_events(hop), key=lambda event: int(event["timeUnixNano"]))
    times = [_nanoseconds(hop["time"]), *(int(event["timeUnixNano"]) for event in events)]
    failed = any(each["status"] not in ("sent", "deliverable") for each in hop["deliveries"])
    span = {
        "traceId": trace,
        "spanId": own,
        "parentSpanId": by_queue_id.get(hop["previous"] or "", ""),
        "name": f"{hop['program'] or 'cleanup'} {hop['queue_id']}",
        "kind": SERVER,
        "startTimeUnixNano": str(min(times)),
        "endTimeUnixNano": str(max(times)),
        "attributes": [
            _attribute(f"mail.{name}", hop[name])
            for name in ("queue_id", "client", "message_id", "size")
            if hop[name]
        ],
        "events": events,
        "status": {"code": ERROR if failed or hop["refused"] else OK},
    }
    return {name: value for name, value in span.items() if value != ""}


def _events(hop: Data) -> Iterator[dict[str, Any]]:
    kinds = (
        ("deliveries", "status", ("recipient", "relay", "dsn", "reply", "service")),
        ("visits", "program", ("result", "ident")),
        ("actions", "action", ("reason", "program")),
    )
    for group, name, attributes in kinds:
        for each in hop[group]:
            yield {
                "timeUnixNano": str(_nanoseconds(each["time"])),
                "name": f"{group} {each[name]}",
                "attributes": [
                    _attribute(f"mail.{attribute}", each[attribute])
                    for attribute in attributes
                    if each[attribute]
                ],
            }


def _attribute(name: str, value: str | int) -> dict[str, Any]:
    kind = {"intValue": str(value)} if isinstance(value, int) else {"stringValue": _clean(value)}
    return {"key": name, "value": kind}


def _clean(text: str) -> str:
    """Return text that protobuf's strings can hold: UTF-8 has no surrogates."""
    return text.encode("utf-8", "replace").decode()


def _name(hop: Data) -> str:
    return f"{hop['host']} {hop['queue_id']} {hop['time']}"


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(_clean(text).encode()).hexdigest()[:length]


def _nanoseconds(text: str) -> int:
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86400 + since.seconds) * 10**9 + since.microseconds * 1000
