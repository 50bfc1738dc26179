"""What a lab is made of: the variables of ``make lab``, checked."""

from __future__ import annotations

import difflib
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
INVENTORY = ROOT / "inventories" / "containers"
HOSTS = INVENTORY / "hosts.yml"

RELEASES = {"12": "bookworm", "13": "trixie"}
"""The Debian releases that machines can run, by number, with their names."""

MOST_STUDENTS = 200
"""Students' addresses end in .11 to .210; the world's in .2."""


class SettingsError(Exception):
    """A variable that no lab can be made of; the text says what to write instead."""


@dataclass(frozen=True)
class Settings:
    """The variables of ``make lab``: how many students, on which Debian, under which name."""

    students: int = 2
    debian: str = "12"
    lab: str = "maillab"
    subnet: str = "172.30.177.0/24"

    def address(self, number: int) -> str:
        """Return the address of a number on the lab's network: 2 is the world's."""
        return str(ipaddress.ip_network(self.subnet)[number])


def read(given: dict[str, str], existing: dict[str, Any] | None) -> Settings:
    """Check the variables given on the command line, in the letters of make.

    ``existing`` holds the variables of the lab that is up, if one is: they are the defaults, and
    a lab that is up can only grow. Raises SettingsError.
    """
    known = {"STUDENTS", "DEBIAN", "LAB", "SUBNET"}
    for name in given.keys() - known:
        nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.5)
        hint = f": did you mean {nearest[0]}?" if nearest else ""
        raise SettingsError(
            f"{name} is no variable of a lab{hint} There are {', '.join(sorted(known))}."
        )
    base = Settings(**existing) if existing else Settings()
    settings = Settings(
        students=_students(given.get("STUDENTS", str(base.students))),
        debian=_debian(given.get("DEBIAN", base.debian)),
        lab=_lab(given.get("LAB", base.lab)),
        subnet=_subnet(given.get("SUBNET", base.subnet)),
    )
    if existing:
        _refuse_loss(base, settings)
    return settings


def up_now() -> dict[str, Any] | None:
    """Return the variables of the lab that is up, or None: they stand in its inventory."""
    if not HOSTS.exists():
        return None
    try:
        lab = yaml.safe_load(HOSTS.read_text())["all"]["vars"]["lab"]
        names = ("students", "debian", "subnet")
        return {"lab": lab["name"], **{name: lab[name] for name in names}}
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{HOSTS.relative_to(ROOT)} cannot be read ({error}): take the lab down (make down)"
        ) from error


def _students(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_STUDENTS:
        return int(text)
    raise SettingsError(
        f"STUDENTS={text}: a lab has from 1 to {MOST_STUDENTS} students; write for example "
        "STUDENTS=2."
    )


def _debian(text: str) -> str:
    if text in RELEASES:
        return text
    raise SettingsError(f"DEBIAN={text}: machines run Debian {' or '.join(RELEASES)}.")


def _lab(text: str) -> str:
    if text.isascii() and text.replace("-", "").isalnum() and text == text.lower():
        return text
    raise SettingsError(
        f"LAB={text}: the name of a lab starts its machines' names; write small letters, digits "
        "and hyphens."
    )


def _subnet(text: str) -> str:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise SettingsError(f"SUBNET={text}: {error}; write one like 172.30.177.0/24.") from error
    if network.prefixlen > 24 or not network.is_private:
        raise SettingsError(f"SUBNET={text}: write a private network of /24 or larger.")
    return text


def _refuse_loss(base: Settings, wanted: Settings) -> None:
    """Refuse what would take a student's machine away: only ``make down`` does that."""
    if wanted.students < base.students:
        raise SettingsError(
            f"The lab has {base.students} students and STUDENTS={wanted.students} would remove "
            "some of their machines. Run make down first, or leave the number as it is."
        )
    for name in ("debian", "lab", "subnet"):
        was, is_wanted = getattr(base, name), getattr(wanted, name)
        if was != is_wanted:
            raise SettingsError(
                f"The lab that is up has {name.upper()}={was}, not {is_wanted}. Run make down "
                "first, or leave it as it is."
            )
