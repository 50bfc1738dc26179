"""Fetch what exercises install into the world's cache, while there is an Internet."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import yaml
from rich.console import Console

from launcher import providers, settings
from launcher.language import tr
from launcher.providers import Provider
from launcher.settings import ROOT

APT = "ansible.builtin.apt"
NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+]")
BY_HAND = re.compile(r"\bapt(?:-get)?(?: -\S+)* install((?: [a-z0-9+.-]+)+)")
SECONDS = 1800
ADDRESS = 250
"""The number of that machine on the lab's network, above those of students."""

SCRIPT = """
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
proxy="-o Acquire::http::Proxy=http://{world}:3142"
apt-get -qq $proxy -o APT::Update::Error-Mode=any update || exit 1
for package in {packages}; do
    apt-get -qq -y $proxy --download-only install $package > /tmp/said 2>&1 ||
        echo "$package $(tail -n 1 /tmp/said)"
done
"""
"""One after the other, since some of them conflict."""


def prefetch(_given: Namespace, console: Console) -> int:
    """Fetch all packages for each release that machines run; nothing is installed anywhere.

    A machine that is thrown away asks for them, as a student's machine would.
    """
    lab = settings.needed()
    provider = providers.of(lab, console)
    wanted, failed = sorted(packages()), 0
    for release in provider.releases(lab):
        text = tr("Debian {release}: {count} packages, with all that they need")
        console.print(text.format(release=release, count=len(wanted)))
        provider.ensure_image(release, console)
        script = SCRIPT.format(world=lab.address(2), packages=" ".join(wanted))
        missing, said = _run(provider, lab, release, script)
        for name, reason in missing.items():
            console.print(f"  {name}: {reason}", soft_wrap=True, markup=False)
        if said is not None:
            failed = 1
            text = tr("  the world fetches nothing: {said}")
            console.print(text.format(said=said), soft_wrap=True, markup=False)
    return failed


def _run(
    provider: Provider, lab: settings.Settings, release: str, script: str
) -> tuple[dict[str, str], str | None]:
    """Return what could not be fetched and why, and what apt says where it fetched nothing."""
    code, output = provider.run_script(lab, release, lab.address(ADDRESS), script, SECONDS)
    said = output.strip().splitlines()
    if code != 0 and not said:
        said = [str(code)]
    if said and any(line.startswith("E:") for line in said):
        return {}, said[-1]
    return dict(line.partition(" ")[::2] for line in said), None


def packages() -> set[str]:
    """Return the packages that roles and exercises name."""
    found = set(by_hand())
    for path in (ROOT / "roles").glob("*/*/*.yml"):
        known: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.parent.name in ("defaults", "vars"):
            for name, value in (known or {}).items():
                if name.endswith("packages"):
                    found.update(_names(value))
        elif path.parent.name == "tasks" and "absent" not in path.stem:
            for task in known or []:
                found.update(_names((task.get(APT) or {}).get("name")))
    return found


def by_hand() -> Iterator[str]:
    """Yield the packages that students install by hand, as the exercises have it."""
    for path in (ROOT / "exercises").glob("*.yml"):
        for match in BY_HAND.finditer(path.read_text(encoding="utf-8")):
            yield from (word for word in match[1].split() if NAME.fullmatch(word))


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, str):
        # Where it is a template, the names in it are its words in quotes.
        words = re.findall(r"'([^']+)'", value) if "{{" in value else [value]
        yield from (word for word in words if NAME.fullmatch(word))
