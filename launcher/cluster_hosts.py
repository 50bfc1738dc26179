"""The hosts that HOSTS names: words as ssh(1) takes them, or an inventory in YAML."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.labs.mail.plugins.module_utils._incus.tunnel import HOST
from launcher.language import tr
from launcher.settings import SettingsError

GROUP = "incus_hosts"
USER = "root"
SSH_PORT = 22
CONNECT_SECONDS = 5


@dataclass(frozen=True)
class Host:
    """A host: its name in the cluster, and how ssh(1) reaches it."""

    name: str
    address: str
    user: str = USER
    port: int = SSH_PORT

    @property
    def word(self) -> str:
        """The host as one word for ssh(1)."""
        return f"{self.user}@{self.address}:{self.port}"

    def answers(self) -> bool:
        """Tell whether somebody takes connections where ssh(1) goes."""
        try:
            socket.create_connection((self.address, self.port), CONNECT_SECONDS).close()
        except OSError:
            return False
        return True


def of(text: str) -> list[Host]:
    """Return the hosts that were named. Raises SettingsError."""
    path = Path(text)
    return (
        in_file(path) if text.endswith((".yml", ".yaml")) else [_of_word(w) for w in text.split()]
    )


def _of_word(word: str) -> Host:
    found = HOST.fullmatch(word)
    if not found:
        raise SettingsError(tr("HOSTS={text}: there is no such file.").format(text=word))
    # The names of members have no dots.
    name = found["name"].replace(".", "-").lower()
    return Host(
        f"h{name}" if name[0].isdigit() else name,
        found["name"],
        found["user"] or USER,
        int(found["port"] or SSH_PORT),
    )


def in_file(path: Path) -> list[Host]:
    """Return the hosts of an inventory. Raises SettingsError."""
    try:
        known = yaml.safe_load(path.read_text(encoding="utf-8"))
        group = known["all"]["children"][GROUP]
        common = group.get("vars") or {}
        hosts = [
            _of_variables(name, {**common, **(own or {})}) for name, own in group["hosts"].items()
        ]
    except (
        OSError,
        ValueError,
        yaml.YAMLError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        text = tr(
            "{path} is no inventory of hosts ({reason}): write one like "
            "inventories/cluster/hosts.yml."
        )
        raise SettingsError(text.format(path=path, reason=reason)) from error
    return hosts


def _of_variables(name: str, variables: dict[str, Any]) -> Host:
    return Host(
        str(name),
        str(variables.get("ansible_host", name)),
        str(variables.get("ansible_user", USER)),
        int(variables.get("ansible_port", SSH_PORT)),
    )


def answering(hosts: list[Host]) -> list[Host]:
    """Return the hosts that ssh(1) can reach."""
    with ThreadPoolExecutor(max_workers=32) as pool:
        return [host for host, is_there in zip(hosts, pool.map(Host.answers, hosts)) if is_there]


def inventory(hosts: list[Host]) -> dict[str, Any]:
    """Return the inventory of hosts that were named by words. Raises SettingsError."""
    return {
        "all": {
            "children": {
                GROUP: {
                    # Who names hosts asks for Incus, which Debian 12 has nowhere else.
                    "vars": {"incus_host_backports": True},
                    "hosts": {
                        host.name: {
                            "ansible_host": host.address,
                            "ansible_user": host.user,
                            "ansible_port": host.port,
                            "incus_host_address": resolved(host.address),
                        }
                        for host in hosts
                    },
                }
            }
        }
    }


def resolved(name: str) -> str:
    """Return the IPv4 address of a name. Raises SettingsError."""
    try:
        return socket.gethostbyname(name)
    except OSError as error:
        text = tr("HOSTS: nobody knows the host {name} ({reason}): write its address.")
        raise SettingsError(text.format(name=name, reason=error.strerror or error)) from error
