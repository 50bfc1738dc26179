"""Tables as French and English spreadsheets open them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._text import spreadsheet_cell

SEPARATOR = {"fr": ";", "en": ","}
"""What a spreadsheet of that language has between the columns of CSV."""

Cell = str | int | float | None


def as_csv(rows: Iterator[list[Cell]], lang: str) -> bytes:
    """Return rows as a spreadsheet of that language opens them; the mark says that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=SEPARATOR[lang])
    for row in rows:
        writer.writerow([cell_text(cell, lang) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def cell_text(cell: Cell, lang: str) -> str:
    """Return a cell as text that no spreadsheet takes for a formula."""
    if isinstance(cell, float):
        return f"{cell:g}".replace(".", "," if lang == "fr" else ".")
    return spreadsheet_cell(str(cell)) if cell is not None else ""
