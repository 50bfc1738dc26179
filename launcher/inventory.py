"""Write the inventory of a lab in containers, and remove it."""

from __future__ import annotations

import shutil
from typing import Any

import yaml

from launcher import class_image, keys, positions
from launcher.settings import HOSTS, ROOT, Settings

KEYS = ROOT / ".keys"

CLASS = "class.yml"
"""The part of the inventory that an open class adds, beside hosts.yml."""

HEAD = """\
# Made by `make lab`; `make down` removes it. Change the lab with that command's variables.
"""


def hosts(settings: Settings) -> dict[str, Any]:
    """Return the inventory as data."""
    students = {
        f"student{number}": {"machine_address": settings.address(10 + number)}
        for number in range(1, settings.students + 1)
    }
    lab: dict[str, Any] = {
        "name": settings.lab,
        "students": settings.students,
        "debian": settings.debian,
        "subnet": settings.subnet,
        "engine": settings.engine,
    }
    if settings.engine != "docker":
        lab["uplink"] = settings.uplink
    machines = {
        "hosts": {
            "world": {
                "machine_address": settings.address(2),
                # From here the spammer of the course writes, and one who is taken for another.
                "check_server_sources": {
                    "pub": settings.address(3),
                    "partner": settings.address(4),
                },
            }
        },
        "children": {"students": {"hosts": students}},
    }
    return {"all": {"vars": {"lab": lab}, "children": {"machines": machines}}}


def addresses(inventory: dict[str, Any]) -> dict[str, str]:
    """Return the addresses of an inventory's machines by their names."""
    found = {}

    def collect(group: dict[str, Any]) -> None:
        for name, variables in (group.get("hosts") or {}).items():
            address = (variables or {}).get("machine_address") or (variables or {})["ansible_host"]
            found[name] = address
        for child in (group.get("children") or {}).values():
            collect(child or {})

    collect(inventory["all"])
    return found


def write(settings: Settings) -> bool:
    """Write the inventory; return whether it changed."""
    found = hosts(settings)
    template = {class_image.TEMPLATE: class_image.address(settings)}
    keys.ensure(KEYS, {**addresses(found), **template})
    text = HEAD + yaml.safe_dump(found, sort_keys=False)
    if HOSTS.exists() and HOSTS.read_text() == text:
        return False
    # Ansible reads no file of an inventory whose name ends so.
    unfinished = HOSTS.with_name("hosts.yml~")
    unfinished.write_text(text)
    unfinished.replace(HOSTS)
    return True


def remove() -> None:
    """Remove the inventory, and the keys and the secret that were made for its machines."""
    HOSTS.unlink(missing_ok=True)
    HOSTS.with_name(CLASS).unlink(missing_ok=True)
    positions.remove()
    shutil.rmtree(KEYS, ignore_errors=True)
