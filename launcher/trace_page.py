"""A page that shows where a message went: one file, which opens without a network."""

from __future__ import annotations

from html import escape
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._drawing.of_data import of_path
from ansible_collections.labs.mail.plugins.module_utils._drawing.svg import draw
from launcher.language import language, tr

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Whatever a log holds, a browser loads and runs nothing of it."""

STYLE = """\
body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#111;background:#fff}
svg{max-width:100%;height:auto}
pre{overflow:auto;background:#f4f4f4;padding:1rem}
"""


def as_page(paths: list[dict[str, Any]], refusals: list[dict[str, Any]]) -> str:
    """Return the page: each path as a picture and in words, then what was refused."""
    title = tr("Where the message went")
    parts = [
        f'<!doctype html>\n<html lang="{language()}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
    ]
    for path in paths:
        heading, *lines = path["picture"]
        words = "\n".join(lines)
        parts.append(f"<h2>{escape(heading)}</h2>")
        picture = draw(of_path(path, heading))
        parts.append(picture[picture.index("<svg") :])
        summary = escape(tr("In words"))
        parts.append(f"<details><summary>{summary}</summary><pre>{escape(words)}</pre></details>")
    parts += [
        f"<p>{escape(tr('refused: {reason}', reason=refusal['reason']))}</p>"
        for refusal in refusals
    ]
    return "\n".join([*parts, "</body></html>", ""])
