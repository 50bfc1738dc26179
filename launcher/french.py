"""What ./lab and make lab say, in French: french.yml, with the spaces that French has."""

from __future__ import annotations

from pathlib import Path

import yaml

NARROW = "\N{NARROW NO-BREAK SPACE}"
"""What stands before : ; ? ! and inside of quotation marks."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def typographic(text: str) -> str:
    """Return text with the spaces that French typography has before and inside of signs."""
    for sign in (":", ";", "?", "!", "»"):
        text = text.replace(f" {sign}", f"{NARROW}{sign}")
    return text.replace("« ", f"«{NARROW}")


def _read() -> dict[str, str]:
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    return {english: typographic(french) for english, french in yaml.load(text, LOADER).items()}


FRENCH = _read()
