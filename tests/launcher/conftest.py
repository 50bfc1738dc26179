"""The launcher without an engine: its inventory and keys in a folder of their own."""

from __future__ import annotations

import pytest

from launcher import inventory, report, settings
from tests.support.screen import Screen


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
