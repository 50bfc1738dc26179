"""Whoever installs packages waits for a program that does so already, as a boot's upgrades do."""

import pytest
import yaml

from tests.steps import ROOT

FILES = [
    path for name in ("roles", "playbooks", "molecule") for path in (ROOT / name).rglob("*.yml")
]


def asking_apt(node):
    """All arguments of ansible.builtin.apt in what YAML has read, however deep."""
    if isinstance(node, list):
        return [found for each in node for found in asking_apt(each)]
    if not isinstance(node, dict):
        return []
    own = [node["ansible.builtin.apt"]] if "ansible.builtin.apt" in node else []
    return own + [found for each in node.values() for found in asking_apt(each)]


@pytest.mark.parametrize("arguments", asking_apt([yaml.safe_load(f.read_text()) for f in FILES]))
def test_apt_waits_for_minutes(arguments):
    assert arguments.get("lock_timeout", 60) >= 300


def test_a_task_is_found_in_a_block():
    assert asking_apt([{"block": [{"ansible.builtin.apt": {"name": "x"}}]}]) == [{"name": "x"}]
