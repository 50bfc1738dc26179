"""A console that keeps what is printed."""

from __future__ import annotations

import io

from rich.console import Console


class Screen(Console):
    """A console that keeps what is printed."""

    def __init__(self, width: int = 200) -> None:
        self.printed = io.StringIO()
        super().__init__(file=self.printed, width=width, highlight=False, color_system=None)

    @property
    def text(self) -> str:
        """All that was printed."""
        return self.printed.getvalue()
