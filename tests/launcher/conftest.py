"""The launcher without an engine: its inventory and keys in a folder of their own."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from launcher import inventory, report, settings


class Screen(Console):
    """A console that keeps what is printed."""

    def __init__(self, width: int = 200) -> None:
        super().__init__(file=io.StringIO(), width=width, highlight=False, color_system=None)

    @property
    def text(self) -> str:
        """All that was printed."""
        return self.file.getvalue()


@pytest.fixture
def console():
    return Screen()


@pytest.fixture
def hosts(tmp_path, monkeypatch):
    """The path of the inventory, which does not exist yet."""
    path = tmp_path / "inventory" / "hosts.yml"
    path.parent.mkdir()
    keys = tmp_path / "keys"
    for module in (settings, inventory):
        monkeypatch.setattr(module, "HOSTS", path)
    for module in (inventory, report):
        monkeypatch.setattr(module, "KEYS", keys)
    return path
