"""French typography: the spaces that no line may break at."""

from __future__ import annotations

import re

from docs.site.links import outside_code

BEFORE = re.compile(r"(?<!\s) (?=[:;?!»%](?:[\s.,)|*]|$))", re.MULTILINE)
AFTER = re.compile(r"(?<=«) ")

SPACE = "\N{NO-BREAK SPACE}"


def french(text: str) -> str:
    """Return Markdown with spaces that hold before : ; ? ! and inside « »."""
    return outside_code(text, lambda part: AFTER.sub(SPACE, BEFORE.sub(SPACE, part)))
