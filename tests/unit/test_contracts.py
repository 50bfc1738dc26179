"""The contracts of pyproject.toml leave no file of a pure room out."""

from __future__ import annotations

from pathlib import Path

import tomllib

ROOT = Path(__file__).parents[2]
UTILS = "ansible_collections.labs.mail.plugins.module_utils"

IMPURE = {
    "_postfix.commands",
    "_postfix.lint.host",
    "_postfix.main_cf.preflight",
    "_postfix.master_cf.host",
    "_postfix.tables.index",
    "_postfix.tables.installer",
    "_postfix.tables.listing",
    "_postfix.tables.magic",
    "_postfix.tables.verifier",
}
"""What runs programs, opens files, or asks the system."""


def pure() -> set[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    modules = next(c for c in contracts["contracts"] if c["name"].startswith("Pure rooms"))
    return {name.removeprefix(f"{UTILS}.") for name in modules["source_modules"]}


def files(room: str) -> set[str]:
    base = ROOT / "plugins/module_utils"
    return {
        ".".join(path.relative_to(base).with_suffix("").parts)
        for path in (base / room).rglob("*.py")
    }


def test_every_file_of_postfix_is_pure_or_known_to_be_impure():
    named = {name for name in pure() if name.startswith("_postfix")}
    assert files("_postfix") - IMPURE == named
    assert files("_postfix") >= IMPURE
