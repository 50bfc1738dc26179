# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``lab trace`` and ``lab draw``: the way of a message, and the configuration, as pictures."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from typing import NoReturn

from ansible_collections.labs.mail.plugins.module_utils._drawing.mermaid import mermaid
from ansible_collections.labs.mail.plugins.module_utils._drawing.of_data import of_path
from ansible_collections.labs.mail.plugins.module_utils._drawing.otlp import otlp
from ansible_collections.labs.mail.plugins.module_utils._drawing.scene import Scene
from ansible_collections.labs.mail.plugins.module_utils._drawing.svg import draw as as_svg
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.show import say
from ansible_collections.labs.mail.plugins.module_utils._explain.synoptic import synoptic
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.render import as_data

DONE, NOTHING, MISUSED, UNREADABLE = 0, 1, 2, 3
LARGEST_LOG = 50_000_000

WORDS = {
    "en": {
        "trace": """\
usage: lab trace [QUEUE_ID] [--recipient ADDRESS] [--sender ADDRESS] [--log FILE]
                 [--svg FILE | --mermaid | --otlp]

The way of a message through the log; of several, the last one is drawn.
--otlp prints a trace of OpenTelemetry, one line of JSON for each.""",
        "draw": """\
usage: lab draw [--svg FILE | --mermaid] [--config DIRECTORY]

This machine's Postfix as a picture: services, ports, filters and tables.""",
        "nothing": "The log has no such message.",
        "unreadable": "{path} cannot be read: {reason}",
        "written": "{path} is written; open it in a browser.",
    },
    "fr": {
        "trace": """\
usage : lab trace [ID_DE_FILE] [--recipient ADRESSE] [--sender ADRESSE] [--log FICHIER]
                  [--svg FICHIER | --mermaid | --otlp]

Le chemin d'un message dans le journal ; s'il y en a plusieurs, le dernier est dessiné.
--otlp affiche une trace OpenTelemetry, une ligne de JSON pour chacun.""",
        "draw": """\
usage : lab draw [--svg FICHIER | --mermaid] [--config RÉPERTOIRE]

Le Postfix de cette machine en image : services, ports, filtres et tables.""",
        "nothing": "Le journal n'a pas de tel message.",
        "unreadable": "{path} ne se lit pas : {reason}",
        "written": "{path} est écrit ; ouvrez-le dans un navigateur.",
    },
}


class _MisuseError(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _MisuseError(message)


def _parsed(parser: _Parser, argv: list[str], usage: str) -> argparse.Namespace | int:
    """Return what was typed, or an exit code where it was no call."""
    parser.add_argument("--svg")
    parser.add_argument("--mermaid", action="store_true")
    parser.add_argument("--help", action="store_true")
    try:
        given = parser.parse_args(argv)
    except _MisuseError as error:
        say(f"{error}\n\n{usage}", stream=sys.stderr)
        return MISUSED
    if given.help:
        say(usage)
        return DONE
    return given


def trace(argv: list[str], language: str) -> int:
    """Run ``lab trace``; returns its exit code."""
    words = WORDS[language]
    parser = _Parser("lab trace", add_help=False, allow_abbrev=False)
    parser.add_argument("queue_id", nargs="?")
    for option in ("recipient", "sender"):
        parser.add_argument(f"--{option}")
    parser.add_argument("--log", default="/var/log/mail.log")
    parser.add_argument("--otlp", action="store_true")
    given = _parsed(parser, argv, words["trace"])
    if isinstance(given, int):
        return given
    try:
        with open(given.log, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LARGEST_LOG))
            text = file.read().decode("utf-8", "replace")
        latest = datetime.date.fromtimestamp(os.stat(given.log).st_mtime)
    except OSError as error:
        reason = error.strerror or str(error)
        say(words["unreadable"].format(path=given.log, reason=reason), stream=sys.stderr)
        return UNREADABLE
    ids = (given.queue_id,) if given.queue_id else ()
    wanted = Selection(ids, (), given.recipient or "", given.sender)
    paths = follow(text, latest, wanted).paths
    if not paths:
        say(words["nothing"], stream=sys.stderr)
        return NOTHING
    data = [as_data(path) for path in paths]
    if given.otlp:
        say("\n".join(json.dumps(otlp(each), ensure_ascii=False) for each in data))
        return DONE
    if not (given.svg or given.mermaid):
        say("\n\n".join("\n".join(each["picture"]) for each in data))
        return DONE
    return _draw(of_path(data[-1], data[-1]["picture"][0]), given, words)


def draw(argv: list[str], language: str) -> int:
    """Run ``lab draw``; returns its exit code."""
    words = WORDS[language]
    parser = _Parser("lab draw", add_help=False, allow_abbrev=False)
    parser.add_argument("--config", default="/etc/postfix")
    given = _parsed(parser, argv, words["draw"])
    if isinstance(given, int):
        return given
    try:
        scene = synoptic(Configuration(given.config))
    except ConfigError as error:
        say(error, stream=sys.stderr)
        return UNREADABLE
    return _draw(scene, given, words)


def _draw(scene: Scene, given: argparse.Namespace, words: dict[str, str]) -> int:
    if not given.svg:
        say(mermaid(scene) if given.mermaid else "\n".join(scene.lines()))
        return DONE
    return write_svg(scene, given.svg, words)


def write_svg(scene: Scene, path: str, words: dict[str, str]) -> int:
    """Write a picture; returns an exit code."""
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(as_svg(scene))
    except OSError as error:
        reason = error.strerror or str(error)
        say(words["unreadable"].format(path=path, reason=reason), stream=sys.stderr)
        return UNREADABLE
    say(words["written"].format(path=path))
    return DONE
