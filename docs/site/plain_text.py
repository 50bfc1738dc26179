"""Texts of exercises, which are plain, as Markdown."""

from __future__ import annotations

import re

from ansible_collections.labs.mail.plugins.plugin_utils._exercises import texts

PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+!|<>~$^&])")


def escaped(text: str) -> str:
    """Return a plain text as Markdown that shows it as it is."""
    text = PUNCTUATION.sub(r"\\\1", text)
    return re.sub(r"^(\s*\d*)([-.])(?=\s)", r"\1\\\2", text, flags=re.MULTILINE)


def in_line(text: str) -> str:
    """Return a plain text as Markdown in which parameters, paths and tables are code."""
    return "".join(f"`{part}`" if code else escaped(part) for part, code in texts.spans(text))


def blocks(text: str) -> list[str]:
    """Return the blocks of a plain text as Markdown."""
    return [_as_markdown(block) for block in texts.blocks(text)]


def _as_markdown(block: texts.Block) -> str:
    if block.kind == texts.COMMANDS:
        return f"```text\n{block.texts[0]}\n```"
    if block.kind == texts.LIST:
        return "\n".join(f"- {in_line(item)}".replace("\n", "\n  ") for item in block.texts)
    return in_line(block.texts[0])
