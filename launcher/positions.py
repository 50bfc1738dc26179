"""At which exercise each machine of the lab is, and whether it was brought there.

It stands beside hosts.yml in the inventory, as variables of the hosts, so that every playbook acts
on where a machine is; host_vars of the teacher's own go over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import yaml

from launcher import settings
from launcher.language import tr

HEAD = """\
# Made by `./lab`: at which exercise and stage each machine is. `make down` removes it.
"""
DEFAULT = settings.ROOT / "playbooks" / "group_vars" / "all.yml"


@dataclass(frozen=True)
class Position:
    """Where a machine is; not ``lab_reached`` where the run that was to bring it there failed."""

    exercise: str
    stage: str
    lab_reached: bool = True

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{self.exercise} ({self.stage})"


def default() -> Position:
    """Return where new machines go."""
    known = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    return Position(known["exercise"], known["stage"])


def read() -> dict[str, Position]:
    """Return where each machine is that was ever configured. Raises SettingsError."""
    path = _path()
    if not path.exists():
        return {}
    try:
        hosts = yaml.safe_load(path.read_text(encoding="utf-8"))["all"]["hosts"]
        return {name: Position(**given) for name, given in hosts.items()}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise settings.SettingsError(
            tr(
                "{path}, which says where each machine is, cannot be read ({reason}). Remove it, "
                "and say where they are by ./lab begin EXERCISE MACHINE…",
                path=path,
                reason=reason,
            )
        ) from error


Stamp = tuple[tuple[str, int], ...]


def stamp() -> Stamp:
    """Return what is another value once anything changed that says where machines are."""
    own = settings.HOSTS.parent / "host_vars"
    paths = [_path(), DEFAULT, *(sorted(own.glob("*.yml")) if own.is_dir() else ())]
    return tuple((path.name, path.stat().st_mtime_ns) for path in paths if path.exists())


def where(name: str, known: dict[str, Position] | None = None) -> Position:
    """Return where a machine is: what the teacher's own host_vars say goes over the rest."""
    at = (read() if known is None else known).get(name) or default()
    path = settings.HOSTS.parent / "host_vars" / f"{name}.yml"
    own = (yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None) or {}
    exercise, stage = own.get("exercise", at.exercise), own.get("stage", at.stage)
    return replace(at, exercise=str(exercise), stage=str(stage))


def write(positions: dict[str, Position]) -> None:
    """Write where machines are, over what is known of others."""
    _write({**read(), **positions})


def forget(machines: Iterable[str]) -> None:
    """Forget where machines are, which are gone."""
    gone = set(machines)
    _write({name: each for name, each in read().items() if name not in gone})


def _write(positions: dict[str, Position]) -> None:
    path = _path()
    hosts = {name: asdict(each) for name, each in positions.items()}
    # Ansible reads no file of an inventory whose name ends so.
    unfinished = path.with_name(path.name + "~")
    text = yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False)
    unfinished.write_text(HEAD + text, encoding="utf-8")
    unfinished.replace(path)


def of(machines: Iterable[str]) -> dict[str, list[str]]:
    """Return the machines at each exercise, in the order of the machines."""
    known, found = read(), dict[str, list[str]]()
    for name in machines:
        found.setdefault(where(name, known).exercise, []).append(name)
    return found


def remove() -> None:
    """Forget where machines are."""
    _path().unlink(missing_ok=True)


def _path() -> Path:
    return settings.HOSTS.with_name("exercises.yml")
