"""The launcher without an engine: its inventory and keys in a folder of their own."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import pytest

from launcher import engine, image, inventory, playbook, providers, settings
from launcher.playbook import PlaybookError
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
    monkeypatch.setattr(inventory, "KEYS", keys)
    return path


@pytest.fixture(autouse=True)
def own_surroundings():
    """Whatever a command sets for what it runs goes with the test; and it speaks English."""
    before, mask = dict(os.environ), os.umask(0o022)
    os.environ["LAB_LANGUAGE"] = "en"
    yield
    os.environ.clear()
    os.environ.update(before)
    os.umask(mask)


@pytest.fixture
def world(hosts, monkeypatch):
    """What the engine has, what each playbook does, and what was asked for."""
    world = SimpleNamespace(has=False, changes=False, fails=set(), asked=[], limits=[], hosts=hosts)
    world.extras, world.images, world.discarded = [], set(), []
    world.templates = SimpleNamespace(
        has=lambda _lab, name, _release: name in world.images,
        of_lab=lambda _lab: sorted(world.images),
    )

    def attempt(name, limit=(), **extra):
        world.asked.append(name)
        world.extras.append((name, extra))
        if name in world.fails:
            return playbook.Ran(2, {})
        world.images |= set(extra.get("class_images", {}).values())
        return playbook.Ran(0, {})

    def run(name, limit=(), **extra):
        world.asked.append(name)
        world.extras.append((name, extra))
        world.limits.append((name, list(limit)))
        if "proof_report" in extra:
            seen = {"ok": "proof" not in world.fails, "text": "220 x", "seconds": 0}
            kinds = ("smtp", "pop3", "imap", "local", "remote")
            with open(extra["proof_report"], "w") as file:
                json.dump({"student1": dict.fromkeys(kinds, seen)}, file)
        if name in world.fails:
            raise PlaybookError(f"playbooks/{name}.yml failed; the reason stands above.")
        return playbook.Ran(0, {"changed": int(world.changes), "stats": {}})

    monkeypatch.setattr(playbook, "run", run)
    monkeypatch.setattr(playbook, "attempt", attempt)
    monkeypatch.setattr(providers, "Images", lambda _client: world.templates)
    monkeypatch.setattr(
        providers.Docker, "discard", lambda _self, *which: world.discarded.append(which)
    )
    monkeypatch.setattr(providers, "default", lambda console: "docker")
    monkeypatch.setattr(providers.Docker, "machine", lambda self, lab, machine: None)
    monkeypatch.setattr(engine, "ensure", lambda console: "client")
    monkeypatch.setattr(engine, "has_lab", lambda client, name: world.has)
    monkeypatch.setattr(
        image, "ensure", lambda client, release, console: world.asked.append(release)
    )
    return world
