"""What a lab is made of: the variables of ``make lab``, checked."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.labs.mail.plugins.module_utils._incus.tunnel import HOST
from ansible_collections.labs.mail.plugins.module_utils._suggest import AMONG_FEW, nearest
from launcher.language import tr

ROOT = Path(__file__).resolve().parent.parent
INVENTORY = ROOT / "inventories" / "containers"
HOSTS = INVENTORY / "hosts.yml"

RELEASES = {"12": "bookworm", "13": "trixie"}
"""The Debian releases that machines can run, by number, with their names."""

ENGINES = ("docker", "incus", "lxd")
"""What machines can run on."""

ON_HOSTS = "incus"
"""What machines run on where hosts are named."""

MOST_STUDENTS = 200
"""Students' addresses end in .11 to .210; the world's in .2."""


FIRST_UPLINK = "172.31.248.0"
UPLINKS = 256
FIRST_WAY_IN = 22000

LAB_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?")
"""With a machine's name behind it, it must fit into the 63 bytes of a host name (RFC 1123)."""

PRIVATE = [ipaddress.IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
"""The addresses that are nobody's on the Internet (RFC 1918)."""


class SettingsError(Exception):
    """A variable that no lab can be made of; the text says what to write instead."""


@dataclass(frozen=True)
class Settings:
    """The variables of ``make lab``: how many students, on which Debian, under which name."""

    students: int = 2
    debian: str = "12"
    lab: str = "maillab"
    subnet: str = "172.30.177.0/24"
    engine: str = "docker"
    hosts: str = ""
    """Where machines run, if not here: words as ssh(1) takes them, or an inventory's path."""

    @property
    def way_in_port(self) -> int:
        """The port of one of several hosts by which the world, and so the whole lab, is reached."""
        return FIRST_WAY_IN + self._number

    @property
    def _number(self) -> int:
        return int.from_bytes(hashlib.sha256(self.lab.encode()).digest()[:2], "big") % UPLINKS

    @property
    def uplink(self) -> str:
        """The engine's address on the world's way out, where the engine needs one of the lab's own.

        It is the first of eight addresses, of which each lab has others.
        """
        return f"{ipaddress.ip_address(FIRST_UPLINK) + 8 * self._number + 1}/29"

    @property
    def names(self) -> list[str]:
        """The students' machines."""
        return [f"student{number}" for number in range(1, self.students + 1)]

    def address(self, number: int) -> str:
        """Return the address of a number on the lab's network: 2 is the world's."""
        return str(ipaddress.ip_network(self.subnet)[number])

    def address_of(self, name: str) -> str:
        """Return the address of a student's machine."""
        return self.address(10 + int(name.removeprefix("student")))


def read(given: dict[str, str], existing: Settings | None) -> Settings:
    """Check the variables given on the command line, in the letters of make.

    ``existing`` holds the variables of the lab that is up, if one is: they are the defaults, and
    a lab that is up can only grow. Raises SettingsError.
    """
    for name in given.keys() - CHECKS.keys():
        near = nearest(name, CHECKS, AMONG_FEW)
        hint = tr("; did you mean {near}?", near=near) if near else "."
        text = tr("{name} is no variable of a lab{hint} There are {known}.")
        raise SettingsError(text.format(name=name, hint=hint, known=", ".join(sorted(CHECKS))))
    was = {name.upper(): str(value) for name, value in asdict(existing or Settings()).items()}
    if given.get("HOSTS") and not existing:
        was["ENGINE"] = ON_HOSTS
    settings = _checked({**was, **given})
    if existing:
        _refuse_loss(existing, settings)
    return settings


def up_now() -> Settings | None:
    """Return the variables of the lab that is up, or None: they stand in its inventory."""
    if HOSTS.is_dir():
        raise SettingsError(
            f"{HOSTS} is a directory, where the file must be that says what lab is up; remove it."
        )
    if not HOSTS.exists():
        return None
    try:
        lab = yaml.safe_load(HOSTS.read_text())["all"]["vars"]["lab"]
        written = {"STUDENTS": "students", "DEBIAN": "debian", "LAB": "name", "SUBNET": "subnet"}
        known = {name: str(lab[key]) for name, key in written.items()}
        hosts = str(lab.get("asked_hosts", ""))
        engine = str(lab.get("engine", Settings.engine))
        return _checked({**known, "ENGINE": engine, "HOSTS": hosts})
    except (
        OSError,
        yaml.YAMLError,
        KeyError,
        TypeError,
        ValueError,
        SettingsError,
    ) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        text = tr(
            "{path}, which says what lab is up, cannot be read ({reason}). Take the lab down "
            "(make down), with LAB=… where it has a name of its own."
        )
        raise SettingsError(text.format(path=HOSTS, reason=reason)) from error


def needed() -> Settings:
    """Return the variables of the lab that is up. Raises SettingsError where none is."""
    existing = up_now()
    if existing is None:
        raise SettingsError(tr("There is no lab yet: make lab STUDENTS=2 makes one."))
    return existing


def _students(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= MOST_STUDENTS:
        return int(text)
    sentence = tr(
        "STUDENTS={text}: a lab has from 1 to {most} students; write for example STUDENTS=2."
    )
    raise SettingsError(sentence.format(text=text, most=MOST_STUDENTS))


def _debian(text: str) -> str:
    if text in RELEASES:
        return text
    sentence = tr("DEBIAN={text}: machines run Debian {known}; write for example DEBIAN=12.")
    raise SettingsError(sentence.format(text=text, known=tr(" or ").join(RELEASES)))


def _lab(text: str) -> str:
    if LAB_NAME.fullmatch(text):
        return text
    sentence = tr(
        "LAB={text}: the name of a lab starts its machines' names; write at most 50 small "
        "letters, digits and hyphens, a hyphen neither first nor last."
    )
    raise SettingsError(sentence.format(text=text))


def _subnet(text: str) -> str:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        sentence = tr("SUBNET={text}: {error}; write one like 172.30.177.0/24.")
        raise SettingsError(sentence.format(text=text, error=error)) from error
    if network.prefixlen > 24 or not any(network.subnet_of(private) for private in PRIVATE):
        sentence = tr(
            "SUBNET={text}: write a private network (RFC 1918) of /24 or larger, like "
            "172.30.177.0/24."
        )
        raise SettingsError(sentence.format(text=text))
    return text


def _engine(text: str) -> str:
    if text in ENGINES:
        return text
    sentence = tr("ENGINE={text}: machines run on {known}; write for example ENGINE=incus.")
    raise SettingsError(sentence.format(text=text, known=tr(" or ").join(ENGINES)))


def _hosts(text: str) -> str:
    hosts = text.replace(",", " ").split()
    if len(hosts) == 1 and hosts[0].endswith((".yml", ".yaml")):
        path = Path(hosts[0]).expanduser()
        if path.is_file():
            return str(path.resolve())
        raise SettingsError(tr("HOSTS={text}: there is no such file.").format(text=text))
    wrong = [host for host in hosts if not HOST.fullmatch(host)]
    if wrong:
        sentence = tr(
            "HOSTS={text}: {host} is no host; write names or addresses as for ssh, such as "
            'HOSTS="root@192.0.2.1 root@192.0.2.2", or the path of an inventory, such as hosts.yml.'
        )
        raise SettingsError(sentence.format(text=text, host=wrong[0]))
    twice = [host for host in hosts if hosts.count(host) > 1]
    if twice:
        sentence = tr("HOSTS={text}: {host} is there twice.")
        raise SettingsError(sentence.format(text=text, host=twice[0]))
    return " ".join(hosts)


CHECKS = {
    "STUDENTS": _students,
    "DEBIAN": _debian,
    "LAB": _lab,
    "SUBNET": _subnet,
    "ENGINE": _engine,
    "HOSTS": _hosts,
}


def _checked(texts: dict[str, str]) -> Settings:
    checked: dict[str, Any] = {name.lower(): check(texts[name]) for name, check in CHECKS.items()}
    settings = Settings(**checked)
    if settings.hosts and settings.engine != ON_HOSTS:
        sentence = tr("HOSTS={hosts}: on several hosts machines run on incus, not {engine}.")
        raise SettingsError(sentence.format(hosts=settings.hosts, engine=settings.engine))
    return settings


def _refuse_loss(base: Settings, wanted: Settings) -> None:
    """Refuse what would take a student's machine away: only ``make down`` does that."""
    if wanted.students < base.students:
        sentence = tr(
            "The lab has {students} students and STUDENTS={wanted} would remove some of their "
            "machines. Run make down first, or leave the number as it is."
        )
        raise SettingsError(sentence.format(students=base.students, wanted=wanted.students))
    if bool(base.hosts) != bool(wanted.hosts):
        sentence = tr(
            "The lab that is up runs on {was}, and its machines cannot move to {wanted}. Run make "
            "down first, or leave HOSTS as it is."
        )
        here = tr("this computer")
        raise SettingsError(sentence.format(was=base.hosts or here, wanted=wanted.hosts or here))
    for name in ("debian", "lab", "subnet", "engine"):
        was, is_wanted = getattr(base, name), getattr(wanted, name)
        if was != is_wanted:
            sentence = tr(
                "The lab that is up has {name}={was}, not {wanted}. Run make down first, or leave "
                "it as it is."
            )
            raise SettingsError(sentence.format(name=name.upper(), was=was, wanted=is_wanted))
