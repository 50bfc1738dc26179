# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences of checks in both languages, with what French typography wants around its signs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import reason

Words = Mapping[str, str]
"""A sentence by its language, ``fr`` and ``en``."""

LANGUAGES = ("fr", "en")

NARROW = "\N{NARROW NO-BREAK SPACE}"


def both(en: str, fr: str) -> Words:
    """Return a sentence in both languages."""
    return {"en": en, "fr": french(fr)}


def french(text: str) -> str:
    """Return a French sentence with spaces that do not break before its high signs."""
    text = re.sub(r" ([;:!?»])", NARROW + r"\1", text)
    return text.replace("« ", "«" + NARROW)


def colon(label: str, text: str, language: str) -> str:
    """Return a label and what it is about, with the colon of the language between them."""
    return f"{label}{NARROW if language == 'fr' else ''}: {text}"


def quoted(text: str, language: str) -> str:
    """Return text in the language's quotation marks."""
    return f"«{NARROW}{text}{NARROW}»" if language == "fr" else f'"{text}"'


def no_dialogue(error: Exception, host: str, port: int) -> Words:
    """Say why there was no dialogue with a server."""
    if isinstance(error, ConnectionRefusedError):
        return both(
            f"nothing listens on {host} port {port}", f"personne n'écoute sur {host}, port {port}"
        )
    return as_words(reason(error, host, port))


def as_words(text: str | Words) -> Words:
    """Return what was seen by language; a system's own words are the same in each."""
    return dict.fromkeys(LANGUAGES, text) if isinstance(text, str) else text


_ANYTHING = re.compile(r"(?:\.|\\[dDwWsS]|\[[^\]]+\])[*+]\??|\\[dDwWsS]|\{(?:word|queue_id)\}")
_ALTERNATIVES = re.compile(r"\((?:\?:)?([^()?*+\[\]]+)\)")


def readable(pattern: str) -> str | None:
    """Return what a regular expression is like, for people; None where that cannot be said.

    What may be anything is an ellipsis; of a pattern that all matches, nothing is left.
    """
    text = re.sub(r"\\[bAZ]|\(\?[aims]+\)", "", pattern).removeprefix("^").removesuffix("$")
    text = re.sub(r"^\\W\*", "", text)
    text = _ANYTHING.sub("…", text)
    text = _ALTERNATIVES.sub(lambda found: found[1].replace("|", "/"), text)
    if re.search(r"(?<!\\)[*+?()\[\]{}^$]|\\[a-zA-Z]", text):
        return None
    text = re.sub(r"(?<!\\)\|", "/", text).replace("/^", "/")
    text = re.sub(r"\\(.)", r"\1", text)
    text = re.sub(r"…(?:\s*…)+", "…", text).strip()
    text = text.removeprefix("…").strip()
    return "" if text in (".", "…", "") else text
