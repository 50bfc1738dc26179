"""Set data on paper: PDF/UA-1 by Typst, the same bytes each time."""

from __future__ import annotations

import importlib
import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from ansible_collections.labs.mail.plugins.module_utils._text import clean
from ansible_collections.labs.mail.plugins.plugin_utils._exercises import texts
from launcher import settings
from launcher.french import typographic
from launcher.language import tr

DIRECTORY = Path(__file__).parent
SETUP = settings.ROOT / "toolchain" / "setup"

EPOCH = 0
"""When sheets say that they were made, in seconds since 1970: they are the same each time."""


class PaperError(Exception):
    """A sheet that cannot be made; the text says why."""


@cache
def compiler() -> ModuleType:
    """Return Typst, which is fetched the first time: it is large, and a lab needs none of it."""
    done = subprocess.run([SETUP, "paper"], check=False)
    if done.returncode:
        raise PaperError(tr("`toolchain/setup paper` failed; the reason stands above."))
    importlib.invalidate_caches()
    return importlib.import_module("typst")


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the sheets that a template makes of data."""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    made = compiler().Compiler(
        str(DIRECTORY / f"{template}.typ"),
        root=str(DIRECTORY),
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    content: bytes = made.compile(format="pdf", pdf_standards=["ua-1"], timestamp=EPOCH)
    return content


@cache
def words_in(language: str) -> dict[str, str]:
    """Return the words of sheets in a language."""
    content = (DIRECTORY / "words.yml").read_text(encoding="utf-8")
    words: dict[str, str] = yaml.safe_load(content)[language]
    return words


def line(text: str, language: str) -> list[dict[str, Any]]:
    """Return a text in pieces, as style.typ takes it."""
    set_right = typographic if language == "fr" else str
    return [
        {"text": clean(part) if code else set_right(clean(part)), "code": code}
        for part, code in texts.spans(text.replace("\n", " "))
    ]


def blocks(text: str, language: str) -> list[dict[str, Any]]:
    """Return a text's blocks, as style.typ takes them."""
    found: list[dict[str, Any]] = []
    for block in texts.blocks(text):
        if block.kind == texts.COMMANDS:
            found.append({"kind": block.kind, "commands": block.texts[0]})
        else:
            lines = [line(each, language) for each in block.texts]
            found.append({"kind": block.kind, "texts": lines})
    return found
