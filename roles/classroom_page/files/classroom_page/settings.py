"""What the role tells the server: who may come, by which names it is reached, and its files."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What /etc/labs.mail/page/settings.json holds."""

    students: tuple[str, ...]
    hosts: tuple[str, ...]
    """What browsers may call this server, with the port: all else is another's name for it."""
    never_from: tuple[str, ...]
    certificate: str
    private_key: str
    sessions: str
    events: str
    host_key: str
    """The file with the public key by which this host's sshd is known."""
    ssh_port: int = 22
    desktop: bool = False
    """Whether machines have a desktop to be shown."""

    def refuses(self, address: str) -> bool:
        """Tell whether nobody may come from an address."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return True
        return any(found in ipaddress.ip_network(each) for each in self.never_from)


def read(path: Path) -> Settings:
    """Return the settings."""
    known = json.loads(path.read_text(encoding="utf-8"))
    return Settings(**{name: tuple(v) if isinstance(v, list) else v for name, v in known.items()})
