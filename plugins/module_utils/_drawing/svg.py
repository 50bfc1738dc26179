# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a scene as SVG: a page that needs no other file, no font of its own and no script."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from xml.etree import ElementTree

from ansible_collections.labs.mail.plugins.module_utils._drawing.scene import SIGNS, Event, Scene
from ansible_collections.labs.mail.plugins.module_utils._text import cut, one_line

CHARACTER = 7.6
"""The width of a character of 12 px in the widest of the usual monospaced fonts."""

ROW, MARGIN, HEAD = 26, 12, 64
LONGEST_TEXT, LONGEST_LANE = 110, 24
MOST_EVENTS = 400
BARS = 260
"""The width of the bar of the longest time."""

COLOURS = {
    "passes": "#1f5fa8",
    "refused": "#b3261e",
    "waits": "#8a5a00",
    "unknown": "#5f5f5f",
    "arrives": "#1b6e3c",
    "lost": "#b3261e",
}


def width(text: str) -> float:
    """Return how wide a text may become; wide characters of the East count twice."""
    cells = sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
    return cells * CHARACTER


def fitting(text: str, most: int) -> str:
    """Return a text on one line that takes no more than so many characters' room."""
    line = cut(one_line(text, 4 * most), most)
    while width(line) > most * CHARACTER + 2 * CHARACTER:
        line = line[:-2] + "…"
    return line


def draw(scene: Scene) -> str:
    """Return the picture."""
    return _Drawing(scene).text()


class _Drawing:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.events = scene.events[:MOST_EVENTS]
        lanes = Scene("", False, self.events).lanes
        self.names = {name: fitting(name, LONGEST_LANE) for name in lanes}
        self.places: dict[str, float] = {}
        at = float(MARGIN)
        for name in lanes:
            wide = width(self.names[name]) + 2 * MARGIN
            self.places[name] = at + wide / 2
            at += wide + MARGIN
        self.texts = at + MARGIN
        shown = [f"{SIGNS[e.state]} {fitting(e.text, LONGEST_TEXT)}" for e in self.events]
        self.shown = shown
        title = fitting(scene.title, LONGEST_TEXT)
        self.title = title
        longest = max([width(text) for text in shown] + [width(title) - self.texts, BARS])
        self.wide = self.texts + longest + MARGIN
        self.timed = [e for e in self.events if e.seconds is not None]
        strip = ROW * (len(self.timed) + 1) if self.timed else 0
        self.high = HEAD + ROW * (len(self.events) + 1) + strip + MARGIN

    def text(self) -> str:
        root = ElementTree.Element(
            "svg",
            xmlns="http://www.w3.org/2000/svg",
            role="img",
            viewBox=f"0 0 {self.wide:.0f} {self.high:.0f}",
            width=f"{self.wide:.0f}",
            height=f"{self.high:.0f}",
        )
        root.set("font-family", "monospace")
        root.set("font-size", "12")
        ElementTree.SubElement(root, "title").text = self.title
        lines = [one_line(line) for line in self.scene.lines()[:MOST_EVENTS]]
        ElementTree.SubElement(root, "desc").text = "\n".join(lines)
        self._box(root, 0, 0, self.wide, self.high, "#ffffff", "none")
        self._write(root, MARGIN, 20, self.title, "#111111", "bold")
        self._lanes(root)
        for row, (event, shown) in enumerate(zip(self.events, self.shown)):
            self._event(root, event, shown, HEAD + ROW * (row + 1))
        self._strip(root, HEAD + ROW * (len(self.events) + 1))
        return ElementTree.tostring(root, encoding="unicode")

    def _lanes(self, root: ElementTree.Element) -> None:
        bottom = HEAD + ROW * (len(self.events) + 0.5)
        for name, at in self.places.items():
            shown = self.names[name]
            wide = width(shown) + 2 * MARGIN
            self._box(root, at - wide / 2, HEAD - 32, wide, 24, "#eef3f8", "#1f5fa8")
            self._write(root, at - wide / 2 + MARGIN, HEAD - 16, shown, "#111111")
            self._line(root, (at, HEAD - 8), (at, bottom), "#b9c4cf", dotted=self.scene.would)

    def _event(self, root: ElementTree.Element, event: Event, shown: str, y: float) -> None:
        colour, at = COLOURS[event.state], self.places[event.lane]
        if event.to and event.to != event.lane:
            to = self.places[event.to]
            back = -1 if to > at else 1
            self._line(root, (at, y), (to, y), colour, dotted=self.scene.would)
            points = (
                f"{to:.0f},{y:.0f} {to + 8 * back:.0f},{y - 4:.0f} {to + 8 * back:.0f},{y + 4:.0f}"
            )
            ElementTree.SubElement(root, "polygon", points=points, fill=colour)
        elif event.state in ("refused", "lost"):
            corners = ((-3, -7), (3, -7), (7, -3), (7, 3), (3, 7), (-3, 7), (-7, 3), (-7, -3))
            points = " ".join(f"{at + x:.0f},{y + down:.0f}" for x, down in corners)
            ElementTree.SubElement(root, "polygon", points=points, fill=colour)
        else:
            ElementTree.SubElement(
                root, "circle", cx=f"{at:.0f}", cy=f"{y:.0f}", r="5", fill=colour
            )
        self._write(root, self.texts, y + 4, shown, colour)

    def _strip(self, root: ElementTree.Element, top: float) -> None:
        """Draw a bar for each time, in proportion."""
        longest = max((event.seconds or 0 for event in self.timed), default=0)
        for row, event in enumerate(self.timed):
            y = top + ROW * (row + 0.5)
            wide = BARS * (event.seconds or 0) / longest if longest else 0
            shown = fitting(f"{event.to or event.lane} {event.seconds:g} s", LONGEST_LANE + 12)
            right = self.texts - MARGIN
            self._write(root, max(MARGIN, right - width(shown)), y + 4, shown, "#111111")
            self._box(root, self.texts, y - 6, max(1, wide), 12, "#1f5fa8", "none")

    def _box(
        self, root: ElementTree.Element, x: float, y: float, wide: float, high: float, fill: str,
        stroke: str,
    ) -> None:  # fmt: skip
        ElementTree.SubElement(
            root, "rect", x=f"{x:.0f}", y=f"{y:.0f}", width=f"{wide:.0f}", height=f"{high:.0f}",
            fill=fill, stroke=stroke,
        )  # fmt: skip

    def _line(
        self, root: ElementTree.Element, start: Sequence[float], end: Sequence[float], colour: str,
        dotted: bool,
    ) -> None:  # fmt: skip
        line = ElementTree.SubElement(
            root, "line", x1=f"{start[0]:.0f}", y1=f"{start[1]:.0f}", x2=f"{end[0]:.0f}",
            y2=f"{end[1]:.0f}", stroke=colour,
        )  # fmt: skip
        line.set("stroke-width", "1.5")
        if dotted:
            line.set("stroke-dasharray", "3 3")

    def _write(
        self, root: ElementTree.Element, x: float, y: float, text: str, colour: str,
        weight: str = "normal",
    ) -> None:  # fmt: skip
        found = ElementTree.SubElement(root, "text", x=f"{x:.0f}", y=f"{y:.0f}", fill=colour)
        if weight != "normal":
            found.set("font-weight", weight)
        found.text = text
