# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drawn of a message's way: lanes side by side, and events one below the other.

The same for what would happen and for what did, so that both can be laid side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SIGNS = {"passes": "→", "refused": "⛔", "waits": "…", "unknown": "?", "arrives": "✓", "lost": "✗"}
"""How an event goes on; the sign says it to those who see no colours."""


@dataclass(frozen=True)
class Event:
    """Something at a lane, or on the way from one lane to another.

    ``seconds`` is how long it took, as far as that is known.
    """

    lane: str
    text: str
    to: str = ""
    state: str = "passes"
    seconds: float | None = None


@dataclass
class Scene:
    """A picture before it is laid out.

    ``would`` says that it did not happen: its lines are dotted.
    """

    title: str
    would: bool
    events: list[Event] = field(default_factory=list)

    @property
    def lanes(self) -> list[str]:
        """The lanes, in the order in which the message came by them."""
        names = [n for event in self.events for n in (event.lane, event.to or event.lane)]
        return list(dict.fromkeys(names))

    def lines(self) -> list[str]:
        """Return the same as text."""
        return [
            f"{event.lane}{f' → {event.to}' if event.to else ''}: {SIGNS[event.state]} {event.text}"
            for event in self.events
        ]
