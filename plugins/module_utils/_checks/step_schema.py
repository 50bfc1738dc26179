# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of steps that checks are made of: their attributes and their words."""

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

Words = Mapping[str, str]
"""A sentence by its language, ``fr`` and ``en``; attributes stand in braces."""

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
    """A kind of step: its attributes, which of them it needs, their defaults, and its sentences."""

    readers: Mapping[str, Reader]
    needs: tuple[str, ...]
    tried: Words
    expected: Words
    defaults: Mapping[str, Any]
    waits: bool = True


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
            "en": "SMTP from the {at}, port {port}: a message from <{sender}> to {recipients}",
            "fr": "SMTP depuis {at:fr}, port {port} : un message de <{sender}> à {recipients}",
        },
        {"en": "{expect} {reply}", "fr": "{expect:fr} {reply}"},
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
        {
            "en": "Look for it in the mailbox {account}{path} {protocol}",
            "fr": "La chercher dans la boîte {account}{path} {protocol}",
        },
        {"en": "{copies} of it {header} {body}", "fr": "{copies} exemplaire(s) {header} {body}"},
        {"copies": 1},
    ),
    "received": StepKind(
        {"recipient": matching(r"[^@]+@[^@]+", "write a whole address"), **ARRIVED},
        ("recipient",),
        {
            "en": "Look for it in the world, with <{recipient}>",
            "fr": "Le chercher chez <{recipient}>, dans le monde extérieur",
        },
        {"en": "{copies} of it {header} {body}", "fr": "{copies} exemplaire(s) {header} {body}"},
        {"copies": 1},
    ),
    "log": StepKind(
        {"line": pattern},
        ("line",),
        {"en": "Look into the mail log", "fr": "Lire le journal du courrier"},
        {"en": "a line like: {line}", "fr": "une ligne du genre : {line}"},
        {},
    ),
    "queue": StepKind(
        {"queue": one_of("maildrop", "incoming", "active", "deferred", "hold")},
        ("queue",),
        {"en": "Look for it in the queues", "fr": "Le chercher dans les files d'attente"},
        {"en": "it is in the queue {queue}", "fr": "il est dans la file {queue}"},
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
        {"en": "Run: {run}", "fr": "Exécuter : {run}"},
        {"en": "exit code {exit} {output}", "fr": "code de retour {exit} {output}"},
        {"exit": 0},
    ),
    "parameter": StepKind(
        {"name": TEXT, "value": pattern},
        ("name", "value"),
        {"en": "Ask postconf for {name}", "fr": "Demander {name} à postconf"},
        {"en": "a value like: {value}", "fr": "une valeur du genre : {value}"},
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
        {"en": "Look at the file {path}", "fr": "Regarder le fichier {path}"},
        {
            "en": "{state} {owner} {group} {mode} {text}",
            "fr": "{state:fr} {owner} {group} {mode} {text}",
        },
        {"state": "present"},
    ),
    "connect": StepKind(
        {
            "at": AT,
            "host": TEXT,
            "port": PORT,
            "send": TEXT,
            "says": pattern,
            "expect": one_of("open", "closed"),
        },
        ("port",),
        {
            "en": "Connect to port {port} from the {at} {send}",
            "fr": "Se connecter au port {port} depuis {at:fr} {send}",
        },
        {"en": "{expect} {says}", "fr": "{expect:fr} {says}"},
        {"at": "machine", "expect": "open"},
    ),
    "http": StepKind(
        {"url": matching("http://.+", "write a URL that begins with http://"), "text": pattern},
        ("url",),
        {"en": "Fetch {url}", "fr": "Consulter {url}"},
        {"en": "a page with: {text}", "fr": "une page avec : {text}"},
        {},
    ),
    "feed": StepKind(
        {
            "url": matching("http://.+", "write a URL that begins with http://"),
            "title": pattern,
            "link": pattern,
        },
        ("url", "title"),
        {"en": "Open the feed {url} in a reader", "fr": "Ouvrir le flux {url} dans un lecteur"},
        {
            "en": "valid RSS 2.0, with an item: {title} {link}",
            "fr": "du RSS 2.0 valide, avec un élément : {title} {link}",
        },
        {},
    ),
    "outage": StepKind(
        {"domain": TEXT, "seconds": SECONDS},
        ("domain", "seconds"),
        {
            "en": "Cut {domain} off for {seconds} s",
            "fr": "Couper {domain} du réseau pendant {seconds} s",
        },
        {"en": "done", "fr": "fait"},
        {},
        waits=False,
    ),
}
"""Every kind of step by its name."""

FRENCH = {
    "machine": "la machine",
    "world": "l'extérieur",
    "accepted": "accepté",
    "refused": "refusé",
    "deferred": "différé",
    "rejected": "refusé ou différé",
    "kept_out": "refusé, différé ou injoignable",
    "any": "une réponse",
    "present": "présent",
    "absent": "absent",
    "open": "ouvert",
    "closed": "fermé",
}
"""What words that are attributes are called in French sentences."""
