# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do once, before Ansible forks, what would be done again and again.

Each task of each machine runs in a process of its own, forked from one that has loaded no filter
and no lookup: each would find, compile and import again those that its templates use. And Mitogen
compiles all that a module imports, to see what that imports, once for each module.
"""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from types import CodeType

from ansible import constants
from ansible.plugins.loader import filter_loader, lookup_loader

PLUGINS = Path(__file__).resolve().parents[1]

COMPILING = ("ansible_mitogen.module_finder", "mitogen.master")
"""What of Mitogen looks for imports in compiled sources."""


def preload() -> None:
    """Load them into this process, and have Mitogen keep what it compiles in it."""
    for loader in (filter_loader, lookup_loader):
        for path in sorted((PLUGINS / loader.subdir.removesuffix("_plugins")).glob("[!_]*.py")):
            loader.get(f"labs.mail.{path.stem}")
    if constants.DEFAULT_STRATEGY.startswith("mitogen"):
        compile_once()


def compile_once() -> None:
    """Have Mitogen keep what it compiles: what one module imports, most others import too."""
    for name in COMPILING:
        vars(importlib.import_module(name))["compile"] = compiled


@functools.cache
def compiled(source: bytes, name: str, mode: str) -> CodeType:
    """Return the code of a source, as the built-in compile does."""
    found: CodeType = compile(source, name, mode)
    return found
