# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load the collection's filters and lookups once, before Ansible forks.

Each task of each machine runs in a process of its own, forked from one that has loaded no filter
and no lookup: each would find, compile and import again those that its templates use.
"""

from __future__ import annotations

from pathlib import Path

from ansible.plugins.loader import filter_loader, lookup_loader

PLUGINS = Path(__file__).resolve().parents[1]


def preload() -> None:
    """Load them into this process."""
    for loader in (filter_loader, lookup_loader):
        for path in sorted((PLUGINS / loader.subdir.removesuffix("_plugins")).glob("[!_]*.py")):
            loader.get(f"labs.mail.{path.stem}")
