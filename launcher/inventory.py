"""Write the inventory of a lab in containers, and remove it."""

from __future__ import annotations

import shlex
import shutil
from typing import Any

import yaml

from launcher import class_image, cluster_hosts, keys, positions
from launcher.settings import HOSTS, ROOT, Settings

KEYS = ROOT / ".keys"

CLASS = "class.yml"
"""The part of the inventory that an open class adds, beside hosts.yml."""

WAY_IN = "way_in.yml"
"""The part that says by which host the machines are reached, where they run on several."""

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
    if settings.hosts:
        lab["asked_hosts"] = settings.hosts
        lab["hosts"] = [host.word for host in cluster_hosts.of(settings.hosts)]
        lab["way_in_port"] = settings.way_in_port
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


def write_way_in(lab: Settings, address: str) -> None:
    """Say that the machines are reached by way of the world, at a host's port.

    :arg address: how that host is reached.
    """
    world = lab.address(2)
    options = {
        "BatchMode": "yes",
        "HostKeyAlias": world,
        "IdentitiesOnly": "yes",
        "LogLevel": "ERROR",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": str(KEYS / keys.KNOWN_HOSTS),
    }
    words = ["ssh", "-i", str(KEYS / keys.USER_KEY), "-p", str(lab.way_in_port)]
    words += [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    command = shlex.join([*words, "-W", "%h:%p", f"root@{address}"])
    variables = {"lab_way_in": f"-o {shlex.quote(f'ProxyCommand={command}')}"}
    text = HEAD + yaml.safe_dump({"all": {"vars": variables}}, width=1000)
    HOSTS.with_name(WAY_IN).write_text(text)


def way_in() -> list[str]:
    """Return what ssh(1) has to be told before it reaches a machine; nothing where it just does."""
    path = HOSTS.with_name(WAY_IN)
    if not path.exists():
        return []
    return shlex.split(yaml.safe_load(path.read_text())["all"]["vars"]["lab_way_in"])


def remove() -> None:
    """Remove the inventory, and the keys and the secret that were made for its machines."""
    HOSTS.unlink(missing_ok=True)
    HOSTS.with_name(CLASS).unlink(missing_ok=True)
    HOSTS.with_name(WAY_IN).unlink(missing_ok=True)
    positions.remove()
    shutil.rmtree(KEYS, ignore_errors=True)
