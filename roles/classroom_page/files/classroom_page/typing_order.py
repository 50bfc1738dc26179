"""What a student types, each key once and in its order, whatever becomes of the connection.

The page numbers what it sends, and sends again what it does not know to have arrived when it has
lost a connection. Where both arrive, also by a connection that was thought to be dead, one counts.
"""

from __future__ import annotations

from collections import OrderedDict

MOST_PAGES = 1000


class TypingOrder:
    """The number of what arrived last, for each page that students have open."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str], int] = OrderedDict()

    def last(self, student: str, page: str) -> int | None:
        """Return the number of what arrived last of a page, None of one that is not known."""
        return self._last.get((student, page))

    def begin(self, student: str, page: str) -> None:
        """Know a page from now on."""
        self._last.setdefault((student, page), 0)
        self._last.move_to_end((student, page))
        while len(self._last) > MOST_PAGES:
            self._last.popitem(last=False)

    def is_next(self, student: str, page: str, number: int) -> bool:
        """Tell whether something comes for the first time, and in its turn."""
        if number != self._last.get((student, page), 0) + 1:
            return False
        self._last[student, page] = number
        return True
