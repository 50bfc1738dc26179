"""Links and loaded files of HTML pages, and what is wrong with them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
"""What a browser fetches without being asked, by tag."""


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names |= {given[key] for key in ("id", "name") if key in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if (key := LOADED.get(tag)) and key in given:
            self.loaded.append(given[key])


@functools.cache
def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def faults(pages: Iterable[Path]) -> Iterator[str]:
    """Yield each link that leads nowhere, and each file that is loaded from elsewhere."""
    for path in pages:
        page = _read(path)
        for link in page.loaded:
            if urlsplit(link).scheme not in ("", "data") or link.startswith("//"):
                yield f"{path}: loads {link}"
        for link in [*page.links, *page.loaded]:
            target = urlsplit(link)
            if target.scheme or target.netloc:
                continue
            there = path.parent / unquote(target.path) if target.path else path
            if not there.is_file():
                yield f"{path}: {link} is not there"
            elif target.fragment and there.suffix == ".html" and not _names(there, target.fragment):
                yield f"{path}: {link} names no place of that page"


def _names(page: Path, fragment: str) -> bool:
    return unquote(fragment) in _read(page.resolve()).names
