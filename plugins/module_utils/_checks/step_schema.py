# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of steps that checks are made of: their attributes and their defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._mail_client.message import CONTENTS
from ansible_collections.labs.mail.plugins.module_utils._schema import (
    Reader,
    list_of,
    matching,
    number,
    one_of,
)

WAIT_SECONDS = 15
"""How long a step waits for what it expects, where it does not say."""

TEXT = matching(r"(?s).+", "write a text")
LINE = matching(r".+", "write a text on one line")
PATH = matching(r"/.*", "write a path, from / on")
TEXTS = list_of(TEXT, "write a list of texts")


def any_pattern(value: Any) -> str:
    """Read a regular expression, or nothing; one that is a template still is not known yet."""
    if not isinstance(value, str):
        raise ValueError("write a regular expression")
    try:
        re.compile("" if "{{" in value else value)
    except re.error as error:
        raise ValueError(f"write a regular expression, in which this is wrong: {error}") from None
    return value


def pattern(value: Any) -> str:
    """Read a regular expression."""
    return any_pattern(TEXT(value))


def mapping_of(item: Reader, instead: str) -> Reader:
    """Return the reader of a mapping with texts for names."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(instead)
        return {str(name): item(each) for name, each in value.items()}

    return read


def turn(value: Any) -> dict[str, str]:
    """Read a turn of a dialogue: a line to send, or what is then said."""
    if not isinstance(value, Mapping) or len(value) != 1 or not {*value} <= {"send", "says"}:
        raise ValueError("write one turn after the other: send or says")
    ((name, text),) = value.items()
    return {name: LINE(text) if name == "send" else pattern(text)}


def in_both_languages(value: Any) -> dict[str, str]:
    """Read a sentence in French and English."""
    if not isinstance(value, Mapping) or {*value} != {"fr", "en"}:
        raise ValueError("write it in both languages, fr and en")
    return {language: LINE(text) for language, text in value.items()}


PORT = number(1, 65535, "write a port from 1 to 65535")
COUNT = number(0, 1000, "write how many, from 0 on")
SECONDS = number(0, 300, "write seconds, from 0 to 300")
PATTERNS = mapping_of(any_pattern, "write header fields with a pattern for each")
CONTENT = one_of(*CONTENTS)
MESSAGE: dict[str, Reader] = {
    "helo": LINE,
    "ehlo": one_of("yes"),
    "sender": matching(r".*", 'write an address, or "" for none'),
    "recipients": list_of(LINE, "write a list of addresses"),
    "subject": LINE,
    "header": mapping_of(LINE, "write header fields with their texts"),
    "body": TEXT,
    "content": one_of("eicar", "gtube", "text"),
    "attachments": mapping_of(CONTENT, f"write files, each with one of {', '.join(CONTENTS)}"),
}
ARRIVED: dict[str, Reader] = {"copies": COUNT, "header": PATTERNS, "body": pattern}


@dataclass(frozen=True)
class StepKind:
    """A kind of step: its attributes, which of them it needs, and their defaults."""

    readers: Mapping[str, Reader]
    needs: tuple[str, ...]
    defaults: Mapping[str, Any]
    waits: bool = True


COMMON: dict[str, Reader] = {"within": SECONDS, "in_words": in_both_languages}
"""Attributes that every kind of step may have."""

AT = one_of("machine", "world")

KINDS: dict[str, StepKind] = {
    "smtp": StepKind(
        {
            "at": AT,
            "host": TEXT,
            "port": PORT,
            "source": TEXT,
            **MESSAGE,
            "replay": one_of("yes"),
            "expect": one_of("accepted", "refused", "deferred", "rejected", "kept_out", "any"),
            "reply": pattern,
        },
        ("recipients",),
        {
            "at": "machine",
            "host": "127.0.0.1",
            "port": 25,
            "helo": "pv",
            "sender": "tech",
            "expect": "accepted",
        },
        waits=False,
    ),
    "arrived": StepKind(
        {
            "account": TEXT,
            "path": PATH,
            "protocol": one_of("pop3", "imap"),
            "port": PORT,
            **ARRIVED,
        },
        (),
        {"copies": 1},
    ),
    "received": StepKind(
        {"recipient": matching(r"[^@]+@[^@]+", "write a whole address"), **ARRIVED},
        ("recipient",),
        {"copies": 1},
    ),
    "log": StepKind(
        {"line": pattern, "state": one_of("present", "absent")},
        ("line",),
        {"state": "present"},
    ),
    "queue": StepKind(
        {"queue": one_of("maildrop", "incoming", "active", "deferred", "hold")},
        ("queue",),
        {},
    ),
    "command": StepKind(
        {
            "run": TEXTS,
            "input": TEXT,
            "output": pattern,
            "exit": number(0, 255, "write an exit code from 0 to 255"),
        },
        ("run",),
        {"exit": 0},
    ),
    "parameter": StepKind(
        {"name": TEXT, "value": pattern},
        ("name", "value"),
        {},
        waits=False,
    ),
    "file": StepKind(
        {
            "path": PATH,
            "state": one_of("present", "absent"),
            "owner": TEXT,
            "group": TEXT,
            "mode": matching("[0-7]{4}", 'write a mode of four digits such as "0644"'),
            "text": pattern,
        },
        ("path",),
        {"state": "present"},
    ),
    "connect": StepKind(
        {
            "at": AT,
            "host": TEXT,
            "port": PORT,
            "send": TEXT,
            "says": pattern,
            "dialogue": list_of(turn, "write a list of send and says"),
            "expect": one_of("open", "closed"),
        },
        ("port",),
        {"at": "machine", "expect": "open"},
    ),
    "http": StepKind(
        {
            "url": matching("http://.+", "write a URL that begins with http://"),
            "text": pattern,
            "shown": pattern,
        },
        ("url",),
        {},
    ),
    "feed": StepKind(
        {
            "url": matching("http://.+", "write a URL that begins with http://"),
            "title": pattern,
            "link": pattern,
        },
        ("url", "title"),
        {},
    ),
    "answer": StepKind(
        {
            "question": in_both_languages,
            "matches": pattern,
            "queue_ids": number(1, 100, "write how many queue ids at least, from 1 to 100"),
        },
        ("question",),
        {},
        waits=False,
    ),
    "outage": StepKind(
        {"domain": TEXT, "seconds": SECONDS},
        ("domain", "seconds"),
        {},
        waits=False,
    ),
}
"""Every kind of step by its name."""
