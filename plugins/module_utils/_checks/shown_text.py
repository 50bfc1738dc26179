# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text that a browser shows of a page, however the page has it escaped."""

from __future__ import annotations

from html.parser import HTMLParser


class _Reader(HTMLParser):
    """Collects text outside of scripts and styles, its character references read."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep a piece of text, unless it belongs to an element that shows none."""
        if self.cdata_elem is None:
            self.texts.append(data)


def shown_text(page: str) -> str:
    """Return the text of an HTML page without its tags, scripts and styles."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return "".join(reader.texts)
