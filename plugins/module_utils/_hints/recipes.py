# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs of procmail's files: which there are, whose, and what is odd about their recipes."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import stat
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._regular_file import open_regular

MOST_BYTES = 100_000
"""As much is read of a file; no recipe of a student's is so long."""

RECIPE = re.compile(r"^:0[ \t]*([A-Za-z]*)[ \t]*(:?)")
ODD_ACTION = re.compile(r"^\s*([~^|!/])")
"""How an action begins that is no name of a mailbox or of a block."""


def signs(system: str = "/etc/procmailrc") -> Iterator[str]:
    """Yield what is to be seen of the system's file and of each account's.

    :arg system: the path of the file that is for all accounts.
    """
    yield from _of_file("/etc/procmailrc", system, 0)
    for account in pwd.getpwall():
        name = "~root/.procmailrc" if account.pw_uid == 0 else "~/.procmailrc"
        yield from _of_file(name, os.path.join(account.pw_dir, ".procmailrc"), account.pw_uid)


def _of_file(name: str, path: str, owner: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        with open_regular(path) as file:
            found = os.fstat(file.fileno())
            yield name
            if found.st_uid != owner:
                yield f"{name} another's"
            # An account's own group may write: Debian's umask of a login lets it.
            if found.st_mode & stat.S_IWOTH:
                yield f"{name} writable"
            text = file.read(MOST_BYTES).decode("utf-8", "replace")
        yield from sorted({f"{name} {sign}" for sign in of_recipes(text)})


def of_recipes(text: str) -> Iterator[str]:
    """Yield what is odd about recipes: flags, none to meet, how an action begins."""
    lines = iter([*(line for line in text.splitlines() if line.strip()), ""])
    for line in lines:
        recipe = RECIPE.match(line.strip())
        if not recipe:
            continue
        if recipe[1]:
            yield f"flags {recipe[1]}"
        action = next(lines, "")
        conditional = action.lstrip().startswith("*")
        while action.lstrip().startswith("*"):
            action = next(lines, "")
        if not conditional:
            yield "unconditional"
        odd = ODD_ACTION.match(action)
        if odd:
            yield f"action {odd[1]}"
