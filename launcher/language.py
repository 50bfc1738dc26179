"""Say it in the language of whoever types: French where the locale says so, else English."""

from __future__ import annotations

import os

from launcher.french import FRENCH

LANGUAGES = ("fr", "en")


def language() -> str:
    """Return the language that the environment asks for (locale(7))."""
    for name in ("LAB_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    return "en"


def tr(text: str, **words: object) -> str:
    """Return a text in that language, with words in the place of their {names}."""
    if language() == "fr":
        text = FRENCH.get(text, text)
    return text.format(**words) if words else text
